"""Parts of the benchmark of inference: forced replies, the plain way of segmenting, samples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.models.chat.engine import OK, Prompt, Reply
from socioseg.models.chat.local import LocalChat
from socioseg.models.chat.truth import TruthChat
from socioseg.models.sam2 import Sam2
from socioseg.models.segmenters import Segments
from socioseg.sample import Level, Query, Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.sam2 import Encoded
    from socioseg.models.segmenters import Target

SIDE, OBJECTS, POINTS = 768, 3, 2


class ForcedChat(LocalChat):
    """Writes all of its budget, whatever comes, and then says what is true of the sample.

    So the work of the words is real, of a length that is the same in every run, and what the
    segmenter is asked for is real too, although the weights know nothing.
    """

    needs_truth = True

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - those of LocalChat
        super().__init__(*args, **options)
        self.unwritten += self._loaded.ends
        self._truth = TruthChat(POINTS)
        self.written = 0

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """The truth about each of `prompts`, with what it took to write as many tokens."""
        replies = super().ask(prompts)
        short = [reply.tokens for reply in replies if reply.tokens != self.generation.max_tokens]
        if short:
            raise RuntimeError(f"A reply has {short[0]} tokens: they are not forced.")
        self.written += sum(reply.tokens for reply in replies)
        told = self._truth.ask(prompts)
        return [
            replace(reply, text=truth.text, status=OK, detail="")
            for reply, truth in zip(replies, told, strict=True)
        ]


class OneByOne:
    """SAM 2 in the plain way: each stage encodes the image anew, each target is a call."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of Sam2
        self._sam = Sam2(**options)
        self.revision = self._sam.revision

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        """Nothing yet."""
        return list(images)

    def segment(
        self, embedded: Sequence[NDArray[np.uint8]], targets: Sequence[Sequence[Target]]
    ) -> list[Segments]:
        """Encode, and segment target by target."""
        return [self._one(*pair) for pair in zip(embedded, targets, strict=True)]

    def _one(self, image: NDArray[np.uint8], targets: Sequence[Target]) -> Segments:
        known: list[Encoded] = self._sam.embed([image])
        found = [self._sam.segment(known, [[target]])[0] for target in targets]
        return Segments(*(np.concatenate(part) for part in zip(*found, strict=True)))


def samples(count: int) -> list[Query]:
    """Images of noise with three blocks each that are asked for; the same in every run."""
    return [_sample(number) for number in range(count)]


def _sample(number: int) -> Query:
    dice = np.random.default_rng(number)
    sat, drawn = dice.integers(0, 90, (2, SIDE, SIDE, 3), dtype=np.uint8)
    mask = np.zeros((SIDE, SIDE), dtype=np.bool_)
    boxes = []
    for place in range(OBJECTS):
        x0, y0 = dice.integers(10, 90), 10 + 250 * place + dice.integers(0, 40)
        box = x0, y0, x0 + dice.integers(80, 560), y0 + dice.integers(60, 190)
        boxes.append(tuple(int(value) for value in box))
        area = slice(box[1], box[3]), slice(box[0], box[2])
        mask[area] = True
        for image in (sat, drawn):
            image[area] += dice.integers(60, 160, 3, dtype=np.uint8)
    truth = Truth(mask, tuple(boxes))  # type: ignore[arg-type]
    return Query(f"name_{number}", Level.NAME, "Oldgrove School", sat, drawn, number, truth)
