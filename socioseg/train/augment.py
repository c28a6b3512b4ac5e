"""Augmentation: one geometry for image and mask, colours for the satellite image alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from socioseg.train.settings import AugmentSettings

_GREY = (0.299, 0.587, 0.114)
_SAT = 3
"""Bands of the satellite image, which come first."""


def augment(pixels: Tensor, settings: AugmentSettings, random: np.random.Generator) -> Tensor:
    """A variant of a sample.

    Parameters
    ----------
    pixels
        (bands + 1, S, S) in 0 to 1: the images, then the mask. It is not changed.
    random
        All that is drawn comes from it.

    Returns
    -------
    Tensor
        Of the same shape and range.
    """
    crop = _crop(pixels, settings.scale, random)
    if settings.turns:
        crop = torch.rot90(crop, int(random.integers(4)), (1, 2))
    if settings.flips and random.integers(2):
        crop = crop.flip(2)
    if settings.jitter:
        crop = torch.cat([_jitter(crop[:_SAT], settings.jitter, random), crop[_SAT:]])
    return crop.contiguous()


def _crop(pixels: Tensor, smallest: float, random: np.random.Generator) -> Tensor:
    """A square of the sample, enlarged to the whole."""
    side = pixels.shape[-1]
    inner = round(side * random.uniform(smallest, 1))
    if inner == side:
        return pixels
    y, x = (int(place) for place in random.integers(side - inner + 1, size=2))
    part = pixels[None, :, y : y + inner, x : x + inner]
    return functional.interpolate(part, (side, side), mode="bilinear")[0]


def _jitter(image: Tensor, amount: float, random: np.random.Generator) -> Tensor:
    brightness, contrast, saturation = random.uniform(1 - amount, 1 + amount, 3).tolist()
    image = image * brightness
    image = image.mean() + (image - image.mean()) * contrast
    grey = (image * image.new_tensor(_GREY)[:, None, None]).sum(dim=0)
    mixed: Tensor = grey + (image - grey) * saturation
    return mixed.clamp(0, 1)
