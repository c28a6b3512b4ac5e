"""SAM-R1's reward: tiers of the mask's IoU, and the format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.models.answers import parse
from socioseg.train.rewards.masks import mask_iou
from socioseg.train.rewards.text import has_tags
from socioseg.train.rewards.values import Reward, from_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TIERS = ((0.8, 4.0), (0.7, 3.0), (0.5, 2.0))
"""IoU above which, in this order, how much is given."""


def samr1(
    response: str,
    mask: NDArray[np.bool_] | None,
    gt_mask: NDArray[np.bool_],
    *,
    tags_size: float = 1.0,
    json_size: float = 1.0,
    json_penalty: float = 1.0,
) -> Reward:
    """What SAM-R1 was trained on (arXiv 2505.22596, which has no code), as far as is published.

    Published: 4 for an IoU above 0.8, 3 above 0.7, 2 above 0.5, else 0; something for the tags;
    something for valid JSON, and a penalty for JSON that is not. Not published: the sizes of these
    three, for which we take 1; to which tier an IoU of exactly 0.8, 0.7 or 0.5 belongs (here the
    lower); what two empty masks are worth (here 4, their IoU being 1 as in scoring).

    Parameters
    ----------
    mask, gt_mask
        (H, W); no mask is worth 0.
    tags_size, json_size, json_penalty
        What the tags and valid JSON earn, and what other JSON costs.
    """
    answer = parse(response, "samr1", "strict")
    valid = bool(answer.items) and not answer.dropped
    iou = mask_iou(mask, gt_mask)
    return from_parts(
        {"tags": tags_size * has_tags(response), "json": json_size if valid else -json_penalty},
        {"tier": next((size for least, size in _TIERS if iou > least), 0.0)},
    )
