"""SocioReasoner's rewards for its two stages, as the paper states them and as they were released.

paper: "Urban Socio-Semantic Segmentation with Vision-Language Reasoning" (arXiv 2601.10477 v2).
The format is 0 or 1, and 0 makes the whole reward 0. What the paper leaves open is decided here:
where there is no true box, finding nothing is worth 1 and finding something 0; two empty masks
have an IoU of 1, as in scoring; a stage-2 answer without objects has a length term only there.

released: the code of AMAP-ML/SocioReasoner 7ba0c65. A plain sum without a gate; the format counts
tags and schema apart; boxes are also asked to be within 10 pixels; IoU takes x1 and y1 for the
last pixel; two empty masks are worth 0. A matched pair is worth [IoU > 0.5] + [distance < 10] - 1,
so a pair that is wrong twice costs. What the rest of the training does to the number (half
precision, clipping, normalising) is no part of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from socioseg.errors import UsageError
from socioseg.models.answers import parse
from socioseg.train.rewards.geometry import CUT, as_array, best_sum, box_distances, box_ious
from socioseg.train.rewards.masks import mask_iou
from socioseg.train.rewards.text import answer_value, has_tags
from socioseg.train.rewards.values import Reward, from_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.answers import Item
    from socioseg.train.rewards.geometry import Floats
    from socioseg.train.rewards.values import Boxes

Variant = Literal["paper", "released"]
IDEAL_POINTS = 2
_HIT, _NEAR = 0.5, 10.0


def stage1(response: str, gt_boxes: Boxes, variant: Variant = "paper") -> Reward:
    """The reward of boxes: format, how many are right, how near their number is.

    paper: format + matched / max(K, J) + exp(-2 |K - J| / J), for K boxes and J true ones, of
    which those of a one-to-one matching with IoU > 0.5 are matched; at most 3.

    Parameters
    ----------
    response
        The completion, without special tokens.
    gt_boxes
        True boxes, xyxy, in the frame in which the model answers.
    variant
        "paper" or "released"; see the module.

    Raises
    ------
    UsageError
        If there is no such variant.
    """
    _check(variant)
    truth = np.asarray(gt_boxes, dtype=np.float64).reshape(-1, 4)
    if variant == "released":
        return _released_stage1(response, truth)
    items = _exact_items(response, points=False)
    if items is None:
        return _gated({"schema": 0.0}, 0.0, 0.0)
    boxes = np.array([item.box for item in items], dtype=np.float64).reshape(-1, 4)
    most = max(len(boxes), len(truth))
    matched = best_sum(box_ious(boxes, truth) > _HIT) / most if most else 1.0
    return _gated({"schema": 1.0}, matched, _count_term(len(boxes), len(truth)))


def stage2(
    response: str,
    stage1_boxes: Boxes,
    mask: NDArray[np.bool_] | None,
    gt_mask: NDArray[np.bool_],
    variant: Variant = "paper",
) -> Reward:
    """The reward of boxes with points: format, IoU of the mask they gave, points of each object.

    paper: format + IoU + mean over the objects of exp(-(n - 2)^2 / 8), for n points; at most 3.

    Parameters
    ----------
    response
        The completion, without special tokens.
    stage1_boxes
        The boxes that stage 2 was shown, which only the released format asks for again.
    mask
        (H, W): what the segmenter made of the answer; None where there is none, which is worth 0.
    gt_mask
        (H, W): the truth.
    variant
        "paper" or "released"; see the module.

    Raises
    ------
    UsageError
        If there is no such variant, or a mask is not boolean, or the two differ in size (which
        the released code rewards with 0).
    """
    _check(variant)
    if variant == "released":
        return _released_stage2(response, stage1_boxes, mask, gt_mask)
    items, iou = _exact_items(response, points=True), mask_iou(mask, gt_mask)
    if items is None:
        return _gated({"schema": 0.0}, iou, 0.0)
    terms = [points_term(len(item.points)) for item in items]
    nothing = 0.0 if gt_mask.any() else 1.0
    return _gated({"schema": 1.0}, iou, sum(terms) / len(terms) if terms else nothing)


def points_term(count: int) -> float:
    """exp(-(n - 2)^2 / 8): 1 for two points, 0.61 for none."""
    return math.exp(-((count - IDEAL_POINTS) ** 2) / 8)


def _check(variant: str) -> None:
    if variant not in {"paper", "released"}:
        raise UsageError(f"Rewards are those of the paper or released, not {variant!r}.")


def _gated(format_parts: dict[str, float], accuracy: float, length: float) -> Reward:
    """The reward that is 0 as a whole where its format is 0."""
    valid = min(format_parts.values())
    total = valid + accuracy + length if valid else 0.0
    parts = {**format_parts, "accuracy": accuracy, "length": length}
    return Reward(valid, accuracy, length, total, parts)


def _exact_items(response: str, *, points: bool) -> Sequence[Item] | None:
    """Objects of a response of exactly the stage's format; None where it is not."""
    answer = parse(response, "socioreasoner", "strict")
    if answer.problem or answer.dropped:
        return None
    value = answer_value(response.partition("</think>")[2])  # thoughts may hold tags
    return answer.items if all(("points" in item) == points for item in value) else None


