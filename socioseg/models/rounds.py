"""Targets of many images in rounds of one shape, so that a batch gives what single calls give.

A point that only fills up a shorter list is still attended to, and changes the mask a little. So
nothing is padded: a round holds targets of images of one size that have equally many points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from socioseg.models.segmenters import Segments, Target, clip_box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Item = TypeVar("Item")
Size = tuple[int, int]


class Round(NamedTuple):
    """Targets that are segmented at once, B of them, with N points each.

    `images` says of each the index of its image; `boxes`, (B, 4), and `points`, (B, N, 2), are
    float32 in pixels of the images, whose `size` is (height, width), and None where there are
    none; `labels` are (B, N).
    """

    images: list[int]
    size: Size
    boxes: NDArray[np.float32] | None
    points: NDArray[np.float32] | None
    labels: NDArray[np.int64] | None


Decode = Callable[[Round], "tuple[NDArray[np.bool_], NDArray[np.float32]]"]
"""Segments one round: masks, (B, H, W), and scores, (B,)."""


def in_batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """`items` in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def segment_in_rounds(
    sizes: Sequence[Size],
    targets: Sequence[Sequence[Target]],
    decode: Decode,
    limit: int,
    *,
    apart: bool = False,
) -> list[Segments]:
    """What `Segmenter.segment` returns, by a `decode` that takes rounds.

    Boxes are cut off at the image's edges. A target that points at no pixel gets an empty mask
    and the score 0.

    Parameters
    ----------
    sizes
        Height and width of each image.
    targets
        For each image any number of targets.
    decode
        Segments one round.
    limit
        The most targets of a round.
    apart
        Whether a round holds targets of one image only.
    """
    found = [
        Segments(np.zeros((len(some), *size), dtype=np.bool_), np.zeros(len(some)))
        for size, some in zip(sizes, targets, strict=True)
    ]
    for places in _alike(sizes, targets, limit, apart=apart):
        some = [targets[image][index] for image, index in places]
        masks, scores = decode(_round([image for image, _ in places], sizes, some))
        for (image, index), mask, score in zip(places, masks, scores, strict=True):
            found[image].masks[index] = mask
            found[image].scores[index] = np.clip(score, 0, 1)
    return found


def _alike(
    sizes: Sequence[Size], targets: Sequence[Sequence[Target]], limit: int, *, apart: bool
) -> Iterator[Sequence[tuple[int, int]]]:
    """Image and index of the targets of each round, in their order."""
    groups: dict[object, list[tuple[int, int]]] = {}
    for image, some in enumerate(targets):
        for index, target in enumerate(some):
            if _points_at_something(target, sizes[image]):
                shape = (sizes[image], target.box is None, len(target.points))
                groups.setdefault((shape, image if apart else 0), []).append((image, index))
    for places in groups.values():
        yield from in_batches(places, limit)


def _points_at_something(target: Target, size: Size) -> bool:
    if target.box is None:
        return bool(target.points)
    x0, y0, x1, y1 = clip_box(target.box, size)
    return x0 < x1 and y0 < y1


def _round(images: list[int], sizes: Sequence[Size], targets: Sequence[Target]) -> Round:
    size = sizes[images[0]]
    boxes = [target.box for target in targets if target.box is not None]
    points = np.array([target.points for target in targets], dtype=np.float32)
    labels = np.array([target.point_labels for target in targets], dtype=np.int64)
    edge = np.array([*size[::-1]] * 2, dtype=np.float32)
    return Round(
        images,
        size,
        np.clip(np.array(boxes, dtype=np.float32), 0, edge) if boxes else None,
        points if points.size else None,
        labels if points.size else None,
    )
