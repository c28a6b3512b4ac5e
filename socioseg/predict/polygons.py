"""From a mask to polygons: instances with their holes, outlines simplified, all of them valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine
from rasterio.features import shapes
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from socioseg.instances import MIN_PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

STEP = 0.5
"""Pixels by which the middle of a step is off its ends."""
_SHARES = (1.0, 0.5, 0.0)
"""Of what is left of a tolerance: how much is tried."""
_EXACT = 1e-9  # pixels
_EIGHT = np.ones((3, 3), dtype=np.bool_)


def instances(strips: Iterable[tuple[int, NDArray[np.bool_]]]) -> list[Any]:
    """Outlines of the instances of a mask, along the borders of its pixels.

    Parameters
    ----------
    strips
        First row and mask, (rows, width) bool, of parts of the whole mask, from the top down;
        what lies between them is empty.

    Returns
    -------
    list of Polygon or MultiPolygon
        In pixels, x to the right and y down, in the order of their upper left corners. An
        instance is as in `instance_boxes`; where its parts touch at corners only it is a
        MultiPolygon, so that it is valid.
    """
    whole: list[Any] = []
    cut: list[Any] = []
    for top, strip in strips:
        for polygon in _outlines(_without_specks(strip), top):
            _, low, _, high = polygon.bounds
            (cut if low == top or high == top + len(strip) else whole).append(polygon)
    # Coordinates are whole numbers, so the union is exact; it leaves points amid straight edges.
    whole += shapely.get_parts(shapely.simplify(shapely.union_all(cut), 0)).tolist()
    found = [_joined(group) for group in _groups(whole)]
    found = [shape for shape in found if shape.area >= MIN_PIXELS]
    return sorted(found, key=lambda shape: (*shape.bounds[1::-1], shape.area))


def simplified(shape: Any, tolerance: float) -> Any:  # noqa: ANN401 - shapely geometry
    """`shape`, in pixels, with fewer corners; no point of it moves by more than `tolerance`.

    From half a pixel on, each step of one pixel, of which slanting outlines are made, gives way
    to its middle, which comes nearer to the truth than the steps do; corners go that this leaves
    on a straight line, or nearer to it than what is left of the tolerance. The outline stays as
    it was where the simpler one would cross itself, lose a part, or go too far.
    """
    if tolerance < STEP:
        return shape
    smooth = _without_steps(shape)
    for share in _SHARES:  # a corner may move twice, farther than either move alone
        simpler = shapely.simplify(smooth, max(share * (tolerance - STEP), _EXACT))
        if _stands_for(simpler, shape, tolerance + _EXACT):
            return simpler
    return shape


def _stands_for(simpler: Any, shape: Any, tolerance: float) -> bool:  # noqa: ANN401 - shapely geometry
    if not shapely.is_valid(simpler) or simpler.is_empty:
        return False
    same_parts = shapely.get_num_geometries(simpler) == shapely.get_num_geometries(shape)
    return bool(same_parts and shapely.hausdorff_distance(simpler, shape) <= tolerance)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Drop components of too few pixels, save those that may go on in the next strip."""
    labels, count = ndimage.label(mask, structure=_EIGHT)
    kept = np.bincount(labels.ravel(), minlength=count + 1) >= MIN_PIXELS
    kept[labels[0]] = kept[labels[-1]] = True
    kept[0] = False
    return np.asarray(kept[labels])


def _outlines(mask: NDArray[np.bool_], top: int) -> Iterator[Any]:
    """Polygons of the 4-connected parts of `mask`, whose first row is row `top` of the whole."""
    place = Affine.translation(0, top)
    for outline, _ in shapes(mask.astype(np.uint8), mask=mask, connectivity=4, transform=place):
        yield shapely.normalize(shapely.geometry.shape(outline))


def _groups(polygons: list[Any]) -> Iterator[list[Any]]:
    """Polygons that meet, if only at a corner, together."""
    if not polygons:
        return
    tree = shapely.STRtree(polygons)
    one, other = tree.query(polygons, predicate="intersects")
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(polygons), len(polygons)))
    count, numbers = connected_components(links, directed=False)
    members: list[list[Any]] = [[] for _ in range(count)]
    for number, polygon in zip(numbers, polygons, strict=True):
        members[number].append(polygon)
    yield from members


def _joined(parts: list[Any]) -> Any:  # noqa: ANN401 - shapely geometry
    if len(parts) == 1:
        return shapely.normalize(parts[0])
    return shapely.normalize(shapely.multipolygons(parts))


def _without_steps(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    """Put the middle of each edge of one pixel in place of its ends, in every ring."""
    parts = [
        shapely.Polygon(_smooth(part.exterior), [_smooth(hole) for hole in part.interiors])
        for part in shapely.get_parts(shape)
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _smooth(ring: Any) -> NDArray[np.float64]:  # noqa: ANN401 - shapely geometry
    """Points of a closed ring of edges along pixels, without its steps.

    A step is an edge of one pixel between two edges that go the same way: not an end, a corner.
    """
    points = shapely.get_coordinates(ring)[:-1]
    edges = np.roll(points, -1, axis=0) - points
    along = (np.roll(edges, 1, axis=0) * np.roll(edges, -1, axis=0)).sum(axis=1) > 0
    step = along & (np.abs(edges).sum(axis=1) == 1)
    # Of each point: itself where neither of its edges is a step; of each step: its middle.
    corner = ~(step | np.roll(step, 1))
    both = np.stack([points, points + edges / 2], axis=1).reshape(-1, 2)
    found = both[np.stack([corner, step], axis=1).ravel()]
    return found if len(found) >= 3 else points
