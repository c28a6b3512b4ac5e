"""EVEREST's rewards for its two stages: enumerate all instances, then verify each.

Source: TechCloud-x/EVEREST 802e585 (arXiv 2608.24640). What was read of it leaves open the weights
of the keywords (here all alike), the exact words (here those of `SCAN` and `CHECK`), and what is
divided by where there is no true box (here 1).
"""

from __future__ import annotations

import math
import re
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.answers import parse
from socioseg.train.rewards.geometry import CUT, best_sum, box_ious, point_distances
from socioseg.train.rewards.masks import filled_shares, mask_iou
from socioseg.train.rewards.text import answer_value, has_tags, thinking
from socioseg.train.rewards.values import Reward, from_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.answers import Answer, Item
    from socioseg.train.rewards.geometry import Floats
    from socioseg.train.rewards.values import Boxes

SCAN = ("scan", "anchor", "dedup", "confirm")
"""What the thoughts of stage 1 must name: scan, anchor, deduplicate, confirm the count."""
CHECK = ("inspect", "decide", "place", "verify")
"""What the thoughts of stage 2 must name: inspect, decide, place a point, verify the count."""
_CODE = ("def", "for", "if", "return")
_ALIKE, _COVERED, _FILLED = 0.7, 0.3, 0.5


def everest_stage1(response: str, gt_boxes: Boxes) -> Reward:
    """Enumerate: format + count + boxes + coverage - duplicates.

    Format, 0 to 2: for the thoughts 0.6 x share of keywords + 0.2 x share of def, for, if, return +
    0.2 for tags; for the answer 0.3 for any valid box + 0.4 x share of valid ones + 0.3 where the
    declared count is that of the list. Then exp(-|declared - true| / true); the best matching by
    0.7 IoU + 0.3 exp(-distance of centres / diagonal of the true box), over max(P, G); the share of
    true boxes of which a predicted one has IoU >= 0.3; less the share of pairs of predicted boxes
    with IoU >= 0.7.

    Parameters
    ----------
    gt_boxes
        True boxes, xyxy, in the frame in which the model answers (756 x 756).
    """
    answer = parse(response, "everest", "released")
    listed, declared = _listed(response, "declared_count", answer)
    boxes = _boxes(answer.items)
    truth = np.asarray(gt_boxes, dtype=np.float64).reshape(-1, 4)
    ious = box_ious(boxes, truth)
    found = len(boxes) and len(truth)
    return from_parts(
        _format(response, SCAN, answer, listed, agrees=declared == listed),
        {
            "boxes": _matched(boxes, truth, ious) / max(len(boxes), len(truth)) if found else 0.0,
            "coverage": float((ious.max(axis=0) >= _COVERED).mean()) if found else 0.0,
            "duplicates": -_duplicates(boxes),
        },
        {"count": 0.0 if declared is None else _near(declared, len(truth))},
    )


def everest_stage2(
    response: str,
    mask: NDArray[np.bool_] | None,
    gt_mask: NDArray[np.bool_],
    gt_boxes: Boxes,
    frame: tuple[int, int] | None = None,
) -> Reward:
    """Verify: format + mask + recall - over-count + points + counts.

    Format as in stage 1, with its own keywords and `verified_count`. Then the IoU of the masks, 1
    where both are empty; the share of true boxes that the mask fills to half or more; less
    max(0, kept - true) / kept; the share of points on the true mask; 0.5 where the verified count
    is the number kept; 0.5 exp(-|kept - true| / true). Kept is what the answer does not drop.

    Parameters
    ----------
    mask, gt_mask
        (H, W); no mask is worth 0.
    gt_boxes
        True boxes, xyxy, in the frame in which the model answers.
    frame
        Height and width of the frame in which the model answers; that of the masks by default.
    """
    answer = parse(response, "everest", "released")
    listed, verified = _listed(response, "verified_count", answer)
    kept = [item for item in answer.items if item.action != "drop"]
    height, width = frame or gt_mask.shape
    scale = np.array([gt_mask.shape[1] / width, gt_mask.shape[0] / height])
    truth = np.asarray(gt_boxes, dtype=np.float64).reshape(-1, 4)
    shares = filled_shares(mask, truth * np.tile(scale, 2)) if mask is not None else []
    true = len(truth)
    return from_parts(
        _format(response, CHECK, answer, listed, agrees=verified == len(kept)),
        {
            "iou": mask_iou(mask, gt_mask),
            "recall": float(np.mean(np.array(shares) >= _FILLED)) if shares else 0.0,
            "over_count": -max(0, len(kept) - true) / max(1, len(kept)),
            "points": _points_on(kept, gt_mask, scale),
        },
        {
            "verified": 0.5 * (verified == len(kept)),
            "kept": 0.5 * _near(len(kept), true) if answer.items else 0.0,
        },
    )


