"""Groups of samples by what their truth holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socioseg.metrics.stats import SampleStats

SMALL, LARGE = 0.01, 0.1
"""Share of the image below which a target is small, and from which on it is large.

In 768 x 768 pixels: squares of 77 and of 243 pixels. Of the 887 samples built for Baltimore and
Campo Grande, a quarter each lie below 0.8 % and above 8 %.
"""


def count_group(stats: SampleStats) -> str:
    """How many instances the truth has: "none", "one" or "several"."""
    return ("none", "one", "several")[min(stats.n_true, 2)]


def size_group(stats: SampleStats) -> str:
    """How much of the image the truth covers: "none", "small", "medium" or "large"."""
    share = stats.true_area / stats.size
    if not share:
        return "none"
    if share < SMALL:
        return "small"
    return "medium" if share < LARGE else "large"
