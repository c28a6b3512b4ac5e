"""Masks in, numbers out: counts of every sample, scores of sets, intervals.

Needs numpy and scipy only, so that what trains and what scores shares one definition.
"""

from socioseg.metrics.bootstrap import Difference, Interval, bootstrap, paired_bootstrap
from socioseg.metrics.clusters import ground_clusters
from socioseg.metrics.conventions import CONVENTIONS, SOCIOSEG, Convention
from socioseg.metrics.groups import count_group, size_group
from socioseg.metrics.runs import Rle
from socioseg.metrics.scores import aggregate
from socioseg.metrics.stats import SampleStats, stats_of

__all__ = [
    "CONVENTIONS",
    "SOCIOSEG",
    "Convention",
    "Difference",
    "Interval",
    "Rle",
    "SampleStats",
    "aggregate",
    "bootstrap",
    "count_group",
    "ground_clusters",
    "paired_bootstrap",
    "size_group",
    "stats_of",
]
