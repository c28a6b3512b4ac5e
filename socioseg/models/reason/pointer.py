"""Ask a chat engine where things are, read its answers, and cut out what they point at."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, NamedTuple

from socioseg.models.answers import Answer, parse, schema_of
from socioseg.models.chat.engine import About, Constraint, Prompt
from socioseg.models.reason.found import Found
from socioseg.models.reason.points import keep_worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.models.answers import Item
    from socioseg.models.chat.engine import ChatEngine, Reply
    from socioseg.models.reason.family import Family
    from socioseg.models.reason.look import Look
    from socioseg.models.reason.prompts import Prompts
    from socioseg.models.reason.settings import Settings
    from socioseg.models.segmenters import Segmenter, Segments

_ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)


class Question(NamedTuple):
    """What is asked about one look: the images as they are shown, and the text.

    `embedded` is the segmenter's of the look's canvas; `first` what an earlier stage found.
    """

    look: Look
    images: tuple[NDArray[np.uint8], ...]
    text: str
    embedded: object
    first: Found | None = None


class Pointer:
    """A chat engine and a segmenter, and how to talk to them."""

    def __init__(
        self,
        chat: ChatEngine,
        segmenter: Segmenter,
        family: Family,
        prompts: Prompts,
        settings: Settings,
    ) -> None:
        self._chat, self._segmenter = chat, segmenter
        self._family, self._prompts, self._settings = family, prompts, settings

    def embed(self, looks: Sequence[Look]) -> list[object]:
        """Encode the canvas of each look, once for all stages; answers to one query share it."""
        queries = list({id(look.query): look for look in looks}.values())
        embedded = self._segmenter.embed([look.canvas for look in queries])
        known = dict(zip((id(look.query) for look in queries), embedded, strict=True))
        return [known[id(look.query)] for look in looks]

    def find(self, questions: Sequence[Question], stage: int) -> list[Found]:
        """What the models find about each of `questions`; `stage` counts from 1."""
        if not questions:
            return []
        grammar = self._family.grammars[min(stage, len(self._family.grammars)) - 1]
        replies = self._chat.ask([self._prompt(each, stage, grammar) for each in questions])
        answers = [
            self._answer(question, reply, grammar)
            for question, reply in zip(questions, replies, strict=True)
        ]
        items = [self._items(*pair) for pair in zip(questions, answers, strict=True)]
        start = time.perf_counter()
        cut_out = self._cut_out(questions, items)
        seconds = (time.perf_counter() - start) / len(questions)
        return [
            _found(question, reply, answer, kept, segments, stage, seconds)
            for question, reply, answer, kept, segments in zip(
                questions, replies, answers, items, cut_out, strict=True
            )
        ]

    def _prompt(self, question: Question, stage: int, grammar: str) -> Prompt:
        first = question.first
        return Prompt(
            text=question.text,
            images=question.images,
            system=self._prompts.system,
            constraint=self._constraint(stage, grammar),
            seed=question.look.seed(stage),
            about=About(question.look, stage, grammar, first.items if first else ()),
        )

    def _constraint(self, stage: int, grammar: str) -> Constraint | None:
        if not self._settings.constrain:
            return None
        return Constraint(schema_of(grammar, stage), thinking=self._prompts.thinking)

    def _answer(self, question: Question, reply: Reply, grammar: str) -> Answer:
        if not reply.written:
            return Answer(problem=reply.status)
        thinking = self._prompts.thinking
        answer = parse(reply.text, grammar, self._settings.mode, thinking=thinking)
        if question.first is None or answer.problem:
            return answer
        return self._family.settled(question.first.answer, answer)

    def _items(self, question: Question, answer: Answer) -> tuple[Item, ...]:
        items = self._family.pointed(answer.items)
        if self._settings.points == "size" and question.first is not None:
            items = tuple(keep_worth(item, question.look.frame) for item in items)
        return items

    def _cut_out(
        self, questions: Sequence[Question], items: Sequence[tuple[Item, ...]]
    ) -> list[Segments]:
        return self._segmenter.segment(
            [question.embedded for question in questions],
            [
                [question.look.target(item) for item in kept]
                for question, kept in zip(questions, items, strict=True)
            ],
        )


def answer_part(text: str) -> str:
    """What stands in the first answer tags of `text`, as it was written; else all of it."""
    found = _ANSWER.search(text)
    return found[1].strip() if found else text.strip()


def _found(
    question: Question,
    reply: Reply,
    answer: Answer,
    items: tuple[Item, ...],
    segments: Segments,
    stage: int,
    seconds: float,
) -> Found:
    cut_off = "" if reply.status == "ok" else reply.status
    status = (cut_off or answer.problem) if answer.problem else "ok"
    return Found(
        look=question.look,
        text=reply.text,
        answer=answer,
        items=items,
        segments=segments,
        status=status,
        detail=reply.detail or "; ".join(answer.dropped),
        seconds={f"chat{stage}": reply.seconds, f"segment{stage}": seconds},
        usage={
            "prompt_tokens": reply.prompt_tokens,
            "tokens": reply.tokens,
            **({"cost": reply.cost} if reply.cost else {}),
        },
    )
