"""Conventions: how each repository turns the same masks into numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEAN_AND_POOLED = {"giou": "giou", "ciou": "ciou"}
_HITS = {f"pr@{limit}": f"pr@{limit}" for limit in (0.5, 0.6, 0.7, 0.8, 0.9)}


class Convention(NamedTuple):
    """What a repository computes under which names.

    `metrics` maps the name it prints to what that is here (a key of
    `socioseg.metrics.scores.METRICS`).
    `both_empty` is the IoU of a sample whose prediction and truth are both empty: a number,
    "skip" where such samples are left out, "nan" where one makes the mean undefined.
    `epsilon` is added to the union of one sample, `pooled_epsilon` to the summed union. `frame`
    is the side in pixels of the square to which both masks are resized first (nearest
    neighbour); None compares them as they are.
    """

    name: str
    source: str
    differs: str
    metrics: Mapping[str, str]
    both_empty: float | Literal["skip", "nan"] = 1.0
    epsilon: float = 0.0
    pooled_epsilon: float = 0.0
    frame: int | None = None


_OURS = (
    *("giou", "ciou", "precision", "recall", "dice", "boundary_iou"),
    *("f1", "f1_precision", "f1_recall", "pq", "sq", "count_error", "empty", "failed"),
)
SOCIOSEG = Convention(
    name="socioseg",
    source="this package",
    differs="the default; gIoU over samples, all else pooled; both empty counts as 1",
    metrics={name: name for name in _OURS},
)

_OTHERS = (
    Convention(
        name="socioreasoner",
        source="AMAP-ML/SocioReasoner 7ba0c65, evaluation script",
        differs="prints only the mean IoU, called gIoU; both empty counts as 1",
        metrics={"giou": "giou"},
    ),
    Convention(
        name="socioreasoner_reward",
        source="AMAP-ML/SocioReasoner 7ba0c65, reward of stage 2",
        differs="both empty counts as 0, though its evaluation says 1",
        metrics={"giou": "giou"},
        both_empty=0.0,
    ),
    Convention(
        name="lisa",
        source="dvlab-research/LISA 3cb2d43",
        differs="1e-5 added to a sample's union and 1e-10 to the summed one; both empty 1",
        metrics=_MEAN_AND_POOLED,
        epsilon=1e-5,
        pooled_epsilon=1e-10,
    ),
    Convention(
        name="visionreasoner",
        source="JIA-Lab-research/VisionReasoner c013132",
        differs="both empty counts as 0; a failure adds its truth to the summed union",
        metrics=_MEAN_AND_POOLED,
        both_empty=0.0,
    ),
    Convention(
        name="seg_zero",
        source="dvlab-research/Seg-Zero 42a3345",
        differs="both empty raises in the loop and the sample is left out; a failure counts as 0",
        metrics=_MEAN_AND_POOLED,
        both_empty="skip",
    ),
    Convention(
        name="seg_r1",
        source="chenqiu1024/Seg-R1 50b897f",
        differs="1e-10 added to a sample's union, so that both empty counts as 0",
        metrics=_MEAN_AND_POOLED,
        both_empty=0.0,
        epsilon=1e-10,
    ),
    Convention(
        name="segearth_r1",
        source="earth-insights/SegEarth-R1 e796b3b",
        differs="masks resized to 1024 x 1024; both empty 1; share of samples above an IoU",
        metrics=_MEAN_AND_POOLED | _HITS,
        frame=1024,
    ),
    Convention(
        name="rsrefseg",
        source="KyanChen/RSRefSeg",
        differs="masks resized to 1024 x 1024; no epsilon: one sample with both empty makes NaN",
        metrics=_MEAN_AND_POOLED | _HITS,
        both_empty="nan",
        frame=1024,
    ),
    Convention(
        name="segearth_ov",
        source="likyoo/SegEarth-OV 3e22a96",
        differs="pooled IoU of two classes, target and background, and the mean of both",
        metrics={"miou": "class_mean_iou"},
    ),
    Convention(
        name="everest",
        source="TechCloud-x/EVEREST 802e585",
        differs=(
            "other metrics under the same names, all means over samples: gIoU is the generalised"
            " IoU of the masks, cIoU the complete IoU of their boxes, F1 that of pixels"
        ),
        metrics={
            "giou": "generalised_iou",
            "ciou": "complete_iou",
            "f1": "pixel_f1",
            "iou": "giou",
        },
    ),
)
CONVENTIONS: Mapping[str, Convention] = {each.name: each for each in (SOCIOSEG, *_OTHERS)}
"""By name; the default first."""
