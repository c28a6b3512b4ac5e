"""Boxes and points out of lists that are nearly so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from socioseg.models.answers.exact import is_coordinate
from socioseg.models.answers.notes import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socioseg.models.answers.notes import Notes
    from socioseg.models.answers.values import FloatBox, Json, Point

_TEXT = re.compile(r"\s*([-+]?\d{1,9}(?:\.\d{0,9})?)\s*(?:px)?\s*", re.ASCII)
_CORNERS, _BOX = 2, 4


def number(value: Json) -> float | None:
    """A coordinate, also where it is written as a text; None for anything else."""
    if isinstance(value, str) and len(value) <= 24 and (found := _TEXT.fullmatch(value)):
        value = float(found[1])
    return float(value) if is_coordinate(value) else None


def loose_box(value: Json, place: str, notes: Notes) -> FloatBox | None:
    """A box with its corners in order; None, and the reason in `notes`, where there is none."""
    numbers = _numbers(_flat_box(value, notes), f"{place}: its box", notes)
    if numbers is None:
        return None
    if len(numbers) != _BOX:
        notes.drop(place, f"its box is {shown(value)}, not 4 numbers")
        return None
    x0, y0, x1, y1 = numbers
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    if x0 == x1 or y0 == y1:
        notes.drop(place, "its box is empty")
        return None
    if box != (x0, y0, x1, y1):
        notes.repair("swapped corners")
    return box


def loose_points(
    record: dict[str, Json], place: str, notes: Notes, *, labelled: bool
) -> tuple[tuple[Point, ...], tuple[int, ...]]:
    """The points of an object, under whichever keys, and a label for each.

    Parameters
    ----------
    labelled
        Whether the third number of a point is its label, 1 or 0; else it is left out.
    """
    given = [found for key in sorted(record) for found in _listed(key, record[key])]
    labels = record.get("labels")
    if labels is not None:
        if not isinstance(labels, list) or len(labels) != len(given):
            notes.drop(place, f"{len(given)} points, but its labels are {shown(labels)}")
            return (), ()
        given = [(point, label) for (point, _), label in zip(given, labels, strict=True)]
    read = list(_read_points(given, place, notes, labelled=labelled))
    return tuple(point for point, _ in read), tuple(label for _, label in read)


def _read_points(
    given: list[tuple[Json, Json]], place: str, notes: Notes, *, labelled: bool
) -> Iterator[tuple[Point, int]]:
    for i, (point, given_label) in enumerate(given):
        where, label = f"{place}, point {i + 1}", given_label
        numbers = _numbers(point, where, notes)
        if numbers is None:
            continue
        if len(numbers) not in {2, 3}:
            notes.drop(where, f"{len(numbers)} numbers")
            continue
        if len(numbers) > _CORNERS and labelled:
            label = numbers[2]
        elif len(numbers) > _CORNERS:
            notes.repair("a third number of a point")
        if isinstance(label, bool) or label not in (0, 1):
            notes.drop(where, f"its label is {shown(label)}")
            continue
        yield (numbers[0], numbers[1]), int(label)


def _listed(key: str, value: Json) -> list[tuple[Json, int]]:
    """The points under a key, each with the label that the key gives it."""
    low = key.lower()
    if "point" not in low or "cent" in low:  # the centre of a box need not be on the object
        return []
    label = 0 if "neg" in low else 1
    if isinstance(value, list) and not any(isinstance(v, list) for v in value):
        return [(value, label)] if value else []
    return [(point, label) for point in value] if isinstance(value, list) else [(value, label)]


def _flat_box(value: Json, notes: Notes) -> Json:
    """A box that is given as a list of itself, or as two corners, as four numbers."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    corners = [v for v in value if isinstance(v, list)] if isinstance(value, list) else []
    if len(corners) == len(value if isinstance(value, list) else ()) == _CORNERS:
        notes.repair("a box of two corners")
        return [*corners[0], *corners[1]]
    return value


def _numbers(value: Json, where: str, notes: Notes) -> list[float] | None:
    """All numbers of a list; None, and the reason in `notes`, where one is none."""
    if not isinstance(value, list):
        notes.drop(where, f"{shown(value)} is no list of numbers")
        return None
    numbers = [number(v) for v in value[: _BOX + 1]]
    for given, read in zip(value, numbers, strict=False):
        if read is None:
            notes.drop(where, f"{shown(given)} is no coordinate")
            return None
        if isinstance(given, str):
            notes.repair("a number in quotes")
    return [v for v in numbers if v is not None]
