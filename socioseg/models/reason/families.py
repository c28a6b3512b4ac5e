"""The families that there are. docs/relatives.md says what each does in its authors' code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socioseg.errors import UsageError
from socioseg.models.reason.family import Family
from socioseg.recipe import hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers import Answer, Item

_SQUARE = {"side": 840}
_QWEN = {"max_pixels": 1280 * 28 * 28}
_SWIFT = {"max_pixels": 802_816}


@dataclass(frozen=True)
class Everest(Family):
    """Instances keep their number: the second look says what becomes of each."""

    def settled(self, first: Answer, second: Answer) -> Answer:
        """The instances of the first stage, each dropped, adjusted or kept by the second.

        Dropped ones go; adjusted ones take the second box where there is one, all others keep
        the first; those that the second stage does not name stay, without points.
        """
        verdicts = {item.id: item for item in second.items}
        known = {item.id for item in first.items}
        kept = [_verified(item, verdicts.get(item.id)) for item in first.items]
        new = [item for item in second.items if item.id not in known and item.box]
        items = tuple(item for item in (*kept, *new) if item.action != "drop")
        return second._replace(items=items)


@dataclass(frozen=True)
class SegR1(Family):
    """Each box takes those of its points that lie inside it."""

    def pointed(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Boxes with the points inside them."""
        return tuple(_points_inside(item) for item in super().pointed(items))


@dataclass(frozen=True)
class RemoteReasoner(Family):
    """Boxes alone; the segmenter gets the centre of each as well."""

    def pointed(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Boxes with their centres."""
        return tuple(_with_centre(item) for item in items if item.box)


def _verified(first: Item, second: Item | None) -> Item:
    if second is None:
        return first._replace(points=(), labels=())
    box = second.box if second.action == "adjust" and second.box else first.box
    return second._replace(box=box)


def _points_inside(item: Item) -> Item:
    if item.box is None:
        return item
    x0, y0, x1, y1 = item.box
    inside = [
        (point, label)
        for point, label in zip(item.points, item.labels, strict=True)
        if x0 <= point[0] <= x1 and y0 <= point[1] <= y1
    ]
    points, labels = (tuple(each) for each in zip(*inside, strict=True)) if inside else ((), ())
    return item._replace(points=points, labels=labels)


def _with_centre(item: Item) -> Item:
    x0, y0, x1, y1 = item.box or (0.0, 0.0, 0.0, 0.0)
    return item._replace(points=(((x0 + x1) / 2, (y0 + y1) / 2),), labels=(1,))


_ALL = (
    Family("socioreasoner", ("socioreasoner", "socioreasoner"), "socioreasoner"),
    Everest("everest", ("everest", "everest"), "everest", numbered=True),
    Family("visionreasoner", ("visionreasoner",), "visionreasoner", "square", _SQUARE),
    Family("seg-zero", ("segzero",), "seg_zero", "square", _SQUARE),
    SegR1("seg-r1", ("segr1",), "seg_r1", "square", {"side": 768}),
    Family("sam-r1", ("samr1",), "sam_r1", "square", _SQUARE),
    RemoteReasoner("remotereasoner", ("remotereasoner",), "remotereasoner", "resized", _SWIFT),
    Family("zero-shot-qwen", ("plain",), "single", "resized", _QWEN),
    Family("zero-shot", ("plain",), "single", "sample", {}),
    Family("zero-shot-relative", ("plain",), "single", "relative", {}),
)
FAMILIES = {family.name: family for family in _ALL}
"""By name. The zero-shot ones differ in their pixels: as Qwen2.5-VL resizes an image, the image's
own (GPT and the like), or 0 to 1000 across it (Qwen3-VL)."""


def find_family(name: str) -> Family:
    """The family called `name`.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in FAMILIES:
        raise UsageError(f"There is no family of models {name!r}{hint(name, FAMILIES)}")
    return FAMILIES[name]
