"""GrabCut: boxes of any kind, any size, any order."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.errors import UsageError
from socioseg.models.grabcut import GrabCut
from socioseg.models.segmenters import Fill, clip_box

IMAGE = np.random.default_rng(0).integers(0, 255, (40, 56, 3), dtype=np.uint8)
numbers = st.floats(-20, 80)
boxes = st.tuples(numbers, numbers, numbers, numbers)


@settings(max_examples=40)
@given(st.lists(boxes, max_size=3))
def test_masks_stay_within_their_boxes(prompts: list[tuple[float, float, float, float]]) -> None:
    cut, filled = GrabCut(side=32).segment(IMAGE, prompts), Fill().segment(IMAGE, prompts)
    assert cut.masks.shape == filled.masks.shape == (len(prompts), 40, 56)
    assert not (cut.masks & ~filled.masks).any()
    assert ((cut.scores >= 0) & (cut.scores <= 1)).all()
    assert cut.union().shape == (40, 56)


def test_a_box_without_surroundings_is_filled() -> None:
    found = GrabCut().segment(IMAGE, [(0, 0, 56, 40)])
    assert found.masks.all()
    assert found.scores[0] == 0


def test_points_are_foreground() -> None:
    flat = np.full((64, 64, 3), 90, dtype=np.uint8)
    flat[20:40, 20:40] = 200
    box, point = (10, 10, 50, 50), (30.5, 30.5)
    without, with_point = (
        GrabCut().segment(flat, [box], points).masks[0] for points in ([], [[point]])
    )
    assert with_point[30, 30]
    assert with_point.sum() == 400
    assert without.sum() == 400


def test_an_order_of_boxes_changes_nothing() -> None:
    prompts = [(2, 3, 30, 30), (10, 12, 50, 38), (0, 0, 9, 9)]
    forward, backward = GrabCut().segment(IMAGE, prompts), GrabCut().segment(IMAGE, prompts[::-1])
    np.testing.assert_array_equal(forward.masks, backward.masks[::-1])


@given(boxes)
def test_clipped_boxes_lie_in_the_image(box: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = clip_box(box, IMAGE)
    assert 0 <= x0 <= x1 <= 56
    assert 0 <= y0 <= y1 <= 40


def test_without_opencv_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(UsageError, match=r"socioseg\[bench\]"):
        GrabCut()
