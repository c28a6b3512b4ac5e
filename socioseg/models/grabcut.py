"""GrabCut (Rother, Kolmogorov, Blake; SIGGRAPH 2004), by OpenCV: a segmenter without weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.errors import UsageError
from socioseg.models.segmenters import Segments, clip_box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.segmenters import Target
    from socioseg.sample import Box

SEED = 0
"""OpenCV draws the first clusters of colours; before each box its dice are put back to this."""


class GrabCut:
    """Cuts each box out of its surroundings by colour.

    Parameters
    ----------
    iterations
        Rounds of fitting colours and cutting.
    margin
        What is seen around a box as sure background, as a share of its longer side.
    side
        Pixels to which a larger crop is shrunk: the cost grows with its area.
    radius
        Of the disc around a point that is sure foreground, or sure background where the point
        lies beside what is meant, in pixels of the image.

    Raises
    ------
    UsageError
        If OpenCV is not installed.
    """

    revision = ""

    def __init__(
        self, *, iterations: int = 3, margin: float = 0.25, side: int = 384, radius: float = 8
    ) -> None:
        self._cv2 = _opencv()
        self.iterations, self.margin, self.side, self.radius = iterations, margin, side, radius

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        """The images themselves."""
        return list(images)

    def segment(
        self, embedded: Sequence[NDArray[np.uint8]], targets: Sequence[Sequence[Target]]
    ) -> list[Segments]:
        """Cut out what each target points at; see `Segmenter.segment`.

        A target without a box gets the one around its points, `margin` of `side` wider. A box in
        which no foreground is found, or that has no surroundings, is filled, but for the discs
        around points beside it. The score is the share of the box that is foreground, 0 for a
        filled one.
        """
        return [self._segment(*pair) for pair in zip(embedded, targets, strict=True)]

    def _segment(self, image: NDArray[np.uint8], targets: Sequence[Target]) -> Segments:
        masks = np.zeros((len(targets), *image.shape[:2]), dtype=np.bool_)
        scores = [self._cut_out(image, *pair) for pair in zip(targets, masks, strict=True)]
        return Segments(masks, np.array(scores, dtype=np.float64))

    def _cut_out(self, image: NDArray[np.uint8], target: Target, mask: NDArray[np.bool_]) -> float:
        """Write the mask of `target` into `mask`; returns the share of its box that it fills."""
        box = clip_box(target.extent(self.margin * self.side), mask.shape)
        x0, y0, x1, y1 = box
        inner = mask[y0:y1, x0:x1]
        if not inner.size:
            return 0.0
        left, top, right, bottom = self._surroundings(box, mask.shape)
        labels = self._labels(box, (left, top, right, bottom), target)
        found = self._grabcut(image[top:bottom, left:right], labels)
        inner[:] = found[y0 - top : y1 - top, x0 - left : x1 - left]
        if inner.any():
            return float(inner.mean())
        inner[:] = labels[y0 - top : y1 - top, x0 - left : x1 - left] != self._cv2.GC_BGD
        return 0.0

    def _surroundings(self, box: Box, size: tuple[int, int]) -> Box:
        x0, y0, x1, y1 = box
        pad = max(2, round(self.margin * max(x1 - x0, y1 - y0)))
        return clip_box((x0 - pad, y0 - pad, x1 + pad, y1 + pad), size)

    def _labels(self, box: Box, crop: Box, target: Target) -> NDArray[np.uint8]:
        """What is known of each pixel of `crop`, in OpenCV's numbers."""
        cv2, (left, top, right, bottom) = self._cv2, crop
        labels = np.full((bottom - top, right - left), cv2.GC_BGD, dtype=np.uint8)
        inside = labels[box[1] - top : box[3] - top, box[0] - left : box[2] - left]
        inside[:] = cv2.GC_PR_FGD
        rows, columns = np.ogrid[box[1] : box[3], box[0] : box[2]]
        for label, sure in ((1, cv2.GC_FGD), (0, cv2.GC_BGD)):
            for x, y in target.points_of(label):
                inside[np.hypot(columns + 0.5 - x, rows + 0.5 - y) <= self.radius] = sure
        return labels

    def _grabcut(self, crop: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Foreground of `crop`, at its size; none where OpenCV has nothing to learn from."""
        cv2, size = self._cv2, (labels.shape[1], labels.shape[0])
        shrink = min(1.0, self.side / max(size))
        small = tuple(max(1, round(side * shrink)) for side in size)
        crop = cv2.resize(crop, small, interpolation=cv2.INTER_AREA)
        labels = cv2.resize(labels, small, interpolation=cv2.INTER_NEAREST)
        sure = np.count_nonzero(labels == cv2.GC_BGD)
        if sure in {0, labels.size}:
            return np.zeros(size[::-1], dtype=np.bool_)
        cv2.setRNGSeed(SEED)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        bgr = np.ascontiguousarray(crop[..., ::-1])
        cv2.grabCut(bgr, labels, None, *models, self.iterations, cv2.GC_INIT_WITH_MASK)
        found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
        found = cv2.resize(found, size, interpolation=cv2.INTER_NEAREST)
        return np.asarray(found > 0)


def _opencv() -> Any:  # noqa: ANN401 - a module that need not be installed
    try:
        import cv2  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("GrabCut needs OpenCV: pip install 'socioseg[bench]'.") from error
    return cv2
