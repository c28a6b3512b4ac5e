"""How good a network is on the validation split: the gIoU that `socioseg bench` would give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from socioseg.metrics import aggregate, stats_of
from socioseg.models.supervised.model import cut, margin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.metrics import SampleStats
    from socioseg.models.supervised.network import Network
    from socioseg.train.data import Shown

THRESHOLDS = (0.5, 0.35, 0.65, 0.2, 0.1, 0.05)
"""Probabilities tried; of equally good ones the first is taken."""


class Found(NamedTuple):
    """The best gIoU, 0 to 1, and the threshold that gives it."""

    giou: float
    threshold: float


def validate(network: Network, samples: Sequence[Shown]) -> Found:
    """Ask `network` for every sample; it is left in the mode it was in.

    A sample that it has no map for counts as failed, as it does in a run. The threshold of a
    network whose maps exclude each other is fixed, for there the highest map wins.
    """
    thresholds = THRESHOLDS[:1] if network.exclusive else THRESHOLDS
    training = network.training
    network.eval()
    rows = [_stats(network, sample, thresholds) for sample in samples]
    network.train(training)
    scores = [aggregate(column)["giou"] for column in zip(*rows, strict=True)]
    best = max(scores)
    return Found(best, thresholds[scores.index(best)])


def _stats(network: Network, sample: Shown, thresholds: Sequence[float]) -> list[SampleStats]:
    truth = sample.truth
    if sample.channel is None:
        return [stats_of(None, truth)] * len(thresholds)
    height, width = truth["size"]
    found = margin(network, sample.pixels, sample.channel, (height, width))
    return [stats_of(found > cut(threshold), truth) for threshold in thresholds]
