"""Images and targets for segmenters, and what every one of them must keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.segmenters import Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.models.segmenters import Segmenter, Segments

TARGETS = [
    [
        Target((5, 5, 40, 50)),
        Target((5, 5, 40, 50), ((20, 20),)),
        Target((30, 10, 60, 44), ((41.5, 20), (44, 33.25))),
        Target(None, ((10, 10), (30, 30), (60, 5)), (1, 1, 0)),
        Target((0, 0, 64, 72)),
    ],
    [Target((-9, 20, 50, 200)), Target((40, 40, 60, 70), ((50, 50),), (0,))],
    [],
    [Target((60, 3, 90, 60), ((70, 20), (80, 30)))],
]
"""For images of the sizes of `images`."""


def images() -> list[NDArray[np.uint8]]:
    """Noise around blocks of colour, in two sizes."""
    dice = np.random.default_rng(5)
    found = []
    for height, width in ((72, 64), (64, 96), (72, 64), (64, 96)):
        image = dice.integers(0, 60, (height, width, 3), dtype=np.uint8)
        image[10:44, 12:40] += dice.integers(0, 190, 3, dtype=np.uint8)
        found.append(image)
    return found


def one(segmenter: Segmenter, image: NDArray[np.uint8], *targets: Target) -> Segments:
    """What `targets` of a single image come to."""
    return segmenter.segment(segmenter.embed([image]), [targets])[0]


def check_batches(segmenter: Segmenter) -> None:
    """All images and targets at once give exactly what each target gives alone."""
    together = segmenter.segment(segmenter.embed(images()), TARGETS)
    for image, targets, found in zip(images(), TARGETS, together, strict=True):
        assert found.masks.shape == (len(targets), *image.shape[:2])
        assert found.masks.dtype == np.bool_
        assert ((found.scores >= 0) & (found.scores <= 1)).all()
        for target, mask, score in zip(targets, found.masks, found.scores, strict=True):
            alone = one(segmenter, image, target)
            np.testing.assert_array_equal(alone.masks[0], mask)
            np.testing.assert_allclose(alone.scores[0], score, atol=1e-6)
    masks = [mask for found in together for mask in found.masks]
    assert len({mask.tobytes() for mask in masks}) > len(masks) // 2, "masks are all alike"


def check_pointless(segmenter: Segmenter) -> None:
    """What points at no pixel is no error, and nothing."""
    targets = [Target((200, 200, 300, 300)), Target((9, 9, 9, 20)), Target(None)]
    found = one(segmenter, images()[0], *targets)
    assert not found.masks.any()
    assert not found.scores.any()
    assert one(segmenter, images()[0]).union().shape == (72, 64)
