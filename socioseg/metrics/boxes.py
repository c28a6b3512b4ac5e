"""Overlap measures of boxes; (n, 4) arrays of xyxy boxes, (0, 0, 0, 0) for that of an empty mask.

Both are metrics of EVEREST (TechCloud-x/EVEREST 802e585), which calls them gIoU and cIoU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Boxes = NDArray[np.int64]


def generalised_iou(intersection: Values, union: Values, pred: Boxes, true: Boxes) -> Values:
    """Generalised IoU of masks: IoU - (C - U) / C, with C the area of the box around both.

    Rezatofighi et al., CVPR 2019, with masks in the place of boxes. From -1 to 1; 1 where both
    masks are empty.
    """
    hull = _area(_hull(pred, true)).astype(np.float64)
    nothing = union == 0
    iou = intersection / np.where(nothing, 1.0, union)
    loose = (hull - union) / np.where(nothing, 1.0, hull)
    return np.where(nothing, 1.0, iou - loose)


def complete_iou(pred: Boxes, true: Boxes) -> Values:
    """Complete IoU of the boxes around two masks.

    Zheng et al., AAAI 2020: IoU, less the squared distance of the centres over the squared
    diagonal of the box around both, less v^2 / (1 - IoU + v), with v the squared difference of
    the aspects' angles times 4 / pi^2. 1 where both masks are empty, -1 where one is.
    """
    empty = np.stack([_area(pred) == 0, _area(true) == 0])
    # Boxes of one pixel in place of none keep the arithmetic sound; their values are not used.
    pred, true = (np.where(_area(each)[:, None] == 0, [0, 0, 1, 1], each) for each in (pred, true))
    iou = _iou(pred, true)
    away = (_centre(pred) - _centre(true)) ** 2
    diagonal = _sides(_hull(pred, true)).astype(np.float64) ** 2
    shape = 4 / np.pi**2 * (_angle(true) - _angle(pred)) ** 2
    weight = shape / np.where(shape > 0, 1 - iou + shape, 1.0)
    value = iou - away.sum(axis=1) / diagonal.sum(axis=1) - weight * shape
    return np.select([empty.all(axis=0), empty.any(axis=0)], [1.0, -1.0], value)


def _sides(boxes: Boxes) -> Boxes:
    """Width and height, (n, 2)."""
    return boxes[:, 2:] - boxes[:, :2]


def _area(boxes: Boxes) -> Boxes:
    width, height = _sides(boxes).T
    area: Boxes = width * height
    return area


def _centre(boxes: Boxes) -> Values:
    return (boxes[:, 2:] + boxes[:, :2]) / 2


def _angle(boxes: Boxes) -> Values:
    width, height = _sides(boxes).T
    angle: Values = np.arctan2(width, height)
    return angle


def _iou(pred: Boxes, true: Boxes) -> Values:
    corners = np.maximum(pred[:, :2], true[:, :2]), np.minimum(pred[:, 2:], true[:, 2:])
    both = (corners[1] - corners[0]).clip(min=0).prod(axis=1)
    iou: Values = both / (_area(pred) + _area(true) - both)
    return iou


def _hull(pred: Boxes, true: Boxes) -> Boxes:
    """Boxes around both; that of an empty mask adds nothing."""
    around = np.hstack([np.minimum(pred[:, :2], true[:, :2]), np.maximum(pred[:, 2:], true[:, 2:])])
    around = np.where(_area(pred)[:, None] == 0, true, around)
    return np.where(_area(true)[:, None] == 0, pred, around)
