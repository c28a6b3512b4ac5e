"""SocioReasoner and its relatives: point, cut out, look again, and cut out anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import UsageError
from socioseg.files import is_there
from socioseg.models.base import Prediction
from socioseg.models.reason.abreast import abreast
from socioseg.models.reason.families import find_family
from socioseg.models.reason.found import Found, merged, total
from socioseg.models.reason.look import open_look
from socioseg.models.reason.pointer import Pointer, Question
from socioseg.models.reason.prompts import fill, load_prompts
from socioseg.models.reason.second import (
    more_question,
    new_ones,
    places_of,
    second_question,
    wants_second,
    why_not,
)
from socioseg.models.reason.settings import Settings
from socioseg.models.reason.vote import nearest_to, vote
from socioseg.models.registry import load_part
from socioseg.recipe import parse_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.models.chat.engine import ChatEngine
    from socioseg.models.reason.look import Look
    from socioseg.models.segmenters import Segmenter
    from socioseg.sample import Query


class Course(NamedTuple):
    """All that was done about one look: each stage, and which of them counts in the end."""

    stages: tuple[Found, ...]
    final: Found
    notes: tuple[str, ...] = ()


class Reasoner:
    """A chat engine that points, a segmenter that cuts out, and a second look at the outcome.

    Parameters
    ----------
    chat, segmenter
        As `socioseg.models.registry.load_part` takes them.
    family
        Name of a family: see `socioseg.models.reason.families`.
    prompts
        As `socioseg.models.reason.prompts.load_prompts` takes them; None for the family's own.
    checkpoint
        Folder of a training, in which the chat engine's `weights` are looked for first.
    **settings
        Fields of `socioseg.models.reason.settings.Settings`.

    Attributes
    ----------
    chat, family, settings
        What it is made of.

    Raises
    ------
    UsageError, RecipeError
        If a part, the family, the prompts or a setting is wrong.
    SocioSegError
        If weights cannot be had.
    """

    name = "reasoner"

    def __init__(
        self,
        chat: str | Mapping[str, Any],
        segmenter: str | Mapping[str, Any] = "sam2",
        family: str = "socioreasoner",
        prompts: str | Mapping[str, Any] | None = None,
        checkpoint: str | None = None,
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> None:
        self.family = find_family(family)
        self.settings = parse_recipe(settings, Settings, f"model of family {family}")
        self._prompts = load_prompts(prompts or self.family.prompts)
        if own := self.settings.frame:
            options = self.settings.frame_options
            self.family = replace(self.family, frame=own, frame_options=options)
        self._check()
        self.chat: ChatEngine = load_part(_inside(checkpoint, chat), "chat engine")
        cutter: Segmenter = load_part(segmenter, "segmenter")
        self._check_votes(self.chat)
        self.needs_truth = bool(getattr(self.chat, "needs_truth", False))
        written = self.chat.revision
        # a folder that is moved holds the same weights
        self.revision = f"{written.rpartition('@')[2] if checkpoint else written}+{cutter.revision}"
        self._pointer = Pointer(self.chat, cutter, self.family, self._prompts, self.settings)

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """The mask of each query, with the course that led to it."""
        draws = self.settings.votes
        courses = self.run(self.looks(samples, draws))
        return [_voted(courses[start : start + draws]) for start in range(0, len(courses), draws)]

    def looks(self, samples: Sequence[Query], draws: int = 1) -> list[Look]:
        """Each query as the model sees it, for `draws` answers in a row to each."""
        opened = abreast(
            lambda query: open_look(query, self.family, in_frame=self.settings.released), samples
        )
        return [replace(look, draw=draw) for look in opened for draw in range(draws)]

    def embed(self, looks: Sequence[Look]) -> list[object]:
        """Each look's image as the segmenter wants it: for `locate` and `refine`."""
        return self._pointer.embed(looks)

    def locate(self, looks: Sequence[Look], embedded: Sequence[object]) -> list[Found]:
        """The first stage, asked once."""
        return self._pointer.find(
            [
                Question(look, look.images, fill(self._prompts.locate, places_of(look)), known)
                for look, known in zip(looks, embedded, strict=True)
            ],
            1,
        )

    def refine(self, firsts: Sequence[Found], embedded: Sequence[object]) -> list[Found]:
        """The second stage, on images with what was found in the first drawn in.

        Looks at one and the same outcome, which differ in the number of their draw alone, share
        these images.
        """
        pairs = {_outcome(pair[0]): pair for pair in zip(firsts, embedded, strict=True)}
        drawn = abreast(
            lambda pair: second_question(*pair, self.family, self._prompts, self.settings),
            list(pairs.values()),
        )
        questions = dict(zip(pairs, drawn, strict=True))
        return self._pointer.find(
            [questions[_outcome(each)]._replace(look=each.look, first=each) for each in firsts], 2
        )

    def run(self, looks: Sequence[Look]) -> list[Course]:
        """Each of `looks` from its first stage to what counts in the end."""
        embedded = self.embed(looks)
        firsts = self._all_of_them(self.locate(looks, embedded), embedded)
        again = [i for i, first in enumerate(firsts) if wants_second(first, self.settings)]
        seconds = self.refine([firsts[i] for i in again], [embedded[i] for i in again])
        second_of = dict(zip(again, seconds, strict=True))
        return [self._course(first, second_of.get(i)) for i, first in enumerate(firsts)]

    def _all_of_them(self, firsts: list[Found], embedded: Sequence[object]) -> list[Found]:
        """Ask for what is left, until nothing new is found or the rounds are over."""
        open_ones = [i for i, first in enumerate(firsts) if first.ok and first.items]
        for _ in range(1, self.settings.rounds):
            further = self._pointer.find(
                [
                    more_question(firsts[i], embedded[i], self.family, self._prompts)
                    for i in open_ones
                ],
                1,
            )
            news = [new_ones(firsts[i], new) for i, new in zip(open_ones, further, strict=True)]
            for i, new, keep in zip(open_ones, further, news, strict=True):
                firsts[i] = merged(firsts[i], new, keep)
            open_ones = [i for i, keep in zip(open_ones, news, strict=True) if any(keep)]
        return firsts

    def _course(self, first: Found, second: Found | None) -> Course:
        if second is None:
            return Course((first,), first)
        reason = why_not(first, second, self.settings) if self.settings.give_up else ""
        if reason and first.ok:
            return Course((first, second), first, (f"kept the first mask: {reason}",))
        return Course((first, second), second)

    def _check(self) -> None:
        if self.settings.rounds > 1 and not self._prompts.more:
            raise UsageError("rounds: these prompts have no text `more` to ask for what is left.")
        if len(self.family.grammars) == 1:
            self.settings = self.settings.model_copy(update={"stages": 1})
        if self.settings.stages == 2 and not self._prompts.refine:
            raise UsageError("stages: these prompts have no text `refine`; set stages to 1.")

    def _check_votes(self, engine: ChatEngine) -> None:
        if self.settings.votes > 1 and getattr(engine, "temperature", None) == 0:
            raise UsageError(
                "votes: every answer is the same at temperature 0; set chat.temperature to 1."
            )


