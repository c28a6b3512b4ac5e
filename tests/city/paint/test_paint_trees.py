"""Trees that the data names."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from socioseg.city.paint.trees import EVERY, trees
from socioseg.features import Feature, OsmData


def found(*shapes: shapely.Geometry) -> np.ndarray:
    lines = [Feature("way/1", {"natural": "tree_row"}, one) for one in shapes if one.length]
    points = [Feature("node/1", {"natural": "tree"}, one) for one in shapes if not one.length]
    return trees(OsmData(lines=lines, points=points)).places


def test_single_trees_stand_where_they_are() -> None:
    assert found(shapely.Point(5, 6), shapely.Point(1, 2)).tolist() == [[1, 2], [5, 6]]


def test_row_is_planted_evenly() -> None:
    row = found(shapely.LineString([(0, 0), (100, 0)]))
    assert np.diff(row[:, 0]) == pytest.approx(EVERY)
    assert len(row) == pytest.approx(100 / EVERY, abs=1)


def test_other_points_are_no_trees() -> None:
    data = OsmData(points=[Feature("node/1", {"amenity": "bench"}, shapely.Point(1, 1))])
    assert len(trees(data).places) == 0


def test_near_finds_those_whose_crowns_reach_in() -> None:
    data = OsmData(
        points=[
            Feature("node/1", {"natural": "tree"}, shapely.Point(x, 0)) for x in (-90, -3, 5, 90)
        ]
    )
    assert trees(data).near((0, -10, 10, 10)).places[:, 0].tolist() == [-3, 5]