def _listed(response: str, key: str, answer: Answer) -> tuple[int, int | None]:
    """How many instances the answer lists, readable or not, and how many it says there are."""
    value = answer_value(response, mend_quotes=True)
    value = {"instances": value} if isinstance(value, list) else value
    if not isinstance(value, dict):
        return 0, None
    instances, count = value.get("instances"), value.get(key)
    listed = len(instances) if isinstance(instances, list) else 0
    whole = isinstance(count, int) and not isinstance(count, bool) and abs(count) < 1e9
    return max(listed, len(answer.items)), count if whole else None


def _format(
    response: str, keywords: Sequence[str], answer: Answer, listed: int, *, agrees: bool
) -> dict[str, float]:
    thoughts = thinking(response).lower()
    valid = sum(item.box is not None for item in answer.items)
    named = sum(word in thoughts for word in keywords) / len(keywords)
    code = sum(bool(re.search(rf"\b{word}\b", thoughts)) for word in _CODE) / len(_CODE)
    return {
        "keywords": 0.6 * named,
        "code": 0.2 * code,
        "tags": 0.2 * has_tags(response),
        "any_box": 0.3 * (valid > 0),
        "valid_boxes": 0.4 * valid / listed if listed else 0.0,
        "count_agrees": 0.3 * agrees,
    }


def _boxes(items: Sequence[Item]) -> Floats:
    found = [item.box for item in items if item.box is not None][:CUT]
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def _near(count: int, true: int) -> float:
    return math.exp(-abs(count - true) / max(1, true))


def _matched(boxes: Floats, truth: Floats, ious: Floats) -> float:
    apart = point_distances(_centres(boxes), _centres(truth))
    diagonals = np.hypot(truth[:, 2] - truth[:, 0], truth[:, 3] - truth[:, 1])
    return best_sum(_ALIKE * ious + 0.3 * np.exp(-apart / np.maximum(diagonals, 1e-9)))


def _centres(boxes: Floats) -> Floats:
    centres: Floats = (boxes[:, :2] + boxes[:, 2:]) / 2
    return centres


def _duplicates(boxes: Floats) -> float:
    ious = box_ious(boxes, boxes)
    pairs = [float(ious[i, j] >= _ALIKE) for i, j in combinations(range(len(boxes)), 2)]
    return sum(pairs) / len(pairs) if pairs else 0.0


def _points_on(items: Sequence[Item], mask: NDArray[np.bool_], scale: Floats) -> float:
    """Share of all points that lie on the mask, of which they are `scale` times the pixels."""
    points = [point for item in items for point in item.points]
    if not points:
        return 0.0
    columns, rows = np.floor(np.clip(np.array(points) * scale, -1, 2**30)).astype(np.int64).T
    inside = (columns >= 0) & (rows >= 0) & (columns < mask.shape[1]) & (rows < mask.shape[0])
    return float(mask[rows[inside], columns[inside]].sum()) / len(points)
