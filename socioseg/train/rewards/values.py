"""What a reward is, and what it is given for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Boxes = Sequence[Sequence[float]]
"""xyxy, in the frame in which the model answers; x1 and y1 exclusive."""
Points = Sequence[Sequence[float]]
"""x, y, in the frame in which the model answers."""


@dataclass(frozen=True, slots=True)
class Reward:
    """What one completion earns.

    Attributes
    ----------
    format
        For the form of the text.
    accuracy
        For what it says, or the mask that came of it.
    length
        For how many boxes or points there are; 0 in rewards that have no such term.
    total
        What the policy is trained on. A reward may be more, or less, than the sum of its parts.
    parts
        Every single term, by a word.
    """

    format: float
    accuracy: float
    length: float
    total: float
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Everything that any of the rewards looks at; what one does not need may be left out.

    Attributes
    ----------
    response
        The completion, without special tokens.
    gt_boxes, gt_points
        True boxes, and a point on each of them, in the model's frame.
    mask
        (H, W) bool: what came of the answer; None where nothing did.
    gt_mask
        (H, W) bool, of the same size.
    stage1_boxes
        The boxes that stage 2 was shown, in the model's frame.
    frame
        Height and width of the model's frame; None where it is that of the masks.
    """

    response: str
    gt_boxes: Boxes = ()
    gt_points: Points = ()
    mask: NDArray[np.bool_] | None = None
    gt_mask: NDArray[np.bool_] | None = None
    stage1_boxes: Boxes = ()
    frame: tuple[int, int] | None = None


def from_parts(
    format: Mapping[str, float],  # noqa: A002 - the word of every paper
    accuracy: Mapping[str, float],
    length: Mapping[str, float] | None = None,
) -> Reward:
    """The reward whose total is the sum of all parts."""
    counted: Mapping[str, float] = length or {}
    form, right, number = (float(sum(parts.values())) for parts in (format, accuracy, counted))
    parts = {**format, **accuracy, **counted}
    return Reward(form, right, number, total=form + right + number, parts=parts)


def is_numbers(value: Any, count: int) -> bool:  # noqa: ANN401 - whatever JSON can hold
    """Whether `value` is a list of `count` numbers."""
    return isinstance(value, list) and len(value) == count and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
