"""Seg-Zero's reward: tags, schema, one box and two points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.answers import parse
from socioseg.train.rewards.geometry import box_distances, box_ious, inside, point_distances
from socioseg.train.rewards.text import has_tags
from socioseg.train.rewards.values import Reward, from_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.train.rewards.geometry import Floats
    from socioseg.train.rewards.values import Points

_HIT, _NEAR_BOX, _NEAR_POINTS = 0.5, 10.0, 100.0


def segzero(response: str, gt_box: Sequence[float], gt_points: Points) -> Reward:
    """What Seg-Zero was trained on (dvlab-research/Seg-Zero at 77f9ea5, single object); at most 5.

    Format: tags 0 or 1; strict schema 0 or 1. Accuracy: [IoU > 0.5] + [mean distance of the corners
    < 10] + [mean distance of the points, paired at best, < 100, and both lie in the answer's own
    box]; box and points are those of the first braces anywhere in the text.

    Parameters
    ----------
    gt_box
        xyxy, in the frame in which the model answers (840 x 840).
    gt_points
        Two points, the centres of the two largest inscribed circles.
    """
    answer = parse(response, "segzero", "strict")
    schema = float(bool(answer.items) and not answer.dropped)
    format_parts = {"tags": float(has_tags(response)), "schema": schema}
    found = parse(response, "segzero", "released").items
    if not found or found[0].box is None:
        return from_parts(format_parts, {"iou": 0.0, "corners": 0.0, "points": 0.0})
    box, truth = (np.array([b], dtype=np.float64) for b in (found[0].box, gt_box))
    points = np.array(found[0].points, dtype=np.float64)
    near = _paired(points, np.asarray(gt_points, dtype=np.float64)) < _NEAR_POINTS
    return from_parts(
        format_parts,
        {
            "iou": float(box_ious(box, truth)[0, 0] > _HIT),
            "corners": float(box_distances(box, truth)[0, 0] < _NEAR_BOX),
            "points": float(near and inside(points, box).all()),
        },
    )


def _paired(points: Floats, truth: Floats) -> float:
    """Mean distance of two points to two others, paired so that it is least."""
    apart = point_distances(points, truth)
    return float(min(apart[0, 0] + apart[1, 1], apart[0, 1] + apart[1, 0])) / 2
