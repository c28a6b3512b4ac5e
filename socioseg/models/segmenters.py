"""The contract of a segmenter: images and what is pointed at in, one mask for each target out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.base import Point
    from socioseg.sample import Box


class Target(NamedTuple):
    """What is pointed at: a box, points, or both.

    `box` is xyxy in pixels of the image, parts outside it count for nothing; `points` are x, y in
    the same pixels; `labels` say of each point whether it lies on what is meant (1) or beside it
    (0), and where there are none, every point lies on it.
    """

    box: tuple[float, float, float, float] | None
    points: tuple[Point, ...] = ()
    labels: tuple[int, ...] = ()

    @property
    def point_labels(self) -> tuple[int, ...]:
        """One label a point.

        Raises
        ------
        ValueError
            If there are labels, but not as many as points.
        """
        if self.labels and len(self.labels) != len(self.points):
            raise ValueError(f"{len(self.points)} points have {len(self.labels)} labels")
        return self.labels or (1,) * len(self.points)

    def points_of(self, label: int) -> list[Point]:
        """The points that bear `label`."""
        pairs = zip(self.points, self.point_labels, strict=True)
        return [point for point, found in pairs if found == label]

    def extent(self, margin: float = 0) -> tuple[float, float, float, float]:
        """The box; without one, that around the points on what is meant, `margin` wider."""
        if self.box is not None:
            return self.box
        near = self.points_of(1)
        if not near:
            return 0.0, 0.0, 0.0, 0.0
        xs, ys = zip(*near, strict=True)
        return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


class Segments(NamedTuple):
    """`masks`, (N, H, W) bool, and `scores`, (N,) float in 0 to 1, one for each target."""

    masks: NDArray[np.bool_]
    scores: NDArray[np.float64]

    @classmethod
    def none(cls, height: int, width: int) -> Segments:
        """What comes of no targets in an image of this size."""
        return cls(np.zeros((0, height, width), dtype=np.bool_), np.zeros(0))

    def union(self) -> NDArray[np.bool_]:
        """All masks as one, (H, W)."""
        return np.asarray(self.masks.any(axis=0))


class Segmenter(Protocol):
    """Cuts out what is pointed at; the same input gives the same masks, in whatever batch."""

    revision: str
    """Of its weights, and of what else its masks depend on; empty where nothing is learnt."""

    def embed(self, images: Sequence[NDArray[np.uint8]], /) -> list[Any]:
        """One value for each of `images`, which `segment` takes as often as wanted.

        Parameters
        ----------
        images
            (H, W, 3) uint8, RGB; their sizes may differ.
        """
        ...

    def segment(
        self, embedded: Sequence[Any], targets: Sequence[Sequence[Target]], /
    ) -> list[Segments]:
        """For each image what its targets point at; no targets give no masks, of its size.

        Parameters
        ----------
        embedded
            What `embed` made of the images.
        targets
            For each image any number of targets.
        """
        ...


class Fill:
    """Takes each box for its mask: what a box is worth before anything is cut out of it."""

    revision = ""

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[int, int]]:
        """Height and width of each image; nothing else counts."""
        return [(image.shape[0], image.shape[1]) for image in images]

    def segment(
        self, embedded: Sequence[tuple[int, int]], targets: Sequence[Sequence[Target]]
    ) -> list[Segments]:
        """Fill each box, or the box around the points, with score 1; see `Segmenter.segment`."""
        return [_filled(*pair) for pair in zip(embedded, targets, strict=True)]


def _filled(size: tuple[int, int], targets: Sequence[Target]) -> Segments:
    masks = np.zeros((len(targets), *size), dtype=np.bool_)
    for mask, target in zip(masks, targets, strict=True):
        x0, y0, x1, y1 = clip_box(target.extent(), size)
        mask[y0:y1, x0:x1] = True
    return Segments(masks, np.ones(len(targets)))


_NOISE = 1e-6


def clip_box(box: Sequence[float], size: tuple[int, int]) -> Box:
    """The whole pixels that `box` touches; x1 = x0 or y1 = y0 where there are none.

    A box that came through another frame and is off by a rounding error touches no more for it.

    Parameters
    ----------
    box
        xyxy in pixels.
    size
        Height and width of the image.
    """
    width_height = np.array(size[::-1])
    x0, y0 = (int(v) for v in np.clip(np.floor(np.array(box[:2]) + _NOISE), 0, width_height))
    x1, y1 = (int(v) for v in np.clip(np.ceil(np.array(box[2:]) - _NOISE), 0, width_height))
    return x0, y0, max(x0, x1), max(y0, y1)
