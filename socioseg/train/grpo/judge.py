"""What a completion earns: the truth, turned into the model's frame, against what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.errors import UsageError
from socioseg.models.truepoints import true_points
from socioseg.train.rewards import Case, Reward, find_reward

if TYPE_CHECKING:
    from collections.abc import Callable

    from socioseg.models.reason.found import Found
    from socioseg.models.reason.look import Look
    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.sample import Box, Truth
    from socioseg.train.grpo.settings import GrpoSettings

_OF_FAMILIES = {
    "socioreasoner": "socioreasoner",
    "everest": "everest",
    "visionreasoner": "visionreasoner",
    "seg-zero": "segzero",
    "seg-r1": "segr1",
    "sam-r1": "samr1",
}
_SINGLE = "segzero"
"""The reward of one object: its box is the one around all there are, with two points."""


class Judge:
    """The rewards of a model's stages.

    Raises
    ------
    UsageError
        If there is no such reward, or none is known for the model's family.
    """

    def __init__(self, reasoner: Reasoner, settings: GrpoSettings) -> None:
        name = settings.reward or _OF_FAMILIES.get(reasoner.family.name, "")
        if not name:
            raise UsageError(
                f"No reward was published for the family {reasoner.family.name}: set one,"
                " as in reward=visionreasoner."
            )
        if name == "socioreasoner" and settings.behaviour == "released":
            name = "socioreasoner-released"
        self.stages = reasoner.settings.stages
        self._single = name == _SINGLE
        self._rewards = [_reward(name, stage) for stage in range(1, self.stages + 1)]

    def __call__(self, found: Found, first: Found | None = None) -> Reward:
        """The reward of what was found; in the second stage, after `first`."""
        look, truth = found.look, _truth(found.look)
        if self._single and not truth.boxes:
            return Reward(0.0, 0.0, 0.0, 0.0)
        boxes = [_around(truth)] if self._single else list(truth.boxes)
        per_box = 2 if self._single else 1
        points = [point for box in boxes for point in true_points(truth.mask, box, per_box)]
        case = Case(
            response=found.text,
            gt_boxes=[look.frame.from_sample(box, look.query.size) for box in boxes],
            gt_points=[look.frame.from_sample(point, look.query.size) for point in points],
            mask=found.mask if found.items else None,
            gt_mask=truth.mask,
            stage1_boxes=[item.box for item in first.items if item.box] if first else (),
            frame=(look.frame.height, look.frame.width),
        )
        return self._rewards[1 if first else 0](case)


def _reward(name: str, stage: int) -> Callable[[Case], Reward]:
    try:
        return find_reward(f"{name}.{stage}")
    except UsageError:
        return find_reward(name)


def _truth(look: Look) -> Truth:
    if look.query.truth is None:
        raise UsageError(f"The sample {look.query.id} has no truth to be judged by.")
    return look.query.truth


def _around(truth: Truth) -> Box:
    x0, y0, x1, y1 = zip(*truth.boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
