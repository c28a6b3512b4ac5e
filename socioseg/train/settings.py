"""The key `train` of a supervised baseline's recipe."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from socioseg.models.supervised.spec import (  # noqa: TC001 - pydantic reads it
    Inputs,
    NetworkSpec,
    Setting,
)
from socioseg.recipe import Strict


class AugmentSettings(Strict):
    """What is done to a sample each time it is drawn; image and mask get the same geometry.

    Attributes
    ----------
    flips, turns
        Mirror images, and turns by right angles.
    scale
        Side of the smallest crop that is enlarged to the whole, as a share of it; 1 for none.
    jitter
        By how much brightness, contrast and saturation of the satellite image change, as a share.
        The map is drawn in fixed colours, and keeps them.
    """

    flips: bool = True
    turns: bool = True
    scale: float = Field(default=0.75, gt=0, le=1)
    jitter: float = Field(default=0.2, ge=0, lt=1)


class SupervisedSettings(Strict):
    """How a network is trained on masks.

    Attributes
    ----------
    network, setting, inputs, size
        As `socioseg.models.supervised.spec.Spec`.
    level
        Which samples teach: of one level or "all". A "multi-class" network has one level,
        "class" or "function", for a pixel can be only one thing.
    epochs, steps
        How often each sample is drawn; or how many batches, which then goes first.
    batch_size, learning_rate, warmup, weight_decay
        AdamW; the rate rises over the share `warmup` of the steps, then falls as a cosine.
    patience
        Stop after so many evaluations without a better gIoU on the validation split.
    evaluations
        How many there are in all, at even distances.
    limit
        Only the first so many samples of the train split.
    workers
        Processes that prepare batches.
    seed
        Of the first weights, the order of the samples, and their augmentation.
    """

    network: NetworkSpec
    setting: Setting = "binary"
    inputs: Inputs = "satellite"
    size: int = Field(default=512, ge=32, le=4096)
    level: Literal["name", "class", "function", "all"] = "all"
    augment: AugmentSettings = AugmentSettings()
    epochs: int = Field(default=50, ge=1)
    steps: int | None = Field(default=None, ge=1)
    batch_size: int = Field(default=8, ge=1)
    learning_rate: float = Field(default=3e-4, gt=0)
    warmup: float = Field(default=0.05, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    patience: int = Field(default=10, ge=1)
    evaluations: int = Field(default=25, ge=1)
    limit: int | None = Field(default=None, ge=1)
    workers: int = Field(default=0, ge=0)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _has_words(self) -> SupervisedSettings:
        if self.setting == "multi-class" and self.level not in {"class", "function"}:
            raise ValueError("multi-class needs `level: class` or `level: function`")
        return self

    def total_steps(self, samples: int) -> int:
        """Steps of the whole training on so many samples."""
        return self.steps or self.epochs * math.ceil(samples / self.batch_size)
