"""The plan of a town: where roads run, and what each piece of ground is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.city.frame import polygons
from socioseg.city.ground import Lot
from socioseg.city.land import Land
from socioseg.city.places import kinds
from socioseg.city.roads import corridor, cut_road, joined
from socioseg.city.skeleton import Road, Skeleton, skeleton
from socioseg.city.warp import Warp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator
    from shapely.geometry.base import BaseGeometry

SIZE = 5600.0  # metres; the size of town that `places.yaml` counts for
ESTATE = 18_000.0  # square metres; larger places are laid out together with the streets
LEAST = 350.0  # square metres of ground worth a use
SMOOTH = 1.5  # metres; spikes thinner than twice this are cut off


class Plan(NamedTuple):
    """Main lines, roads and lots of a town, in metres around its origin, bent by the warp."""

    bones: Skeleton
    roads: list[Road]
    lots: list[Lot]


def plan(size: float, rng: Generator) -> Plan:
    """Plan a town in a square of `size` metres."""
    straight = skeleton(size, rng)
    demands = _demands(size, rng)
    land = Land(straight.districts, straight.centre, size, _marks(straight), rng)
    estates = _settle(land, [d for d in demands if d[1] >= ESTATE])
    land.subdivide()
    warp = Warp(size, rng)
    streets = joined(straight.roads + [cut_road(cut) for cut in land.cuts])
    roads = [Road(warp.bend(road.line), road.rank) for road in streets]
    bones = _bent(straight, warp)
    trimmed = _Trimmer(roads)
    lots = [
        lot._replace(ground=shapely.MultiPolygon(parts) if lot.kind.outers > 1 else parts[0])
        for lot in estates
        if (parts := trimmed(warp.bend(lot.ground)))
    ]
    blocks = [part for piece in land.pieces for part in trimmed(warp.bend(piece.ground))]
    parcels = Land(blocks, bones.centre, size, _marks(bones), rng)
    lots += _settle(parcels, [d for d in demands if d[1] < ESTATE])
    lots += [_filled(piece.ground, piece.reach, rng) for piece in parcels.pieces]
    return Plan(bones, roads, lots)


def _marks(bones: Skeleton) -> Mapping[str, BaseGeometry]:
    return {"rail": bones.rail, "water": bones.water, "motorway": bones.motorway}


def _demands(size: float, rng: Generator) -> list[tuple[str, float]]:
    """Keys of kinds and the areas wanted for them, the largest first."""
    demands = []
    for key, kind in kinds().items():
        if kind.area is not None:
            count = int(kind.count * (size / SIZE) ** 2 + rng.uniform(0, 0.999))
            demands += [(key, float(rng.uniform(*kind.area))) for _ in range(count)]
    return sorted(demands, key=lambda demand: -demand[1])


def _settle(land: Land, demands: list[tuple[str, float]]) -> list[Lot]:
    """Lots for `demands`; a town without room for one of them goes without."""
    lots = []
    for key, area in demands:
        ground = land.take(kinds()[key], area)
        if ground is not None:
            lots.append(Lot(key, kinds()[key], ground))
    return lots


def _filled(ground: BaseGeometry, reach: float, rng: Generator) -> Lot:
    """Give ground that no place asked for the use that is usual at its distance."""
    suited = [(key, k) for key, k in kinds().items() if k.share and not k.misfit(reach)]
    weights = np.array([kind.share for _, kind in suited])
    key, kind = suited[int(rng.choice(len(suited), p=weights / weights.sum()))]
    return Lot(key, kind, ground)


class _Trimmer:
    """Takes the ground of roads out of plots."""

    def __init__(self, roads: list[Road]) -> None:
        self._taken = np.array(corridor(roads))
        self._tree = shapely.STRtree(self._taken)

    def __call__(self, ground: BaseGeometry) -> list[shapely.Polygon]:
        met = self._taken[np.sort(self._tree.query(ground, predicate="intersects"))]
        rest = ground.difference(shapely.union_all(met)).buffer(-SMOOTH, join_style="mitre")
        parts = polygons(rest.buffer(SMOOTH, join_style="mitre").simplify(0.3), LEAST)
        return sorted(parts, key=lambda part: -part.area)


def _bent(bones: Skeleton, warp: Warp) -> Skeleton:
    shapes = {
        field: warp.bend(getattr(bones, field))
        for field in ("centre", "river", "water", "bank", "rail", "railway", "motorway")
    }
    bent: Skeleton = bones._replace(
        **shapes, interchanges=[warp.bend(point) for point in bones.interchanges]
    )
    return bent
