"""How many points a place deserves, by its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.metrics.groups import LARGE, SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers import Item
    from socioseg.models.frames import Frame

WORDS = {1: "one point", 2: "two points", 3: "three points"}
USUAL = WORDS[2]
"""What the paper's length reward asks for."""


def points_worth(item: Item, frame: Frame) -> int:
    """One for a small place, two for a middling one, three for a large one.

    The limits are those of the groups that scores are given for, of the box's share of the image.
    """
    if item.box is None:
        return 2
    x0, y0, x1, y1 = item.box
    share = max(0.0, x1 - x0) * max(0.0, y1 - y0) / (frame.width * frame.height)
    return 1 + (share >= SMALL) + (share >= LARGE)


def keep_worth(item: Item, frame: Frame) -> Item:
    """`item` with no more points than it is worth, the first ones."""
    count = points_worth(item, frame)
    return item._replace(points=item.points[:count], labels=item.labels[:count])


def points_asked(items: Sequence[Item], frame: Frame) -> str:
    """In words for a prompt, how many points each of `items` is worth."""
    counts = [points_worth(item, frame) for item in items]
    if len(set(counts)) == 1:
        return WORDS[counts[0]]
    if not counts:
        return USUAL
    return f"{', '.join(map(str, counts[:-1]))} and {counts[-1]} points, in the order of the boxes,"
