"""GrabCut (Rother, Kolmogorov, Blake; SIGGRAPH 2004), by OpenCV: a segmenter without weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.errors import UsageError
from socioseg.models.segmenters import Segments, clip_box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.base import Point
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
        Of the disc around a point that is sure foreground, in pixels of the image.

    Raises
    ------
    UsageError
        If OpenCV is not installed.
    """

    def __init__(
        self, *, iterations: int = 3, margin: float = 0.25, side: int = 384, radius: float = 8
    ) -> None:
        self._cv2 = _opencv()
        self.iterations, self.margin, self.side, self.radius = iterations, margin, side, radius

    def segment(
        self,
        image: NDArray[np.uint8],
        boxes: Sequence[Sequence[float]],
        points: Sequence[Sequence[Point]] = (),
    ) -> Segments:
        """Cut out what each box holds; see `Segmenter.segment`.

        A box in which no foreground is found, or that has no surroundings, is filled. The score
        is the share of the box that is foreground, 0 for a filled one.
        """
        masks = np.zeros((len(boxes), *image.shape[:2]), dtype=np.bool_)
        scores = np.zeros(len(boxes))
        for index, box in enumerate(boxes):
            near = points[index] if points else ()
            scores[index] = self._cut_out(image, clip_box(box, image), near, masks[index])
        return Segments(masks, scores)

    def _cut_out(
        self, image: NDArray[np.uint8], box: Box, points: Sequence[Point], mask: NDArray[np.bool_]
    ) -> float:
        """Write the mask of one box into `mask`; returns the share of the box that it fills."""
        x0, y0, x1, y1 = box
        inner = mask[y0:y1, x0:x1]
        if not inner.size:
            return 0.0
        left, top, right, bottom = self._surroundings(box, image)
        labels = self._labels(box, (left, top, right, bottom), points)
        found = self._grabcut(image[top:bottom, left:right], labels)
        inner[:] = found[y0 - top : y1 - top, x0 - left : x1 - left]
        if inner.any():
            return float(inner.mean())
        inner[:] = True
        return 0.0

    def _surroundings(self, box: Box, image: NDArray[np.uint8]) -> Box:
        x0, y0, x1, y1 = box
        pad = max(2, round(self.margin * max(x1 - x0, y1 - y0)))
        return clip_box((x0 - pad, y0 - pad, x1 + pad, y1 + pad), image)

    def _labels(self, box: Box, crop: Box, points: Sequence[Point]) -> NDArray[np.uint8]:
        """What is known of each pixel of `crop`, in OpenCV's numbers."""
        cv2, (left, top, right, bottom) = self._cv2, crop
        labels = np.full((bottom - top, right - left), cv2.GC_BGD, dtype=np.uint8)
        inside = labels[box[1] - top : box[3] - top, box[0] - left : box[2] - left]
        inside[:] = cv2.GC_PR_FGD
        rows, columns = np.ogrid[box[1] : box[3], box[0] : box[2]]
        for x, y in points:
            inside[np.hypot(columns + 0.5 - x, rows + 0.5 - y) <= self.radius] = cv2.GC_FGD
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
