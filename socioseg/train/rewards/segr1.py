"""Seg-R1's reward: format, IoU and structure of the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.models.answers import parse
from socioseg.train.rewards.masks import mask_iou, structure
from socioseg.train.rewards.values import Reward, from_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IOU, _STRUCTURE = 0.7, 0.3


def segr1(
    response: str,
    mask: NDArray[np.bool_] | None,
    gt_mask: NDArray[np.bool_],
    *,
    bug: bool = False,
) -> Reward:
    """What Seg-R1 was trained on (chenqiu1024/Seg-R1 50b897f): format + 0.7 IoU + 0.3 S; at most 2.

    Format: 1 for a think part and then boxes, points and as many labels in their tags, else 0. S is
    the S-measure; two empty masks have an IoU of 0; no mask is worth 0.

    Parameters
    ----------
    mask, gt_mask
        (H, W).
    bug
        Whether S is what the released code computes: there the truth, already 0 or 1, is cut at 128
        and so is empty, which leaves the share of the image outside the mask. It favours small
        masks, whatever the truth.
    """
    answer = parse(response, "segr1", "strict")
    fits = bool(answer.items) and not answer.dropped
    accuracy = {"iou": 0.0, "structure": 0.0}
    if mask is not None:
        alike = 1.0 - float(mask.mean()) if bug else structure(mask, gt_mask)
        iou = mask_iou(mask, gt_mask, empty=0.0)
        accuracy = {"iou": _IOU * iou, "structure": _STRUCTURE * alike}
    return from_parts({"format": float(fits)}, accuracy)
