"""A chat engine that knows the answers: what a pipeline asks of it becomes its lessons."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from socioseg.models.chat.engine import Prompt, Reply
from socioseg.train.grpo.sampler import Sampler
from socioseg.train.setup import load_learner
from socioseg.train.sft.truths import first_answer, true_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.sample import Query
    from socioseg.train.methods import Job
    from socioseg.train.sft.settings import LessonSettings


class Lesson(NamedTuple):
    """A question, and the text that answers it truly."""

    prompt: Prompt
    reply: str


class Teacher(Sampler):
    """A chat engine that can be told to take down what it is asked, in place of answering."""

    _taught: tuple[LessonSettings, list[Lesson]] | None = None

    @contextmanager
    def teaching(self, settings: LessonSettings) -> Iterator[list[Lesson]]:
        """Fill the list with a lesson for each prompt; replies are nearly right first answers."""
        lessons: list[Lesson] = []
        self._taught = settings, lessons
        try:
            yield lessons
        finally:
            self._taught = None

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """See `LocalChat.ask`."""
        if self._taught is None:
            return super().ask(prompts)
        settings, lessons = self._taught
        replies = []
        for prompt in prompts:
            about = prompt.about
            if about is None:
                raise ValueError("the teacher was not told what the prompt is about")
            random = np.random.default_rng(prompt.seed)
            lessons.append(Lesson(prompt, true_answer(about, settings, random)))
            replies.append(Reply(first_answer(about, settings, random)))
        return replies


def load_teacher(job: Job, changes: Mapping[str, Any]) -> Reasoner:
    """The job's model with a `Teacher` for its chat engine; see `load_learner`.

    Raises
    ------
    UsageError
        If it is no reasoning model with weights of its own, or a part is wrong.
    """
    return load_learner(job, "learn from answers", f"{__name__}:Teacher", changes)


def lessons_of(
    reasoner: Reasoner, queries: Sequence[Query], settings: LessonSettings
) -> list[Lesson]:
    """Lessons of all stages about `queries`: those of the first stage, then of the second.

    What is drawn, wrong first answers among it, depends on the seed of each query.

    Parameters
    ----------
    reasoner
        Whose chat engine is a `Teacher`.
    queries
        With their truth.
    """
    teacher: Teacher = reasoner.chat  # type: ignore[assignment] # made so by the caller
    with teacher.teaching(settings) as lessons:
        looks = reasoner.looks(queries)
        embedded = reasoner.embed(looks)
        firsts = reasoner.locate(looks, embedded)
        if min(settings.stages, reasoner.settings.stages) > 1:
            reasoner.refine(firsts, embedded)
    return lessons
