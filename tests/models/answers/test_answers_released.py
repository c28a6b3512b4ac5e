"""Released mode: what the upstream code computed for the same texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from socioseg.models.answers import parse

if TYPE_CHECKING:
    from pathlib import Path


def _golden(shared_data: Path, name: str) -> list[dict[str, Any]]:
    lines = (shared_data.parent / "golden" / name).read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_boxes_of_stage_1(shared_data: Path) -> None:
    for row in _golden(shared_data, "released_stage1.jsonl"):
        answer = parse(row["response"], "socioreasoner", "released")
        assert [list(item.box or ()) for item in answer.items] == row["parsed_boxes"]


def test_boxes_and_points_of_stage_2(shared_data: Path) -> None:
    for row in _golden(shared_data, "released_stage2.jsonl"):
        answer = parse(row["response"], "socioreasoner", "released")
        assert [
            {"box": list(item.box or ()), "points": [list(point) for point in item.points]}
            for item in answer.items
        ] == row["parsed"]
        assert all(item.labels == (1,) * len(item.points) for item in answer.items)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "no_answer"),
        ("<answer>[]", "no_answer"),
        ("<answer>[</answer>", "bad_json"),
        ("<answer>{}</answer>", "not_a_list"),
        ("<answer>[]</answer>", ""),
        ("<answer>[1]</answer>", "no_items"),
    ],
)
def test_a_text_without_items_says_why(text: str, problem: str) -> None:
    answer = parse(text, "socioreasoner", "released")
    assert (answer.items, answer.problem) == ((), problem)


def test_what_no_array_can_hold_is_left_out() -> None:
    text = f'<answer>[{{"bbox_2d": [NaN, 1, 2, 3]}}, {{"bbox_2d": [1, 1, 2, {10**400}]}}]</answer>'
    answer = parse(text, "socioreasoner", "released")
    assert answer.items == ()
    assert len(answer.dropped) == 2


@pytest.mark.parametrize("name", ["released_stage1.jsonl", "released_stage2.jsonl"])
def test_lenient_mode_loses_nothing_that_the_released_code_reads(
    shared_data: Path, name: str
) -> None:
    for row in _golden(shared_data, name):
        released = parse(row["response"], "socioreasoner", "released")
        lenient = parse(row["response"], "socioreasoner")
        assert len(lenient.items) + len(lenient.dropped) >= len(released.items)
        assert lenient.items or not released.items
