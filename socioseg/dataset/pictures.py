"""Pictures of the card: satellite, map and mask of one sample of each level, side by side."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageFilter

from socioseg.dataset.images import decode_image
from socioseg.dataset.schema import SPLITS
from socioseg.dataset.store import read_rows, split_paths
from socioseg.errors import DatasetError
from socioseg.files import atomic_write

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.sample import Level

ASSETS = "assets"
_IMAGES = ("sat_image", "map_image", "mask_label")
PANEL = 320
"""Side of one picture in pixels."""
GAP = 8
_COLOUR = (255, 64, 32)
_CONSIDERED = 500
"""Samples among which the one to show is chosen."""


def write_picture(root: Path, level: Level) -> str:
    """Draw a typical sample of `level` into `assets`; returns its query, "" if there is none.

    Raises
    ------
    DatasetError
        If its files cannot be read, or its images are not sound.
    OutputError
        If the picture cannot be written.
    """
    split = next((split for split in SPLITS if split_paths(root, level, split)), None)
    row = _typical(root, level, split) if split else None
    if row is None:
        return ""
    buffer = io.BytesIO()
    _strip(row).save(buffer, "JPEG", quality=88)
    atomic_write(root / ASSETS / f"{level}.jpg", buffer.getvalue())
    return str(row["problem"])


def _typical(root: Path, level: Level, split: str) -> dict[str, Any] | None:
    """Return the sample whose boxes cover the median area; None where no sample has a box."""
    areas = []
    for row, _ in zip(
        read_rows(root, level, split, ["id", "boxes"]), range(_CONSIDERED), strict=False
    ):
        area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in row["boxes"])
        if area:
            areas.append((area, row["id"]))
    if not areas:
        return None
    wanted = sorted(areas)[len(areas) // 2][1]
    rows = read_rows(root, level, split, ["id", "problem", *_IMAGES])
    return next(row for row in rows if row["id"] == wanted)


def _strip(row: dict[str, Any]) -> Image.Image:
    sat, digital_map, mask = (Image.fromarray(decode_image(name, row[name])) for name in _IMAGES)
    if mask.size != sat.size:
        raise DatasetError(f"The images of {row['id']} differ in size: build the dataset again.")
    panels = [sat, digital_map, overlay(sat, mask)]
    strip = Image.new("RGB", (len(panels) * (PANEL + GAP) - GAP, PANEL), "white")
    for index, panel in enumerate(panels):
        small = panel.resize((PANEL, PANEL), Image.Resampling.LANCZOS)
        strip.paste(small, (index * (PANEL + GAP), 0))
    return strip


def overlay(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Lay `mask` (mode L) over `image` as a tint with a solid outline."""
    tint = mask.point(lambda value: value * 2 // 5)
    outline = Image.eval(mask.filter(ImageFilter.MinFilter(7)), lambda value: 255 - value)
    edge = Image.composite(mask, Image.new("L", mask.size), outline)
    colour = Image.new("RGB", image.size, _COLOUR)
    return Image.composite(colour, Image.composite(colour, image, tint), edge)
