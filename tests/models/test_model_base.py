"""What becomes of good and bad predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.models.base import Prediction, Stage, check_prediction
from socioseg.sample import Level, Query

GREY = np.zeros((4, 6, 3), dtype=np.uint8)
QUERY = Query("class_1", Level.CLASS, "school", GREY, GREY)
MASK = np.eye(4, 6, dtype=np.bool_)
GOOD = Prediction("class_1", MASK)


def test_a_good_prediction_keeps_its_mask_and_trace() -> None:
    boxes, points = np.array([[0, 0, 2, 2]]), [[(np.float32(1), np.int64(1))]]
    given_one = replace(GOOD, boxes=boxes, points=points, texts=("a",), seconds={"sam": 1})  # type: ignore[arg-type]
    found = check_prediction(QUERY, given_one)
    assert found.ok
    assert found.mask is MASK
    assert found.boxes == [(0, 0, 2, 2)]
    assert found.points == [[(1, 1)]]
    assert (found.texts, found.seconds) == (["a"], {"sam": 1.0})


@pytest.mark.parametrize(
    ("mask", "status"),
    [
        (None, "no_mask"),
        (MASK.tolist(), "not_an_array"),
        (MASK.T, "wrong_size"),
        (MASK[None], "wrong_size"),
        (MASK.astype(np.uint8), "not_boolean"),
        (MASK.astype(np.float32), "not_boolean"),
        (np.full((4, 6), np.nan), "not_finite"),
        (np.full((4, 6), np.inf), "not_finite"),
        (MASK.astype(object), "not_boolean"),
    ],
)
def test_a_bad_mask_is_a_failure_with_its_reason(mask: Any, status: str) -> None:  # noqa: ANN401
    found = check_prediction(QUERY, replace(GOOD, mask=mask))
    assert (found.status, found.mask, found.id) == (status, None, "class_1")
    assert found.detail


@pytest.mark.parametrize("changes", [
    {"boxes": [(0, 0, 1)]},
    {"boxes": [(0, 0, 1, float("nan"))]},
    {"boxes": 3},
    {"points": [(1, 2)]},
    {"texts": "one text"},
    {"texts": [b"bytes"]},
    {"seconds": {"a": float("inf")}},
    {"seconds": [1]},
    {"boxes": [object()]},
    {"confidence": 2.0},
    {"usage": {"tokens": "many"}},
    {"stages": ["first"]},
    {"stages": 1},
    {"stages": [Stage("first", boxes=[(0, 0, 1, float("inf"))])]},
    {"stages": [Stage("first", mask=MASK.T)]},
])  # fmt: skip
def test_a_bad_trace_is_a_failure(changes: dict[str, Any]) -> None:
    found = check_prediction(QUERY, replace(GOOD, **changes))
    assert (found.status, found.mask) == ("bad_trace", None)


@pytest.mark.parametrize("thing", [None, MASK, "text", {"mask": MASK}])
def test_what_is_no_prediction_is_a_failure(thing: object) -> None:
    assert check_prediction(QUERY, thing).status == "not_a_prediction"


def test_an_answer_to_another_sample_is_a_failure() -> None:
    assert check_prediction(QUERY, replace(GOOD, id="class_2")).status == "wrong_id"


def test_a_failure_keeps_word_and_texts_but_no_mask() -> None:
    failed = replace(GOOD, status="no_boxes", detail="nothing found", texts=["..."])
    found = check_prediction(QUERY, failed)
    assert (found.status, found.detail, found.mask) == ("no_boxes", "nothing found", None)
    assert found.texts == ["..."]
    assert check_prediction(QUERY, replace(GOOD, status="")).status == "failed"


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_ends_as_utf8(text: str) -> None:
    found = check_prediction(QUERY, replace(GOOD, texts=[text], detail=text))
    assert found.ok
    "".join([*found.texts, found.detail]).encode()


def test_stages_are_kept_with_their_masks() -> None:
    stages = (Stage("first", MASK, np.array([[0, 0, 2, 2]]), notes=("all",)), Stage("second"))  # type: ignore[arg-type]
    found = check_prediction(QUERY, replace(GOOD, stages=stages, confidence=np.float32(0.5)))  # type: ignore[arg-type]
    assert found.confidence == 0.5
    first, second = found.stages
    assert (first.mask is MASK, first.boxes, first.notes) == (True, [(0, 0, 2, 2)], ["all"])
    assert (second.name, second.mask) == ("second", None)