def _inside(folder: str | None, chat: str | Mapping[str, Any]) -> str | Mapping[str, Any]:
    """The engine with its weights in `folder`, where there are such or none elsewhere."""
    if folder is None or isinstance(chat, str) or "weights" not in chat:
        return chat
    name = str(chat["weights"])
    path = Path(folder) / name
    lost = chat.get("name") == "local" and "/" not in name and not is_there(name)
    return {**chat, "weights": str(path)} if path.is_dir() or lost else chat


def _outcome(found: Found) -> tuple[int, int, int]:
    """The same for one outcome of one query, whichever draw it is handed to."""
    return id(found.look.query), id(found.answer), id(found.segments)


def _voted(courses: Sequence[Course]) -> Prediction:
    """The prediction of one query from all courses that were drawn for it."""
    good = [course for course in courses if course.final.ok]
    chosen = (good or courses)[0]
    if len(good) < 2:
        return _prediction(chosen, courses)
    masks = [course.final.mask for course in good]
    mask, agreement = vote(masks)
    chosen = good[nearest_to(mask, masks)]
    return replace(_prediction(chosen, courses), mask=mask, confidence=agreement)


def _prediction(chosen: Course, courses: Sequence[Course]) -> Prediction:
    final = chosen.final
    every = [stage for course in courses for stage in course.stages]
    stage = "" if final is chosen.stages[0] else "second_"
    stages = [
        found.stage(name) for name, found in zip(("locate", "refine"), chosen.stages, strict=False)
    ]
    if chosen.notes:
        stages[-1] = replace(stages[-1], notes=(*stages[-1].notes, *chosen.notes))
    return Prediction(
        id=final.look.query.id,
        mask=final.mask if final.ok else None,
        status="ok" if final.ok else f"{stage}{final.status}",
        detail=final.detail,
        boxes=final.look.boxes(final.items),
        points=final.look.points(final.items),
        texts=[found.text for course in courses for found in course.stages],
        seconds=total([found.seconds for found in every]),
        stages=stages,
        usage=total([found.usage for found in every]),
        confidence=final.score if final.ok else None,
    )
