"""Masks compared: what came of an answer, and the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.metrics import stats_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]

_EPSILON = np.finfo(np.float64).eps


def mask_iou(mask: Mask | None, truth: Mask, *, empty: float = 1.0) -> float:
    """IoU as it is scored; 0 where there is no mask, `empty` where both hold nothing.

    Raises
    ------
    UsageError
        If a mask is not boolean and (H, W), or the shapes differ.
    """
    if mask is None:
        return 0.0
    stats = stats_of(mask, truth)
    return stats.iou if stats.union else empty


def filled_shares(mask: Mask, boxes: Floats) -> list[float]:
    """Share of each box, in pixels of the mask and exclusive, that the mask fills."""
    height, width = mask.shape
    shares = []
    for x0, y0, x1, y1 in boxes.tolist():
        left, right = (int(np.clip(round(v), 0, width)) for v in (x0, x1))
        top, bottom = (int(np.clip(round(v), 0, height)) for v in (y0, y1))
        part = mask[top:bottom, left:right]
        shares.append(float(part.mean()) if part.size else 0.0)
    return shares


def structure(mask: Mask, truth: Mask) -> float:
    """S-measure of Fan et al. (ICCV 2017), alpha 0.5: 0 to 1, alike in objects and in regions.

    Where the truth is empty it is the share of the image outside the mask; where the truth is the
    whole image, the share inside.
    """
    share = float(truth.mean())
    if share in {0.0, 1.0}:
        return float(mask.mean()) if share else 1.0 - float(mask.mean())
    found = mask.astype(np.float64)
    objects = share * _object(found[truth]) + (1 - share) * _object(1 - found[~truth])
    return max(0.0, 0.5 * objects + 0.5 * _regions(found, truth.astype(np.float64)))


def _object(values: Floats) -> float:
    """How near to 1, and how uniform, the values on an object are."""
    mean = float(values.mean())
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return 2 * mean / (mean**2 + 1 + spread + _EPSILON)


def _regions(found: Floats, truth: Floats) -> float:
    """Structural similarity of the four parts around the truth's centroid, weighted by area."""
    y, x = (round(float(v.mean())) + 1 for v in np.nonzero(truth))
    total = 0.0
    for rows in (slice(None, y), slice(y, None)):
        for columns in (slice(None, x), slice(x, None)):
            one, other = found[rows, columns], truth[rows, columns]
            if one.size:
                total += one.size / found.size * _similarity(one, other)
    return total


def _similarity(one: Floats, other: Floats) -> float:
    mean, mean_other = one.mean(), other.mean()
    freedom = max(1, one.size - 1)
    spreads = (((one - mean) ** 2).sum() + ((other - mean_other) ** 2).sum()) / freedom
    shared = ((one - mean) * (other - mean_other)).sum() / freedom
    above = 4 * mean * mean_other * shared
    below = (mean**2 + mean_other**2) * spreads
    if above:
        return float(above / (below + _EPSILON))
    return 0.0 if below else 1.0
