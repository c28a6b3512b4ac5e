"""What a trained network is, in plain values: enough to build it again and to ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from socioseg.recipe import Strict
from socioseg.sample import Level

if TYPE_CHECKING:
    from socioseg.sample import Query

Setting = Literal["binary", "multi-class", "multi-label"]
Inputs = Literal["satellite", "satellite+map"]


class UnetSpec(Strict):
    """A UNet of segmentation-models-pytorch.

    `encoder` is a name of that library; `weights` are its pretrained ones, such as "imagenet",
    which are downloaded, or null for none; `decoder` are the channels of the decoder's stages.
    """

    kind: Literal["unet"]
    encoder: str = "resnet34"
    weights: str | None = None
    decoder: tuple[int, ...] = Field(default=(256, 128, 64, 32, 16), min_length=3, max_length=5)


class SegformerSpec(Strict):
    """A SegFormer of transformers.

    `pretrained` is a Hub id or a folder whose weights training begins with, at `revision`; empty
    for none. `config` are keys of `SegformerConfig`, whose defaults are the size b0.
    """

    kind: Literal["segformer"]
    pretrained: str = ""
    revision: str = ""
    config: dict[str, Any] = Field(default_factory=dict)


NetworkSpec = Annotated[UnetSpec | SegformerSpec, Field(discriminator="kind")]


class Word(Strict):
    """A query that a network has a channel for; of level name, all queries are one, without text.

    For the names of a test split are not in the training data, and the paper has no such level.
    """

    level: Level
    text: str

    @classmethod
    def of(cls, level: Level, text: str) -> Word:
        """The word of a query: case, spaces and underscores make no other word."""
        plain = " ".join(text.casefold().replace("_", " ").split())
        return cls(level=level, text="" if level is Level.NAME else plain)


class Spec(Strict):
    """All of `config.json` that says how the network is built and asked.

    Attributes
    ----------
    network
        Its architecture.
    setting
        "binary": one map, whatever the query. "multi-class": every pixel is background or one of
        `words`. "multi-label": one map for each of `words`, and a pixel may lie in several.
    inputs
        What it looks at.
    size
        Side of the square, in pixels, to which its images are resized.
    words
        The queries it knows, in the order of its channels; none for "binary".
    threshold
        Probability above which a pixel is taken.
    """

    network: NetworkSpec
    setting: Setting = "binary"
    inputs: Inputs = "satellite"
    size: int = Field(default=512, ge=32, le=4096)
    words: tuple[Word, ...] = ()
    threshold: float = Field(default=0.5, gt=0, lt=1)

    @model_validator(mode="after")
    def _words_fit(self) -> Spec:
        if bool(self.words) == (self.setting == "binary"):
            raise ValueError("the setting `binary` has no words, every other has some")
        return self

    @property
    def bands(self) -> int:
        """Channels of the images that go in: three of each."""
        return 6 if self.inputs == "satellite+map" else 3

    @property
    def channels(self) -> int:
        """Maps that come out; of "multi-class" the first is the background."""
        return len(self.words) + (self.setting != "multi-label")

    def channel(self, level: Level, text: str) -> int | None:
        """Which map answers a query; None where none does."""
        if self.setting == "binary":
            return 0
        word = Word.of(level, text)
        return (
            self.words.index(word) + self.channels - len(self.words) if word in self.words else None
        )

    def unknown(self, query: Query) -> str:
        """Why there is no map for `query`, in words."""
        levels = sorted({str(word.level) for word in self.words})
        if query.level not in levels:
            return f"the network knows queries of level {', '.join(levels)}, not {query.level}"
        return f"{query.text!r} is none of the {len(self.words)} queries that it was trained on"
