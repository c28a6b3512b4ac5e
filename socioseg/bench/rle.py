"""Masks as COCO run-length encodings, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pycocotools import mask as coco
from pydantic import BaseModel, ConfigDict

from socioseg.metrics.runs import decode

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Rle(BaseModel):
    """`size` is height and width; `counts` is COCO's compressed string."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: tuple[int, int]
    counts: str


def encode_mask(mask: NDArray[np.bool_]) -> Rle:
    """The encoding of `mask`, (H, W) bool."""
    counts = coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"]
    height, width = mask.shape
    text = counts.decode("ascii") if isinstance(counts, bytes) else counts
    return Rle(size=(height, width), counts=text)


def decode_mask(rle: Rle) -> NDArray[np.bool_]:
    """The mask, (H, W) bool, of an encoding that `encode_mask` made."""
    return decode({"size": rle.size, "counts": rle.counts})
