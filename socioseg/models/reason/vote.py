"""Put several answers to one query to the vote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def vote(masks: Sequence[NDArray[np.bool_]]) -> tuple[NDArray[np.bool_], float]:
    """The pixels that at least half of `masks` hold, and how far the masks agree on them.

    Returns
    -------
    mask
        (H, W) bool.
    agreement
        Mean share of the masks that hold a pixel, over the pixels of the outcome; 0 for none.
    """
    share = np.mean(np.stack(masks), axis=0)
    mask = share >= 0.5
    return mask, float(share[mask].mean()) if mask.any() else 0.0


def nearest_to(mask: NDArray[np.bool_], masks: Sequence[NDArray[np.bool_]]) -> int:
    """Which of `masks` has the highest IoU with `mask`; the first of equals."""
    ious = [_iou(mask, other) for other in masks]
    return int(np.argmax(ious))


def _iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0
