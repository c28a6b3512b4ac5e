"""GrabCut: boxes of any kind, any size, any order."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.errors import UsageError
from socioseg.models.grabcut import GrabCut
from socioseg.models.segmenters import Fill, Segmenter, Segments, Target, clip_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

IMAGE = np.random.default_rng(0).integers(0, 255, (40, 56, 3), dtype=np.uint8)
numbers = st.floats(-20, 80)
Box = tuple[float, float, float, float]
boxes = st.tuples(numbers, numbers, numbers, numbers)


def _segment(segmenter: Segmenter, image: NDArray[np.uint8], *targets: Target) -> Segments:
    return segmenter.segment(segmenter.embed([image]), [targets])[0]


@settings(max_examples=40)
@given(st.lists(boxes, max_size=3))
def test_masks_stay_within_their_boxes(prompts: list[Box]) -> None:
    targets = [Target(box) for box in prompts]
    cut, filled = _segment(GrabCut(side=32), IMAGE, *targets), _segment(Fill(), IMAGE, *targets)
    assert cut.masks.shape == filled.masks.shape == (len(prompts), 40, 56)
    assert not (cut.masks & ~filled.masks).any()
    assert ((cut.scores >= 0) & (cut.scores <= 1)).all()
    assert cut.union().shape == (40, 56)


def test_a_box_without_surroundings_is_filled() -> None:
    found = _segment(GrabCut(), IMAGE, Target((0, 0, 56, 40)))
    assert found.masks.all()
    assert found.scores[0] == 0


def _flat() -> NDArray[np.uint8]:
    """Two bright squares, 20 pixels wide, on grey."""
    flat = np.full((64, 96, 3), 90, dtype=np.uint8)
    flat[20:40, 20:40] = flat[20:40, 60:80] = 200
    return flat


def test_points_are_foreground() -> None:
    box, point = (10, 10, 50, 50), (30.5, 30.5)
    without, with_point = _segment(GrabCut(), _flat(), Target(box), Target(box, (point,))).masks
    assert with_point[30, 30]
    assert with_point.sum() == 400
    assert without.sum() == 400


def test_a_point_beside_it_is_background() -> None:
    box, points = (10, 10, 90, 50), ((30.5, 30.5), (70.5, 30.5))
    both, first = _segment(
        GrabCut(), _flat(), Target(box, points), Target(box, points, (1, 0))
    ).masks
    assert both.sum() == 800
    assert first[20:40, 20:40].all()
    assert not first[30, 70]


def test_a_box_of_sure_background_stays_empty() -> None:
    target = Target((30, 20, 34, 24), ((32.0, 22.0),), (0,))
    assert not _segment(GrabCut(), IMAGE, target).masks.any()


def test_a_point_alone_gets_a_box() -> None:
    found = _segment(GrabCut(side=64), _flat(), Target(None, ((30.5, 30.5),)))
    assert found.masks.sum() == 400
    beside = _segment(GrabCut(), _flat(), Target(None, ((30.5, 30.5),), (0,)))
    assert not beside.masks.any()


def test_labels_go_with_points() -> None:
    with pytest.raises(ValueError, match="2 points have 1 labels"):
        _segment(GrabCut(), IMAGE, Target(None, ((1, 1), (2, 2)), (1,)))


@pytest.mark.parametrize("segmenter", [GrabCut(side=64), Fill()])
def test_a_batch_changes_nothing(segmenter: Segmenter) -> None:
    some = [Target((2, 3, 30, 30)), Target((10, 12, 50, 38)), Target((0, 0, 9, 9))]
    images, targets = [IMAGE, _flat(), IMAGE], [some, [Target((10, 10, 50, 50))], []]
    together = segmenter.segment(segmenter.embed(images), targets)
    for image, wanted, found in zip(images, targets, together, strict=True):
        assert found.masks.shape == (len(wanted), *image.shape[:2])
        for target, mask in zip(wanted, found.masks, strict=True):
            np.testing.assert_array_equal(_segment(segmenter, image, target).masks[0], mask)


@given(boxes)
def test_clipped_boxes_lie_in_the_image(box: Box) -> None:
    x0, y0, x1, y1 = clip_box(box, IMAGE.shape[:2])
    assert 0 <= x0 <= x1 <= 56
    assert 0 <= y0 <= y1 <= 40


def test_without_opencv_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(UsageError, match=r"socioseg\[bench\]"):
        GrabCut()
