"""Checks of one row by itself: its images, boxes, place, texts and credits."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from socioseg.dataset.images import decode_image
from socioseg.dataset.schema import IMAGE_COLUMNS
from socioseg.errors import DatasetError
from socioseg.instances import instance_boxes
from socioseg.sample import CRS, ORIGIN, TILE_SIZE, Level, Window, ground_resolution

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import numpy as np
    from numpy.typing import NDArray

MAX_ZOOM = 30
ID_PATTERN = re.compile(r"(name|class|function)_[0-9A-Za-z.-]{1,100}")
"""The level, as upstream's code expects, and whatever is stable."""
OSM_ID_PATTERN = re.compile(r"[a-z]+/-?\d+")
Credit = tuple[str, str, str]
"""image_source, image_license, image_attribution."""
_NEVER_EMPTY = (
    "problem", "socio_function", "region", "image_source", "image_license", "image_attribution",
    "map_style",
)  # fmt: skip
_EMPTY = {
    Level.NAME: (),
    Level.CLASS: ("socio_name",),
    Level.FUNCTION: ("socio_name", "socio_class"),
}
"""Text columns that a level leaves empty."""


def check_row(row: dict[str, Any], level: Level, credits_: Collection[Credit]) -> Iterator[str]:
    """Yield what is wrong with `row`, of the config of `level`, in one line each.

    Parameters
    ----------
    row
        All columns; images as the bytes of their files.
    credits_
        The sources that the report names.
    """
    nulls = [name for name, value in row.items() if _has_null(value)]
    if nulls:
        yield f"null in {', '.join(nulls)}"
        return
    yield from _texts(row, level)
    yield from _credits(row, credits_)
    images = {}
    for column in IMAGE_COLUMNS:
        try:
            images[column] = decode_image(column, row[column])
        except DatasetError as error:
            yield str(error)
    if len(images) == len(IMAGE_COLUMNS):
        yield from _sizes(images)
    if "mask_label" in images:
        yield from _mask(row, images["mask_label"])
        yield from _place(row, images["mask_label"].shape[0])


def _has_null(value: Any) -> bool:  # noqa: ANN401 - a cell of any column
    return value is None or (isinstance(value, list) and any(map(_has_null, value)))


def _texts(row: dict[str, Any], level: Level) -> Iterator[str]:
    if not ID_PATTERN.fullmatch(row["id"]) or not row["id"].startswith(f"{level}_"):
        yield f"id is not {level}_ and letters or digits"
    if row["level"] != level:
        yield f"level is {row['level']!r} in the config {level.config}"
    for name in (*_NEVER_EMPTY, level.config):
        if not row[name].strip():
            yield f"{name} is empty"
    for name in _EMPTY[level]:
        if row[name]:
            yield f"{name} is {row[name]!r}; it must be empty at level {level}"
    if row["problem"] != row[level.config]:
        yield f"problem is {row['problem']!r} but {level.config} is {row[level.config]!r}"
    wrong = [name for name in row["osm_ids"] if not OSM_ID_PATTERN.fullmatch(name)]
    if wrong:
        yield f"osm_ids holds {wrong[0]!r}; they look like way/123"


def _credits(row: dict[str, Any], known: Collection[Credit]) -> Iterator[str]:
    credit = (row["image_source"], row["image_license"], row["image_attribution"])
    if all(credit) and credit not in known:
        yield f"source, licence and attribution {credit} are not among those of report.json"


def _sizes(images: dict[str, NDArray[np.uint8]]) -> Iterator[str]:
    sizes = {name: image.shape[1::-1] for name, image in images.items()}
    if len(set(sizes.values())) > 1:
        text = ", ".join(f"{name} {w} x {h}" for name, (w, h) in sizes.items())
        yield f"images differ in size: {text}"
    width, height = sizes["mask_label"]
    if width != height:
        yield f"mask_label is not square: {width} x {height}"


def _mask(row: dict[str, Any], mask: NDArray[np.uint8]) -> Iterator[str]:
    if not ((mask == 0) | (mask == 255)).all():
        yield "mask_label holds values other than 0 and 255"
        return
    boxes = [list(box) for box in instance_boxes(mask == 255)]
    if row["boxes"] != boxes:
        yield f"boxes are {row['boxes']}; the mask gives {boxes}"
    if row["instances"] != len(boxes):
        yield f"instances is {row['instances']}; the mask holds {len(boxes)}"
    if not boxes and mask.any():
        yield "the mask is not empty but has no instance of more than 10 pixels"
    if bool(boxes) != bool(row["osm_ids"]):
        yield "osm_ids is empty where the mask is not, or the other way round"


def _place(row: dict[str, Any], size: int) -> Iterator[str]:
    if row["crs"] != CRS:
        yield f"crs is {row['crs']!r}; it must be {CRS}"
    if not 0 <= row["zoom"] <= MAX_ZOOM:
        yield f"zoom is {row['zoom']}; it must be 0 to {MAX_ZOOM}"
    elif not all(map(math.isfinite, row["transform"])):
        yield "transform holds what is not a number"
    else:
        yield from _grid(row, window_of(row, size))


def _grid(row: dict[str, Any], window: Window) -> Iterator[str]:
    near = 1e-6 * window.resolution
    pairs = zip(row["transform"], window.transform, strict=True)
    if not all(math.isclose(a, b, rel_tol=1e-12, abs_tol=near) for a, b in pairs):
        yield f"transform does not lie on the pixel grid of zoom {window.zoom}"
    last = (TILE_SIZE << window.zoom) - window.size
    if not (0 <= window.x <= last and 0 <= window.y <= last):
        yield "transform lies outside the world"
    elif not math.isclose(row["gsd"], window.gsd, rel_tol=1e-9):
        yield f"gsd is {row['gsd']}; the window's is {window.gsd}"


def window_of(row: dict[str, Any], size: int) -> Window:
    """Window nearest to the `transform` and `zoom` of a row whose images have `size` pixels."""
    west, north = row["transform"][0], row["transform"][3]
    resolution = ground_resolution(row["zoom"])
    x, y = round((west + ORIGIN) / resolution), round((ORIGIN - north) / resolution)
    return Window(row["zoom"], x, y, size)
