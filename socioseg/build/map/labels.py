"""Labels of the digital map: where they stand, what they say, which are shown in a window."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Window

MAX_TEXT = 80
"""Longer names are cut: they would hide the map."""
SAME_PLACE = 100.0
"""Within this distance (EPSG:3857 metres) two labels of one text are one place, mapped twice."""

_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ shape Persian and Indic words
_BLANK = re.compile(r"\s+")


class Label(NamedTuple):
    """A text (may be empty) at a point (EPSG:3857).

    `kind` says which symbol and look it has. That of an `aoi` is drawn before all others, and
    wherever there is any room: queries ask for it by its name.
    """

    x: float
    y: float
    text: str
    kind: str
    aoi: bool = False


def label_point(geometry: shapely.Geometry) -> shapely.Point:
    """Where the symbol and name of an area stand.

    Its centroid where that lies inside, else a point on its surface; rounded to 0.1 m, so that
    noise in the last digits of coordinates does not move it.
    """
    x, y = label_points([geometry])[0]
    return shapely.Point(x, y)


def label_points(geometries: Sequence[shapely.Geometry]) -> NDArray[np.float64]:
    """Label points of areas: (n, 2)."""
    shapes = np.array(geometries, dtype=object)
    centroids = shapely.centroid(shapes)
    outside = ~shapely.contains(shapes, centroids)
    centroids[outside] = shapely.point_on_surface(shapes[outside])
    return np.round(shapely.get_coordinates(centroids), 1)


def symbol_of(function: str) -> str:
    """Name of the symbol of a socio-function: "park and greenspace" -> "park_and_greenspace"."""
    return re.sub(r"\W+", "_", function.lower())


def within(labels: Sequence[Label], window: Window) -> list[Label]:
    """Labels that stand in the window, in their order.

    Of several with one text at `SAME_PLACE` the first stays (an AOI often has a POI of its own).
    Nothing outside the window counts, so that the rest of the data cannot change it.
    """
    west, south, east, north = window.bounds
    kept: list[Label] = []
    texts: dict[str, list[Label]] = {}
    for label in labels:
        if not (west <= label.x < east and south < label.y <= north):
            continue
        same = texts.setdefault(label.text, [])
        if not label.text or not any(_is_near(label, other) for other in same):
            kept.append(label)
            same.append(label)
    return kept


def _is_near(a: Label, b: Label) -> bool:
    return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 <= SAME_PLACE**2


def clean_text(text: str) -> str:
    """Text as one line of characters that can be drawn, at most `MAX_TEXT` long."""
    drawn = unicodedata.normalize("NFC", "".join(filter(is_text, text)))
    line = _BLANK.sub(" ", drawn).strip()
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1].rstrip() + "…"


def is_text(char: str) -> bool:
    """Whether a character may stand in a label: blanks do, other controls and emoji do not."""
    if char in _JOINERS or char.isspace():
        return True
    category = unicodedata.category(char)
    return category[0] != "C" and not (category == "So" and ord(char) > 0xFFFF)
