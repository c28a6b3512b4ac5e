"""Every reward by name, called alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.errors import UsageError
from socioseg.recipe import hint
from socioseg.train.rewards.everest import everest_stage1, everest_stage2
from socioseg.train.rewards.samr1 import samr1
from socioseg.train.rewards.segr1 import segr1
from socioseg.train.rewards.segzero import segzero
from socioseg.train.rewards.socioreasoner import stage1, stage2
from socioseg.train.rewards.visionreasoner import visionreasoner

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.train.rewards.socioreasoner import Variant
    from socioseg.train.rewards.values import Case, Reward


def _truth(case: Case) -> NDArray[np.bool_]:
    if case.gt_mask is None:
        raise UsageError("This reward looks at masks: give the case a gt_mask.")
    return case.gt_mask


def _stage2(case: Case, variant: Variant) -> Reward:
    return stage2(case.response, case.stage1_boxes, case.mask, _truth(case), variant)


def _segzero(case: Case) -> Reward:
    if len(case.gt_boxes) != 1 or len(case.gt_points) < 2:
        raise UsageError("Seg-Zero's reward needs one true box and two true points.")
    return segzero(case.response, case.gt_boxes[0], case.gt_points)


REWARDS: dict[str, Callable[[Case], Reward]] = {
    "socioreasoner.1": lambda case: stage1(case.response, case.gt_boxes),
    "socioreasoner.2": lambda case: _stage2(case, "paper"),
    "socioreasoner-released.1": lambda case: stage1(case.response, case.gt_boxes, "released"),
    "socioreasoner-released.2": lambda case: _stage2(case, "released"),
    "visionreasoner": lambda case: visionreasoner(case.response, case.gt_boxes, case.gt_points),
    "segzero": _segzero,
    "segr1": lambda case: segr1(case.response, case.mask, _truth(case)),
    "segr1-released": lambda case: segr1(case.response, case.mask, _truth(case), bug=True),
    "samr1": lambda case: samr1(case.response, case.mask, _truth(case)),
    "everest.1": lambda case: everest_stage1(case.response, case.gt_boxes),
    "everest.2": lambda case: everest_stage2(
        case.response, case.mask, _truth(case), case.gt_boxes, case.frame
    ),
}
"""Rewards by name; of a system with two stages, .1 and .2."""


def find_reward(name: str) -> Callable[[Case], Reward]:
    """The reward called `name`.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in REWARDS:
        known = dict.fromkeys(name.removesuffix(".1").removesuffix(".2") for name in REWARDS)
        raise UsageError(f"There is no reward {name!r}{hint(name, known)}")
    return REWARDS[name]
