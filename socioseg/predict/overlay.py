"""The picture: what was found, drawn over the satellite image, with a key to the colours."""

from __future__ import annotations

import colorsys
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont

from socioseg.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.predict.raster import Sat

SIDE = 2048
"""Pixels of the longer side of the picture, unless the imagery is smaller."""
MAX_KEYS = 24
"""Queries that the key names; there may be more."""
_FILL, _LINE = 0.35, 2
_FONT_SIZE, _SWATCH, _PAD = 14, 12, 8
_INK, _PAPER = (20, 20, 20), (255, 255, 255)
_TURN = 0.618034  # of the circle of hues: neighbours in the list differ most

Found = tuple[str, Any]
"""Query, and outline in pixels of the grid."""


def write_overlay(path: Path, sat: Sat, found: Sequence[Found]) -> None:
    """Write the picture of `found` as a PNG.

    Raises
    ------
    OutputError
        If it cannot be written.
    ImageryError
        If the satellite image cannot be read.
    """
    pixels, _ = sat.overview(SIDE)
    scale = np.array([pixels.shape[1] / sat.grid.width, pixels.shape[0] / sat.grid.height])
    names = list(dict.fromkeys(name for name, _ in found))
    colours = {name: _colour(number) for number, name in enumerate(names)}
    picture = Image.fromarray(pixels)
    shapes = [(colours[name], shapely.transform(o, lambda xy: xy * scale)) for name, o in found]
    picture = _painted(picture, shapes)
    if names:
        picture = _with_key(picture, [(colours[name], name) for name in names])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    atomic_write(path, buffer.getvalue())


def _colour(number: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb((number * _TURN) % 1, 0.85, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _painted(picture: Image.Image, shapes: Sequence[tuple[Any, Any]]) -> Image.Image:
    tint, lines = picture.copy(), ImageDraw.Draw(picture)
    cover = Image.new("L", picture.size, 0)
    over, brush = ImageDraw.Draw(cover), ImageDraw.Draw(tint)
    for colour, shape in shapes:
        for part in shapely.get_parts(shape):
            _fill(part, picture, (over, brush), colour)
    picture.paste(tint, mask=cover)
    for colour, shape in shapes:
        for ring in (r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)):
            points = list(ring.coords)
            lines.line(points, fill=_PAPER, width=2 * _LINE, joint="curve")
            lines.line(points, fill=colour, width=_LINE, joint="curve")
    return picture


def _fill(part: Any, picture: Image.Image, brushes: Any, colour: Any) -> None:  # noqa: ANN401
    """Colour a polygon without its holes: in `tint` the colour, in `cover` how much of it."""
    west, north, east, south = part.bounds
    corner = (max(0, int(west)), max(0, int(north)))
    size = (
        min(picture.width, int(east) + 2) - corner[0],
        min(picture.height, int(south) + 2) - corner[1],
    )
    if min(size) < 1:
        return
    stamp = Image.new("L", size, 0)
    pen = ImageDraw.Draw(stamp)
    for ring, value in ((part.exterior, 255), *((hole, 0) for hole in part.interiors)):
        pen.polygon([(x - corner[0], y - corner[1]) for x, y in ring.coords], fill=value)
    over, brush = brushes
    brush.bitmap(corner, stamp, fill=colour)
    over.bitmap(corner, stamp, fill=round(255 * _FILL))


def _with_key(picture: Image.Image, entries: Sequence[tuple[Any, str]]) -> Image.Image:
    """The picture with a strip below it that says which colour is which query."""
    font = ImageFont.load_default(_FONT_SIZE)
    shown = [(colour, _short(text)) for colour, text in entries[:MAX_KEYS]]
    if len(entries) > MAX_KEYS:
        shown.append((_PAPER, f"and {len(entries) - MAX_KEYS} more"))
    places, height = _places([font.getlength(text) for _, text in shown], picture.width)
    sheet = Image.new("RGB", (picture.width, picture.height + height), _PAPER)
    sheet.paste(picture)
    pen = ImageDraw.Draw(sheet)
    for (colour, text), (x, y) in zip(shown, places, strict=True):
        top = picture.height + y
        pen.rectangle((x, top + 2, x + _SWATCH, top + 2 + _SWATCH), fill=colour)
        pen.text((x + _SWATCH + 5, top), text, fill=_INK, font=font)
    return sheet


def _places(lengths: Sequence[float], width: int) -> tuple[list[tuple[int, int]], int]:
    """Where entries of these lengths stand, line by line, and the height that they take."""
    line, x, y = _FONT_SIZE + _PAD, _PAD, _PAD
    places = []
    for length in lengths:
        need = int(length) + _SWATCH + 5 + 2 * _PAD
        if x > _PAD and x + need > width:
            x, y = _PAD, y + line
        places.append((x, y))
        x += need
    return places, y + line


def _short(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:47]}…"
