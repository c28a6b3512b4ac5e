"""The key `tiny` of a recipe's `train`: the shape of a policy from nothing, and its warm start."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from socioseg.recipe import Strict

FREE = frozenset({"checkpoint"})
"""What may change while a training goes on."""


class Shape(Strict):
    """A LLaVA: a SigLIP tower with absolute positions, and a Llama.

    Attributes
    ----------
    side, patch
        Of the square image that it sees, and of the patches that become tokens, in pixels.
    width, heads, inner
        Of both parts: numbers of a token, heads of attention, numbers inside a layer.
    tower_layers, layers
        Of the tower and of the language model.
    """

    side: int = Field(default=192, ge=16, le=1024)
    patch: int = Field(default=16, ge=4)
    width: int = Field(default=128, ge=16)
    heads: int = Field(default=4, ge=1)
    inner: int = Field(default=256, ge=16)
    tower_layers: int = Field(default=2, ge=1)
    layers: int = Field(default=5, ge=2)

    @model_validator(mode="after")
    def _divides(self) -> Shape:
        if self.side % self.patch or self.width % (2 * self.heads):
            raise ValueError("`patch` must divide `side`, and twice `heads` must divide `width`")
        return self

    @property
    def grid(self) -> int:
        """Patches along a side."""
        return self.side // self.patch


class TinySettings(Strict):
    """How a policy is made, and what it learns before it learns to write.

    The warm start is dense: the tower tells of every patch, for each query that there is, how much
    of it is meant; and so does, at a layer below the last, every token of an image for the query
    that is asked, and where the box of that place begins and ends.

    Attributes
    ----------
    shape
        Of the policy.
    head
        Layer of the language model, counted from 1, whose numbers the dense answer is read from;
        0 for two below the last.
    level, limit, validation_limit
        Which samples teach and which are evaluated.
    flips
        Whether samples are mirrored and turned by right angles, each time another way.
    tower_steps, steps
        How long the tower learns alone, which costs a quarter, and then all of it.
    batch_size, learning_rate, warmup, weight_decay, seed
        Of the warm start; the rate rises over the share `warmup` of either part's steps, then falls
        as a cosine. Weights and draws depend on the seed.
    checkpoint
        Steps from one checkpoint to the next.
    """

    shape: Shape = Shape()
    head: int = Field(default=0, ge=0)
    level: Literal["name", "class", "function", "all"] = "all"
    limit: int | None = Field(default=None, ge=1)
    validation_limit: int | None = Field(default=None, ge=1)
    flips: bool = False
    tower_steps: int = Field(default=1000, ge=0)
    steps: int = Field(default=400, ge=0)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    warmup: float = Field(default=0.05, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    checkpoint: int = Field(default=100, ge=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _has_head(self) -> TinySettings:
        if self.head > self.shape.layers:
            raise ValueError(f"head = {self.head}, but the shape has {self.shape.layers} layers")
        return self

    @property
    def total_steps(self) -> int:
        """Steps of both parts."""
        return self.tower_steps + self.steps

    def rate(self, step: int) -> float:
        """Learning rate of `step`, which counts from 1 over both parts."""
        alone = step <= self.tower_steps
        total = self.tower_steps if alone else self.steps
        place = step if alone else step - self.tower_steps
        rising = max(1, round(self.warmup * total))
        if place <= rising:
            return self.learning_rate * place / rising
        past = (place - rising) / max(1, total - rising)
        return self.learning_rate * (1 + math.cos(math.pi * past)) / 2

    @property
    def read_from(self) -> int:
        """The layer that the dense answer is read from."""
        return self.head or max(1, self.shape.layers - 2)
