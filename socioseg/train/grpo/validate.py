"""How good a policy is on the validation split: the gIoU that `socioseg bench` would give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from socioseg.metrics import aggregate
from socioseg.progress import Progress, quiet
from socioseg.train.memory import FOR_SEGMENTER, room
from socioseg.train.scoring import stats_of_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.metrics import SampleStats
    from socioseg.models.reason.reasoner import Course, Reasoner
    from socioseg.sample import Query
    from socioseg.train.grpo.crew import Crew
    from socioseg.train.grpo.judge import Judge
    from socioseg.train.grpo.sampler import Sampler

SHARE = 16
"""Queries at a time."""


class Judged(NamedTuple):
    """One sample: the score of the first stage's mask and of the final one; rewards by stage."""

    first: SampleStats
    final: SampleStats
    rewards: list[float]


class Validation:
    """Asks for every sample of this process's share, taking the likeliest token always."""

    def __init__(self, reasoner: Reasoner, judge: Judge, crew: Crew, progress: Progress) -> None:
        self._reasoner, self._judge, self._crew = reasoner, judge, crew
        self._progress = progress if crew.leads else quiet
        self._chat: Sampler = reasoner.chat  # type: ignore[assignment] # made so by the caller

    def run(self, queries: Sequence[Query], keep: int) -> tuple[dict[str, float], list[Course]]:
        """The scores over all processes, and the first `keep` courses of this one.

        `giou` is of the masks that count in the end, as in a run of `socioseg bench` at
        temperature 0; `giou_stage1` of those of the first stage; `validation/reward_stage1` and
        `_stage2` are means over the samples that have the stage.
        """
        kept: list[Course] = []
        judged: list[Judged] = []
        with self._chat.greedy(), room("What an evaluation cuts out", FOR_SEGMENTER):
            for start in range(0, len(queries), SHARE):
                looks = self._reasoner.looks(queries[start : start + SHARE])
                courses = self._reasoner.run(looks)
                judged += map(self._judged, courses)
                kept += courses[: max(0, keep - len(kept))]
                self._progress("validation", len(judged), len(queries))
        return _scores(self._crew.gather(judged)), kept

    def _judged(self, course: Course) -> Judged:
        first, *second = course.stages
        rewards = [self._judge(first).total, *(self._judge(each, first).total for each in second)]
        return Judged(stats_of_found(first), stats_of_found(course.final), rewards)


def _scores(judged: Sequence[Judged]) -> dict[str, float]:
    scores = {
        "giou": aggregate([each.final for each in judged])["giou"],
        "giou_stage1": aggregate([each.first for each in judged])["giou"],
    }
    for stage in (1, 2):
        some = [each.rewards[stage - 1] for each in judged if len(each.rewards) >= stage]
        if some:
            scores[f"validation/reward_stage{stage}"] = sum(some) / len(some)
    return scores
