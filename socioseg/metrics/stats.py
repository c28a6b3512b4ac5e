"""What one sample adds to the scores: counted once, summed as often as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.errors import UsageError
from socioseg.metrics.boundary import boundaries
from socioseg.metrics.conventions import SOCIOSEG
from socioseg.metrics.matching import match
from socioseg.metrics.runs import Runs, decode, overlaps, runs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.metrics.conventions import Convention
    from socioseg.metrics.runs import Rle
    from socioseg.sample import Box


class SampleStats(NamedTuple):
    """Counts of one prediction against its truth, as plain numbers; areas are in pixels.

    Boxes are xyxy with x1 and y1 exclusive, around the whole mask; (0, 0, 0, 0) around an empty
    one. `matched_ious` holds the IoU of every matched pair of instances that shares pixels. A
    failed prediction counts as an empty one. `size` is the pixels of the image.
    """

    size: int
    pred_area: int
    true_area: int
    intersection: int
    pred_boundary: int
    true_boundary: int
    boundary_intersection: int
    pred_box: Box
    true_box: Box
    n_pred: int
    n_true: int
    matched_ious: tuple[float, ...]
    failed: bool

    @property
    def union(self) -> int:
        """Pixels of the prediction, the truth, or both."""
        return self.pred_area + self.true_area - self.intersection

    @property
    def iou(self) -> float:
        """IoU of the masks, 1 where both are empty."""
        return self.intersection / self.union if self.union else 1.0


def stats_of(
    pred: NDArray[np.bool_] | Rle | None,
    truth: NDArray[np.bool_] | Rle,
    convention: Convention = SOCIOSEG,
) -> SampleStats:
    """Count everything that a sample adds to any score.

    A mask is an array or COCO's run-length code, which is never decoded into pixels unless the
    convention resizes. Conventions of one `frame` share their statistics.

    Parameters
    ----------
    pred
        (H, W), True where the model sees the query; None where it failed.
    truth
        (H, W), True where the query's entities are.
    convention
        Only its `frame` matters here.

    Raises
    ------
    UsageError
        If a mask is not boolean and (H, W), a code is damaged, or the shapes differ.
    """
    true = _runs(truth, convention.frame)
    found = _NOTHING._replace(line=true.line, shape=true.shape)
    if pred is not None:
        found = _runs(pred, convention.frame)
    if found.shape != true.shape:
        raise UsageError(
            f"The prediction is {found.shape} and the truth {true.shape}: bring the prediction"
            " to the sample's size, or pass None where it failed."
        )
    pred_box, true_box, shared = found.box, true.box, overlaps(found, true)
    boundary = boundaries(found, true, hull(pred_box, true_box))
    matching = match(found, true, shared)
    return SampleStats(
        size=true.shape[0] * true.shape[1],
        pred_area=found.area,
        true_area=true.area,
        intersection=int(shared.pixels.sum()),
        pred_boundary=boundary.pred,
        true_boundary=boundary.true,
        boundary_intersection=boundary.both,
        pred_box=pred_box,
        true_box=true_box,
        n_pred=matching.n_pred,
        n_true=matching.n_true,
        matched_ious=matching.ious,
        failed=pred is None,
    )


_NOTHING = Runs(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), 0, (0, 0))


def _runs(mask: NDArray[np.bool_] | Rle, frame: int | None) -> Runs:
    """Runs of a mask, resized to a square of `frame` pixels where one is given."""
    if frame is None:
        return runs_of(mask)
    pixels = mask if isinstance(mask, np.ndarray) else decode(mask)
    rows, columns = ((2 * np.arange(frame) + 1) * size // (2 * frame) for size in pixels.shape)
    return runs_of(pixels[np.ix_(rows, columns)])


def hull(first: Box, second: Box) -> Box:
    """Box around two boxes; an empty one, (0, 0, 0, 0), adds nothing."""
    boxes = [box for box in (first, second) if box != (0, 0, 0, 0)] or [first]
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))
