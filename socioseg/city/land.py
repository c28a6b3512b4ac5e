"""Free ground that is cut into pieces until each demand for a site is met."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.city.frame import across, long_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.random import Generator
    from shapely import LineString, Point, Polygon
    from shapely.geometry.base import BaseGeometry

    from socioseg.city.places import Kind

ROOM = 0.85  # a site may be this much smaller than was asked for
SPARE = 1.6  # ground larger than this times the demand is cut
ROUND = 0.4  # least compactness (Polsby-Popper) of a site
NEAREST = 6  # sites by a line are drawn from so many of the nearest
_DISTANCE = (0.0, 0.08, 0.2, 0.37, 0.5)  # from the centre, as a share of the town's size
_BLOCK = (6500.0, 9500.0, 15000.0, 21000.0, 90000.0)  # square metres of a block there


class Piece(NamedTuple):
    """Free ground: `reach` is its distance from the centre as a share of the town's size."""

    ground: Polygon
    area: float
    reach: float
    compact: float


class Cut(NamedTuple):
    """A line along which ground was cut: `area` of what was cut, `reach` as in `Piece`."""

    line: LineString
    area: float
    reach: float


class Land:
    """Pieces of free ground of one town; what is taken leaves the list, cuts are recorded."""

    def __init__(
        self,
        grounds: Iterable[Polygon],
        centre: Point,
        size: float,
        marks: Mapping[str, BaseGeometry],
        rng: Generator,
    ) -> None:
        self._centre, self._size, self._marks, self._rng = centre, size, marks, rng
        self.cuts: list[Cut] = []
        self.pieces = [self._piece(ground) for ground in grounds]

    def take(self, kind: Kind, area: float) -> BaseGeometry | None:
        """Ground of about `area` square metres, where `kind` belongs or near there.

        None, if there is no ground of that size.
        """
        fits = [p for p in self.pieces if p.area >= ROOM * area and p.compact >= ROUND]
        if not fits:
            return None
        piece = self._best(fits, kind)
        self.pieces = [p for p in self.pieces if p is not piece]
        while piece.area > SPARE * area:
            piece = self._part(piece, kind, area)
        if kind.outers > 1:
            self._record(piece, across(piece.ground, kind.outers, self._rng)[1])
        return piece.ground

    def subdivide(self) -> None:
        """Cut all free ground into blocks of the size usual at their distance from the centre."""
        todo, self.pieces = self.pieces, []
        while todo:
            piece = todo.pop()
            target = float(np.interp(piece.reach, _DISTANCE, _BLOCK))
            target *= self._rng.uniform(0.7, 1.5)
            if piece.area <= 1.5 * target:
                self.pieces.append(piece)
            else:
                todo += self._cut(piece, target)

    def _piece(self, ground: Polygon) -> Piece:
        compact = 4 * math.pi * ground.area / ground.length**2
        return Piece(
            ground, ground.area, self._centre.distance(ground.centroid) / self._size, compact
        )

    def _cut(self, piece: Piece, target: float) -> list[Piece]:
        west, south, east, north = long_frame(piece.ground).into(piece.ground).bounds
        slim = (east - west) / max(north - south, 1.0)
        most = max(2, min(4, round(piece.area / target)))
        parts = max(2, min(most, round(slim * 1.3)))
        grounds, lines = across(piece.ground, parts, self._rng)
        self._record(piece, lines)
        return [self._piece(ground) for ground in grounds]

    def _part(self, piece: Piece, kind: Kind, area: float) -> Piece:
        parts = self._cut(piece, area)
        fits = [p for p in parts if p.area >= ROOM * area and p.compact >= ROUND]
        fits = fits or [max(parts, key=lambda p: p.area)]
        chosen = self._best(fits, kind)
        self.pieces += [p for p in parts if p is not chosen]
        return chosen

    def _best(self, pieces: list[Piece], kind: Kind) -> Piece:
        """Draw one of those of `pieces` that fit `kind` best."""
        misfits = np.array([kind.misfit(piece.reach) for piece in pieces])
        best = np.flatnonzero(misfits == misfits.min())
        if kind.by:
            away = shapely.distance([pieces[i].ground for i in best], self._marks[kind.by])
            best = best[np.argsort(away, kind="stable")[:NEAREST]]
        return pieces[int(self._rng.choice(best))]

    def _record(self, piece: Piece, lines: list[LineString]) -> None:
        self.cuts += [Cut(line, piece.area, piece.reach) for line in lines]
