"""The key `sft` of a recipe's `train`."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from socioseg.recipe import Strict
from socioseg.train.policy.settings import FREE_OF_POLICY, PolicySettings

FREE = frozenset({"rollout", *FREE_OF_POLICY})
"""What may change while a training goes on: it moves no weight, but by rounding."""


class LessonSettings(Strict):
    """What the true answers say, and what the second stage is shown.

    Attributes
    ----------
    stages
        1 leaves out the second stage: a first course for a model that cannot place a box yet.
    points, spread
        How many points go with each box; "deep", the farthest from the edge first, or "random"
        ones inside the mask, as the paper's.
    thinking
        What stands in the think part, with `$query` and `$count`, the number of places, filled in;
        None for no such part, as the paper's.
    most
        Of several places, the largest so many.
    whole
        Whether coordinates are whole numbers of the model's frame.
    shift, drop, extra
        What is wrong with the boxes that the second stage is shown: how far each side is off, as
        the standard deviation in shares of the box's size; how often a box is missing; how often
        there is one too many.
    right
        How often, all the same, nothing is wrong with them.
    """

    stages: Literal[1, 2] = 2
    points: int = Field(default=3, ge=0, le=20)
    spread: Literal["deep", "random"] = "random"
    thinking: str | None = None
    most: int = Field(default=20, ge=1)
    whole: bool = True
    shift: float = Field(default=0.15, ge=0)
    drop: float = Field(default=0.1, ge=0, lt=1)
    extra: float = Field(default=0.1, ge=0, le=1)
    right: float = Field(default=0.1, ge=0, le=1)


class SftSettings(Strict):
    """How a reasoning model learns from true answers.

    Attributes
    ----------
    lessons
        What the answers say.
    level, limit, validation_limit
        Which samples teach, and how many of the validation split are asked.
    flips
        Whether samples are mirrored and turned by right angles, each time another way. Names on
        a map can then not be read.
    epochs, steps
        How often each sample is drawn; or how many batches, which then goes first.
    batch_size, accumulate
        Samples at a time, each with all of its stages; and how many times before a step.
    learning_rate, warmup, weight_decay, grad_clip
        AdamW; the rate rises over the share `warmup` of the steps, then falls as a cosine.
    patience, evaluations
        Stop after so many evaluations without a better gIoU on the validation split; how many
        there are in all, at even distances.
    rollout
        Prompts that are answered at a time in an evaluation.
    max_tokens
        Of an answer in an evaluation; None for the recipe's own budget.
    numbers
        How much more a token of a number weighs in the loss than one between numbers.
    policy
        What is trained, and how it fits into the memory.
    seed
        Of the order of the samples and all that is drawn.
    """

    lessons: LessonSettings = LessonSettings()
    level: Literal["name", "class", "function", "all"] = "all"
    limit: int | None = Field(default=None, ge=1)
    validation_limit: int | None = Field(default=None, ge=1)
    flips: bool = False
    epochs: int = Field(default=1, ge=1)
    steps: int | None = Field(default=None, ge=1)
    batch_size: int = Field(default=4, ge=1)
    accumulate: int = Field(default=8, ge=1)
    learning_rate: float = Field(default=1e-5, gt=0)
    warmup: float = Field(default=0.03, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    grad_clip: float = Field(default=1.0, gt=0)
    patience: int = Field(default=5, ge=1)
    evaluations: int = Field(default=10, ge=1)
    rollout: int = Field(default=16, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    numbers: float = Field(default=1.0, gt=0)
    policy: PolicySettings = PolicySettings()
    seed: int = Field(default=0, ge=0)

    def total_steps(self, samples: int) -> int:
        """Steps of the whole training on so many samples."""
        return self.steps or self.epochs * math.ceil(samples / self.draws)

    @property
    def draws(self) -> int:
        """Samples of a step."""
        return self.batch_size * self.accumulate
