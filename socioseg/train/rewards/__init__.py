"""Rewards: a completion and the truth in, numbers out. Numpy and scipy only.

`stage1` and `stage2` are SocioReasoner's; `REWARDS` has them, and those of its relatives, by name.
Boxes and points are in the frame in which the model answers: turn true ones into it first.
"""

from socioseg.train.rewards.registry import REWARDS, find_reward
from socioseg.train.rewards.socioreasoner import stage1, stage2
from socioseg.train.rewards.values import Case, Reward

__all__ = ["REWARDS", "Case", "Reward", "find_reward", "stage1", "stage2"]
