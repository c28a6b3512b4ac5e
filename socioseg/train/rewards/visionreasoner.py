"""VisionReasoner's reward: tags, schema, no repetition, boxes and points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.errors import UsageError
from socioseg.models.answers import parse
from socioseg.train.rewards.geometry import (
    CUT,
    best_sum,
    box_distances,
    box_ious,
    inside,
    point_distances,
)
from socioseg.train.rewards.text import answer_value, has_tags, repeated_sentences
from socioseg.train.rewards.values import Reward, from_parts, is_numbers

if TYPE_CHECKING:
    from socioseg.train.rewards.values import Boxes, Points

_HIT, _NEAR_BOX, _NEAR_POINT = 0.5, 10.0, 30.0
_MOST_REPEATS = 1


def visionreasoner(response: str, gt_boxes: Boxes, gt_points: Points) -> Reward:
    """What VisionReasoner was trained on (trained in dvlab-research/Seg-Zero); at most 7.

    Format: tags 0 or 1; schema, the mean over the items of [a box] + [one point]; 1 for a text in
    which no two sentences stood before. Accuracy: the best one-to-one matching by [IoU > 0.5] +
    [mean distance of the corners < 10] + [distance of the point < 30, and it lies in the box], over
    max(K, J), both cut at 120; an answer of which one item is broken has no boxes. The source's
    pixel rule of IoU was not read; here x1 and y1 count as pixels, as in the code derived from it.

    Parameters
    ----------
    gt_boxes, gt_points
        True boxes, and the point of each, in the frame in which the model answers (840 x 840).

    Raises
    ------
    UsageError
        If there are not as many points as boxes.
    """
    if len(gt_boxes) != len(gt_points):
        raise UsageError("VisionReasoner's reward needs a point for each true box.")
    value = answer_value(response)
    items = value if isinstance(value, list) else []
    schema = sum(map(_item_parts, items)) / len(items) if items else 0.0
    repeats = repeated_sentences(response)
    return from_parts(
        {
            "tags": float(has_tags(response)),
            "schema": schema,
            "no_repeat": float(repeats <= _MOST_REPEATS),
        },
        {"boxes_points": _accuracy(response, gt_boxes, gt_points)},
    )


def _item_parts(item: Any) -> int:  # noqa: ANN401 - JSON
    if not isinstance(item, dict):
        return 0
    return is_numbers(item.get("bbox_2d"), 4) + is_numbers(item.get("point_2d"), 2)


def _accuracy(response: str, gt_boxes: Boxes, gt_points: Points) -> float:
    found = parse(response, "visionreasoner", "released").items[:CUT]
    boxes = np.array([item.box for item in found], dtype=np.float64).reshape(-1, 4)
    points = np.array([item.points[0] for item in found], dtype=np.float64).reshape(-1, 2)
    truth = np.asarray(gt_boxes, dtype=np.float64).reshape(-1, 4)[:CUT]
    true_points = np.asarray(gt_points, dtype=np.float64).reshape(-1, 2)[:CUT]
    if not len(boxes) or not len(truth):
        return 0.0
    near = point_distances(points, true_points) < _NEAR_POINT
    scores = (box_ious(boxes, truth, added=1.0) > _HIT).astype(np.int64)
    scores += box_distances(boxes, truth) < _NEAR_BOX
    scores += near & inside(points, boxes)[:, None]
    return best_sum(scores) / max(len(boxes), len(truth))
