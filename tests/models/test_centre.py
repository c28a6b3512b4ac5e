"""The best fixed region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from socioseg.errors import UsageError
from socioseg.models.centre import GRID, Centre
from socioseg.sample import Level, Query

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 2 * GRID


def _query(level: Level, side: int = SIDE) -> Query:
    image = np.zeros((side, side, 3), dtype=np.uint8)
    return Query(f"{level}_1", level, "school", image, image)


def _box(low: int, high: int, side: int = SIDE) -> NDArray[np.bool_]:
    mask = np.zeros((side, side), dtype=np.bool_)
    mask[low:high, low:high] = True
    return mask


def _iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def _predict(model: Centre, query: Query) -> NDArray[np.bool_]:
    mask = model.predict([query])[0].mask
    assert mask is not None
    return mask


def test_each_level_gets_the_region_of_its_masks() -> None:
    model = Centre()
    model.fit([(Level.NAME, _box(32, 96)), (Level.CLASS, _box(0, 40)), (Level.CLASS, _box(0, 40))])
    assert _iou(_predict(model, _query(Level.NAME)), _box(32, 96)) == 1
    assert _iou(_predict(model, _query(Level.CLASS)), _box(0, 40)) > 0.9


def test_no_centred_box_is_better() -> None:
    dice = np.random.default_rng(3)
    masks = [np.roll(_box(40, 80), dice.integers(-20, 20, 2), (0, 1)) for _ in range(30)]
    model = Centre()
    model.fit((Level.NAME, mask) for mask in masks)
    region = _predict(model, _query(Level.NAME))
    best = np.mean([_iou(region, mask) for mask in masks])
    for reach in range(2, GRID, 6):
        box = _box(GRID - reach, GRID + reach)
        assert np.mean([_iou(box, mask) for mask in masks]) <= best + 1e-9


@pytest.mark.parametrize("side", [20, 100, 768])
def test_it_fits_images_of_any_size(side: int) -> None:
    model = Centre()
    model.fit([(Level.NAME, _box(side // 4, side * 3 // 4, side=side))])
    for asked in (60, 100, 1000):
        wanted = _box(asked // 4, asked * 3 // 4, side=asked)
        assert _iou(_predict(model, _query(Level.NAME, asked)), wanted) > 0.95


def test_what_was_learnt_comes_back() -> None:
    masks = [(Level.NAME, _box(10, 60)), (Level.NAME, _box(0, 0))]
    first, second = Centre(), Centre()
    second.restore(first.fit(masks))
    query = _query(Level.NAME)
    np.testing.assert_array_equal(_predict(first, query), _predict(second, query))


def test_a_level_without_training_masks_is_refused() -> None:
    model = Centre()
    model.fit([(Level.NAME, _box(10, 60))])
    with pytest.raises(UsageError, match="no training mask of level class"):
        model.predict([_query(Level.CLASS)])
