"""The contract of a segmenter: an image and prompts in, one mask for each box out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.base import Point
    from socioseg.sample import Box


class Segments(NamedTuple):
    """`masks`, (N, H, W) bool, and `scores`, (N,) float in 0 to 1, one for each box."""

    masks: NDArray[np.bool_]
    scores: NDArray[np.float64]

    def union(self) -> NDArray[np.bool_]:
        """All masks as one, (H, W)."""
        return np.asarray(self.masks.any(axis=0))


class Segmenter(Protocol):
    """Cuts out what boxes and points point at; the same input gives the same masks."""

    def segment(
        self,
        image: NDArray[np.uint8],
        boxes: Sequence[Sequence[float]],
        points: Sequence[Sequence[Point]] = (),
        /,
    ) -> Segments:
        """Segment what each box holds.

        Parameters
        ----------
        image
            (H, W, 3) uint8, RGB.
        boxes
            xyxy in pixels of `image`; parts outside it are cut off.
        points
            For each box the points (x, y) that lie on what is meant; empty for none at all.
        """
        ...


class Fill:
    """Takes each box for its mask: what a box is worth before anything is cut out of it."""

    def segment(
        self,
        image: NDArray[np.uint8],
        boxes: Sequence[Sequence[float]],
        points: Sequence[Sequence[Point]] = (),  # noqa: ARG002 - a box is filled whatever they say
    ) -> Segments:
        """Fill each box; see `Segmenter.segment`."""
        masks = np.zeros((len(boxes), *image.shape[:2]), dtype=np.bool_)
        for mask, box in zip(masks, boxes, strict=True):
            x0, y0, x1, y1 = clip_box(box, image)
            mask[y0:y1, x0:x1] = True
        return Segments(masks, np.ones(len(boxes)))


def clip_box(box: Sequence[float], image: NDArray[np.uint8]) -> Box:
    """The whole pixels of `image` that `box` touches; x1 = x0 or y1 = y0 where there are none."""
    height, width = image.shape[:2]
    x0, y0 = (
        int(np.clip(np.floor(v), 0, side)) for v, side in zip(box[:2], (width, height), strict=True)
    )
    x1, y1 = (
        int(np.clip(np.ceil(v), 0, side)) for v, side in zip(box[2:], (width, height), strict=True)
    )
    return x0, y0, max(x0, x1), max(y0, y1)
