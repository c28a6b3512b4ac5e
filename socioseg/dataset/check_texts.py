"""Checks of the texts beside the data: plan, card, licence file."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from socioseg.dataset.check_files import CARD, PLAN
from socioseg.dataset.front_matter import card_head
from socioseg.dataset.licence_text import LICENCE_FILE, ODBL_LINK, OSM_CREDIT
from socioseg.dataset.markdown import cell
from socioseg.dataset.problem import Problem
from socioseg.dataset.report import REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from socioseg.dataset.report import Report

_HEAD = ("license", "license_name", "license_link", "configs", "dataset_info")
"""What the head of the card must say; the rest of it people may edit."""


def check_plan(root: Path, made: AbstractSet[str], report: Report) -> Iterator[Problem]:
    """Yield planned samples without an end, and ends without a plan; `made` are ids of rows."""
    planned: Counter[str] = Counter()
    try:
        with (root / PLAN).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                found = _planned_id(line)
                if found:
                    planned[found] += 1
                else:
                    yield Problem(PLAN, "", f"line {number} is not a JSON object with an id")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(PLAN, "", f"cannot be read: {error}")
        return
    for sample_id, count in planned.items():
        if count > 1:
            yield Problem(PLAN, sample_id, f"planned {count} times")
        if sample_id not in made and sample_id not in report.failed:
            yield Problem(PLAN, sample_id, "planned, but neither a row nor a reason in report.json")
    for sample_id in sorted(made - planned.keys()):
        yield Problem(PLAN, sample_id, "a row that was not planned")
    for sample_id in sorted(report.failed.keys() - planned.keys()):
        yield Problem(REPORT, sample_id, "a failed sample that was not planned")
    for sample_id in sorted(report.failed.keys() & made):
        yield Problem(REPORT, sample_id, "said to have failed, but it is a row")


def _planned_id(line: str) -> str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    value = found.get("id") if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def check_card(root: Path, report: Report) -> Iterator[Problem]:
    """Yield what the head of the card says otherwise than the report."""
    try:
        found = _head((root / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        yield Problem(CARD, "", f"its YAML head cannot be read: {' '.join(str(error).split())}")
        return
    wanted = card_head(report)
    for key in _HEAD:
        if found.get(key) != wanted.get(key):
            yield Problem(CARD, "", f"{key} in its YAML head does not fit the data and report.json")
    if report.synthetic and "synthetic" not in (found.get("tags") or []):
        yield Problem(CARD, "", "tags do not say that the images are synthetic")


def _head(text: str) -> dict[str, Any]:
    opening, _, rest = text.partition("\n")
    head, fence, _ = rest.partition("\n---")
    found = yaml.safe_load(head) if opening == "---" and fence else None
    if not isinstance(found, dict):
        raise ValueError("there is none between two lines of ---")  # noqa: TRY004 - not a type slip
    return found


def check_licence(root: Path, report: Report) -> Iterator[Problem]:
    """Yield credits and licences that the licence file does not name."""
    try:
        text = (root / LICENCE_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(LICENCE_FILE, "", f"cannot be read: {error}")
        return
    wanted = [OSM_CREDIT, ODBL_LINK]
    for source in report.imagery:
        wanted += [cell(source.id), cell(source.license), cell(source.attribution)]
    for phrase in dict.fromkeys(wanted):
        if phrase not in text:
            yield Problem(LICENCE_FILE, "", f"does not name {phrase!r}")
