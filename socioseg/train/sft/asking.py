"""How good a model is on the validation split, asked as `socioseg bench` asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.metrics import aggregate
from socioseg.progress import Progress, quiet
from socioseg.train.scoring import stats_of_found

if TYPE_CHECKING:
    from socioseg.metrics import SampleStats
    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.train.grpo.crew import Crew
    from socioseg.train.sft.teacher import Teacher
    from socioseg.train.store import Store


def asked(
    reasoner: Reasoner,
    store: Store,
    seed: int,
    at_a_time: int,
    crew: Crew,
    progress: Progress = quiet,
) -> dict[str, float]:
    """Scores on all samples of `store`, the likeliest token always taken; each process asks some.

    `giou` is of the masks that count in the end, `giou_stage1` of those of the first stage, and
    `invalid` the share of samples whose last answer could not be read.
    """
    teacher: Teacher = reasoner.chat  # type: ignore[assignment] # made so by the caller
    keys = crew.share(store.index())
    firsts: list[SampleStats] = []
    finals: list[SampleStats] = []
    with teacher.greedy():
        for start in range(0, len(keys), at_a_time):
            queries = store.queries(keys[start : start + at_a_time], seed)
            for course in reasoner.run(reasoner.looks(queries)):
                firsts.append(stats_of_found(course.stages[0]))
                finals.append(stats_of_found(course.final))
            if crew.leads:
                progress("validation", len(finals), len(keys))
    firsts, finals = crew.gather(firsts), crew.gather(finals)
    failed = sum(stats.failed for stats in finals) if finals else 0
    return {
        "giou": float(aggregate(finals)["giou"]),
        "giou_stage1": float(aggregate(firsts)["giou"]),
        "invalid": failed / max(1, len(finals)),
    }
