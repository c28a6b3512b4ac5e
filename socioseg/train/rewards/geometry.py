"""Boxes and points compared, pair by pair; the best matching of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CUT = 120
"""Boxes of a list that the released rewards look at."""


def as_array(rows: Sequence[Sequence[Any]], width: int) -> Floats | None:
    """(n, width) of the first `CUT` rows; None where one of them is not that many numbers."""
    try:
        found = [[float(v) for v in row if isinstance(v, int | float)] for row in rows[:CUT]]
    except (TypeError, OverflowError):  # not a sequence; an integer beyond any float
        return None
    if any(len(row) != width for row in (*found, *rows[:CUT])):
        return None
    return np.array(found, dtype=np.float64).reshape(-1, width)


def box_ious(first: Floats, second: Floats, *, added: float = 0.0) -> Floats:
    """(n, m) IoU of (n, 4) and (m, 4) boxes; 0 for boxes without area.

    Parameters
    ----------
    added
        1 for the convention that x1 and y1 are the last pixels, and count.
    """
    one, other = first.reshape(-1, 1, 4), second.reshape(1, -1, 4)
    with np.errstate(all="ignore"):  # a model may write any number
        low, high = np.maximum(one, other)[..., :2], np.minimum(one, other)[..., 2:]
        both = np.clip(high - low + added, 0, None).prod(axis=-1)
        union = _areas(one, added) + _areas(other, added) - both
        ious = np.where(union > 0, both / union, 0.0)
    return np.nan_to_num(ious, posinf=0.0, neginf=0.0)


def _areas(boxes: Floats, added: float) -> Floats:
    sides = boxes[..., 2:] - boxes[..., :2] + added
    area: Floats = (sides if added else np.clip(sides, 0, None)).prod(axis=-1)
    return area


def box_distances(first: Floats, second: Floats) -> Floats:
    """(n, m) mean absolute difference of the four coordinates, pixels."""
    one, other = first.reshape(-1, 1, 4), second.reshape(1, -1, 4)
    with np.errstate(all="ignore"):
        distances: Floats = np.abs(one - other).mean(axis=-1)
    return distances


def point_distances(first: Floats, second: Floats) -> Floats:
    """(n, m) Euclidean distances, pixels."""
    one, other = first.reshape(-1, 1, 2), second.reshape(1, -1, 2)
    with np.errstate(all="ignore"):
        distances: Floats = np.hypot(*np.moveaxis(one - other, -1, 0))
    return distances


def inside(points: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """(n,): whether each point lies in its box, borders and all."""
    low, high = boxes[:, :2], boxes[:, 2:]
    found: NDArray[np.bool_] = np.all((points >= low) & (points <= high), axis=-1)
    return found


def best_sum(scores: NDArray[Any]) -> float:
    """Greatest sum of `scores`, (n, m), over pairs of which no two share a row or a column."""
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return float(scores[rows, columns].sum())
