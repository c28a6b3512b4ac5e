"""How the samples of a run ended, what they took, and where they lie."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.bench.ask import TOTAL
from socioseg.bench.report.numbers import NONE, amount, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.bench.report.runs import ReportRun
    from socioseg.bench.scored import Scored

OUTCOMES = {
    "failed": "failed: no usable answer",
    "empty": "empty, though there is something",
    "beside": "beside it: not one pixel shared",
    "poor": "touches it, IoU up to 0.5",
    "good": "IoU above 0.5",
}
"""From worst to best; each sample has one."""
EXAMPLES = 3


class Share(NamedTuple):
    """How many samples, and which part of all (0 to 1)."""

    samples: int
    share: float


class Status(NamedTuple):
    """Samples of each run that ended with `status`, and what was said of it most often."""

    status: str
    shares: list[Share]
    details: list[str]


class Times(NamedTuple):
    """A row of the table of times: what of which run, and its figures as they are shown."""

    run: int
    part: str
    figures: list[str]


def outcome(scored: Scored) -> str:
    """Which of `OUTCOMES` a sample is."""
    stats = scored.stats
    if stats.failed:
        return "failed"
    if stats.iou > 0.5:
        return "good"
    if not stats.pred_area:
        return "empty"
    return "poor" if stats.intersection else "beside"


def outcomes(run: ReportRun) -> dict[str, Share]:
    """How many samples of the run had each outcome."""
    found = Counter(map(outcome, run.scored.values()))
    return {name: _share(found[name], len(run.scored)) for name in OUTCOMES}


def statuses(runs: Sequence[ReportRun]) -> list[Status]:
    """Every status that a line of the runs has, the most frequent first."""
    counts = [Counter(line.status for line in run.lines.values()) for run in runs]
    return [
        Status(
            status,
            [
                _share(count[status], len(run.lines))
                for count, run in zip(counts, runs, strict=True)
            ],
            _details(runs, status),
        )
        for status, _ in sum(counts, Counter()).most_common()
    ]


def _share(count: int, whole: int) -> Share:
    return Share(count, count / whole if whole else 0.0)


def _details(runs: Sequence[ReportRun], status: str) -> list[str]:
    said = Counter(
        line.detail
        for run in runs
        for line in run.lines.values()
        if line.status == status and line.detail
    )
    return [text for text, _ in said.most_common(EXAMPLES)]


def histogram(run: ReportRun, bins: int = 10) -> list[Share]:
    """Samples by their IoU, in `bins` equal steps from 0 to 1."""
    ious = [scored.stats.iou for scored in run.scored.values()]
    counts = np.histogram(ious, bins, (0, 1))[0]
    return [_share(int(count), len(ious)) for count in counts]


def times(runs: Sequence[ReportRun]) -> list[Times]:
    """Seconds a sample of each run, the whole first, then its parts: samples, median, mean, p95."""
    found = []
    for number, run in enumerate(runs):
        parts: defaultdict[str, list[float]] = defaultdict(list)
        for line in run.lines.values():
            for part, value in line.seconds.items():
                parts[part].append(value)
        ordered = sorted(parts, key=lambda part: (part != TOTAL, part))
        found += [Times(number, part, _figures(parts[part])) for part in ordered]
    return found


def _figures(values: Sequence[float]) -> list[str]:
    of_times = (np.median(values), np.mean(values), np.percentile(values, 95))
    return [str(len(values)), *(seconds(float(value)) for value in of_times)]


def usage(runs: Sequence[ReportRun]) -> list[Times]:
    """What the runs cost, such as tokens and dollars: samples, mean of a sample, sum."""
    found = []
    for number, run in enumerate(runs):
        for name in sorted({name for line in run.lines.values() for name in line.usage}):
            values = [line.usage[name] for line in run.lines.values() if name in line.usage]
            figures = [str(len(values)), amount(float(np.mean(values))), amount(sum(values))]
            found.append(Times(number, name, figures))
    return found


def machines(run: ReportRun) -> str:
    """The machines of the run's sessions, in words."""
    said = [
        ", ".join(
            f"{value} {name}" if isinstance(value, int) else value
            for name, value in session.hardware.items()
        )
        for session in run.info.sessions
    ]
    return "; ".join(dict.fromkeys(said)) or NONE