def _count_term(found: int, true: int) -> float:
    if not true:
        return 0.0 if found else 1.0
    return math.exp(-2 * abs(found - true) / true)


def _released_stage1(response: str, truth: Floats) -> Reward:
    value = answer_value(response)
    items = value if isinstance(value, list) else []
    schema = [_is_box_item(item) for item in items]
    boxes = _released_boxes(value)
    return from_parts(
        {"tags": float(has_tags(response)), "schema": _mean(schema)},
        {"boxes": _released_accuracy(boxes, truth)},
        {"count": 0.0 if boxes is None else _count_term(len(boxes), len(truth))},
    )


def _is_box_item(item: Any) -> bool:  # noqa: ANN401 - JSON
    return (
        isinstance(item, dict)
        and item.keys() == {"bbox_2d"}
        and isinstance(item["bbox_2d"], list)
        and len(item["bbox_2d"]) == 4
    )


def _released_boxes(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON
    """Whatever stands as `bbox_2d`; None where one item has none, or lists differ in length."""
    try:
        boxes = [item["bbox_2d"] for item in value]
    except (TypeError, KeyError):
        return None
    lengths = {len(box) if isinstance(box, list) else -1 for box in boxes}
    return boxes if len(lengths) <= 1 else None


def _released_accuracy(boxes: list[Any] | None, truth: Floats) -> float:
    found = as_array(boxes or [], 4)
    truth = truth[:CUT]
    if found is None or not len(found) or not len(truth):
        return 0.0
    hits = (box_ious(found, truth, added=1.0) > _HIT).astype(np.int64)
    near = box_distances(found, truth) < _NEAR
    pairs = min(len(found), len(truth))
    return (best_sum(hits + near) - pairs) / max(len(found), len(truth))


def _released_stage2(
    response: str,
    stage1_boxes: Boxes,
    mask: NDArray[np.bool_] | None,
    truth: NDArray[np.bool_],
) -> Reward:
    value = answer_value(response)
    items = value if isinstance(value, list) else []
    shown = [list(box) for box in stage1_boxes]
    same = len(items) == len(shown)
    schema = [_refines(*pair) for pair in zip(items, shown, strict=True)] if same else []
    fits = mask is not None and mask.shape == truth.shape
    return from_parts(
        {"tags": float(has_tags(response)), "schema": _mean(schema)},
        {"iou": mask_iou(mask, truth, empty=0.0) if fits else 0.0},
        {"points": _mean([_released_points(item) for item in items])},
    )


def _refines(item: Any, box: list[float]) -> bool:  # noqa: ANN401 - JSON
    """Whether an item repeats its box, and all of its points lie strictly inside; keys are free."""
    if not isinstance(item, dict) or item.get("bbox_2d") != box:
        return False
    points = item.get("points")
    found = as_array(points, 2) if isinstance(points, list) else None
    if found is None:
        return False
    x0, y0, x1, y1 = box
    return all(x0 < x < x1 and y0 < y < y1 for x, y in found.tolist())


def _released_points(item: Any) -> float:  # noqa: ANN401 - JSON
    """The term of one object; 0 for what has no list of points."""
    points = item.get("points") if isinstance(item, dict) else None
    return points_term(len(points)) if isinstance(points, list) else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
