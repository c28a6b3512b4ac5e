"""Quarters of a town, each with its script, and the names that are given there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Point

from socioseg.city.naming import LATIN
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator
    from shapely import LineString
    from shapely.geometry.base import BaseGeometry

    from socioseg.city.naming import Namer
    from socioseg.city.places import Kind, PointKind

SPREAD = 0.34  # of the town's size: how far from the origin quarters have their middles


class Quarters:
    """The ground nearest to each of some middles; every second one has the first script."""

    def __init__(self, scripts: Sequence[str], size: float, namer: Namer, rng: Generator) -> None:
        others = [s for s in scripts[1:] for _ in range(2)]
        self._scripts = [scripts[0]] * (len(others) + 2) + others
        turns = rng.permutation(len(self._scripts)) * 2.399963  # the golden angle spreads them
        reach = np.sqrt((np.arange(len(turns)) + 0.5) / len(turns)) * SPREAD * size * 1.3
        middles = np.column_stack([np.cos(turns), np.sin(turns)]) * rng.permutation(reach)[:, None]
        self._middles = shapely.points(middles)
        self._namer = namer

    def script(self, at: BaseGeometry) -> str:
        """Script of the quarter that the middle of `at` lies in."""
        return self._scripts[int(np.argmin(shapely.distance(self._middles, at.centroid)))]

    def names(self, kind: Kind | PointKind, at: BaseGeometry) -> dict[str, str]:
        """Tags of the name of a new place; none for kinds that have no names."""
        if kind.chain:
            return self._namer.chain(kind.chain)
        return self._namer.place(kind.name, self.script(at)) if kind.name else {}

    def street(self, line: LineString) -> dict[str, str]:
        """Tags of the name of a new street."""
        return self._namer.street(self.script(line))

    def river(self) -> dict[str, str]:
        """Tags of the name of the river."""
        return self._namer.place("river", LATIN)

    def suburbs(self) -> list[Item]:
        """Points with the names of the quarters."""
        return [
            Item({"place": "suburb", **self._namer.place("suburb", script)}, Point(middle))
            for script, middle in zip(self._scripts, self._middles, strict=True)
        ]
