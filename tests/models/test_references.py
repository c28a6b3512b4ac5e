"""References: they know nothing, or everything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from socioseg.instances import instance_boxes
from socioseg.models.base import check_prediction
from socioseg.models.references import Empty, Full, Oracle
from socioseg.sample import Level, Query, Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _query(mask: NDArray[np.bool_]) -> Query:
    """Bright where the mask is, dark elsewhere, some noise on both."""
    noise = np.random.default_rng(1).integers(0, 30, (*mask.shape, 3))
    sat = (np.where(mask[..., None], 200, 40) + noise).astype(np.uint8)
    truth = Truth(mask, tuple(instance_boxes(mask)))
    return Query("class_1", Level.CLASS, "school", sat, sat, truth=truth)


def _disc() -> NDArray[np.bool_]:
    rows, columns = np.ogrid[:96, :128]
    return np.hypot(rows - 48, columns - 60) < 30


def test_empty_and_full() -> None:
    query = replace(_query(_disc()), truth=None)
    empty, full = (
        check_prediction(query, model.predict([query])[0]) for model in (Empty(), Full())
    )
    assert empty.ok
    assert full.ok
    assert not empty.mask.any()  # type: ignore[union-attr]
    assert full.mask.all()  # type: ignore[union-attr]


@pytest.mark.parametrize("points", [0, 3])
def test_the_oracle_finds_a_disc_in_its_box(points: int) -> None:
    mask = _disc()
    query = _query(mask)
    found = check_prediction(query, Oracle("grabcut", points).predict([query])[0])
    assert found.mask is not None
    assert (found.mask & mask).sum() / (found.mask | mask).sum() > 0.97
    assert [len(some) for some in found.points] == ([3] if points else [])
    assert found.boxes == [tuple(map(float, instance_boxes(mask)[0]))]


def test_the_filling_oracle_gives_the_boxes() -> None:
    query = _query(_disc())
    mask = Oracle("fill").predict([query])[0].mask
    assert mask is not None
    assert instance_boxes(mask) == list(query.truth.boxes)  # type: ignore[union-attr]
    x0, y0, x1, y1 = query.truth.boxes[0]  # type: ignore[union-attr]
    assert mask.sum() == (x1 - x0) * (y1 - y0)


def test_the_oracle_finds_nothing_where_nothing_is() -> None:
    query = _query(np.zeros((32, 48), dtype=np.bool_))
    found = check_prediction(query, Oracle("grabcut", 2).predict([query])[0])
    assert found.ok
    assert not found.mask.any()  # type: ignore[union-attr]


def test_the_oracle_does_not_depend_on_its_batch() -> None:
    queries = [
        replace(_query(np.roll(_disc(), shift, axis=1)), id=f"class_{shift}")
        for shift in (0, 9, 20)
    ]
    together = Oracle().predict(queries)
    alone = [Oracle().predict([query])[0] for query in reversed(queries)][::-1]
    for one, other in zip(together, alone, strict=True):
        assert one.id == other.id
        np.testing.assert_array_equal(one.mask, other.mask)  # type: ignore[arg-type]
