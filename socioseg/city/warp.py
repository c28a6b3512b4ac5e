"""A gentle distortion that bends the straight lines of a plan, and leaves its edge in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

STEP = 35.0  # metres between the points of a bent line


class Warp:
    """Moves points of a square of `size` metres by a sum of long waves."""

    def __init__(self, size: float, rng: Generator) -> None:
        self._half = size / 2
        turns = rng.uniform(0, 2 * np.pi, 5)
        waves = 2 * np.pi / (size * rng.uniform(0.3, 0.7, 5))
        self._waves = np.column_stack([np.cos(turns), np.sin(turns)]) * waves[:, None]
        self._phases = rng.uniform(0, 2 * np.pi, 5)
        self._moves = rng.uniform(-1, 1, (5, 2)) * 0.006 * size

    def points(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the points `xy` (n, 2) come to lie."""
        share = np.clip(xy / self._half, -1, 1)
        fade = np.prod(1 - share**6, axis=1)
        waves = np.sin(xy @ self._waves.T + self._phases)
        return np.asarray(xy + fade[:, None] * (waves @ self._moves))

    def bend(self, geometry: Any) -> Any:  # noqa: ANN401 - any geometry, or an array of them
        """Bend `geometry`; points are put in so that long edges follow the waves."""
        return shapely.transform(shapely.segmentize(geometry, STEP), self.points)
