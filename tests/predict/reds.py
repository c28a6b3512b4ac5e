"""Models that find what is red, and rasters with red blocks to find."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from socioseg.errors import ServiceError
from socioseg.models.base import Prediction
from socioseg.predict.run import PredictRequest, predict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Query

RED, GREEN = (200, 30, 30), (40, 120, 40)
SPOTS = {
    "EPSG:3857": (9_520_000.0, 3_200_000.0, 1.0),
    "EPSG:32645": (355_000.0, 3_057_000.0, 1.0),
    "EPSG:2056": (2_600_000.0, 1_200_000.0, 1.0),
    "EPSG:4326": (85.52, 27.63, 1e-5),
    "EPSG:27700": (530_000.0, 180_000.0, 1.0),
}
"""Where a raster's upper left corner lies in a CRS, and its units in a metre or so."""


class Red:
    """Finds what is red in the satellite image; sure in the measure that it is told."""

    name = "red"
    revision = "r1"

    def __init__(self, confidence: float | None = 0.75) -> None:
        self.confidence = confidence

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        return [
            Prediction(query.id, self.mask(query), confidence=self.confidence) for query in samples
        ]

    def mask(self, query: Query) -> NDArray[np.bool_]:
        return (query.sat[..., 0] > 120) & (query.sat[..., 1] < 75)


class BlindAtBorders(Red):
    """Does not see what the border of its window cuts."""

    def mask(self, query: Query) -> NDArray[np.bool_]:
        mask = super().mask(query)
        edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        return mask & ~edge.any()


class Refuses(Red):
    """Has no answer to anything."""

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        return [Prediction(query.id, None, "no_boxes", "it saw none") for query in samples]


class Stops(Red):
    """Finds the service that it asks down when it has no answers left."""

    left = 0
    asked: ClassVar[list[str]] = []
    refuses: ClassVar[set[str]] = set()

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        if Stops.left < len(samples):
            raise ServiceError("the model is down: start it.")
        Stops.left -= len(samples)
        Stops.asked += [query.id for query in samples]
        found = super().predict(samples)
        return [
            Prediction(query.id, None, "refused") if query.id in Stops.refuses else answer
            for query, answer in zip(samples, found, strict=True)
        ]


class Slow(Red):
    """Takes its time, and writes down in `asked.txt` what it was asked."""

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        time.sleep(0.03)
        with Path("asked.txt").open("a") as file:
            file.write("".join(f"{query.id}\n" for query in samples))
        return super().predict(samples)


def picture(width: int, height: int, *blocks: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Green ground with red blocks (x0, y0, x1, y1); (3, height, width)."""
    pixels = np.empty((3, height, width), np.uint8)
    pixels[:] = np.array(GREEN, np.uint8)[:, None, None]
    for x0, y0, x1, y1 in blocks:
        pixels[:, y0:y1, x0:x1] = np.array(RED, np.uint8)[:, None, None]
    return pixels


def place_of(crs: str, pixel: float = 0.5) -> Affine:
    """Transform of a raster of `pixel` metres or so in `crs`."""
    x, y, unit = SPOTS[crs]
    return Affine(pixel * unit, 0, x, 0, -pixel * unit, y)


def save(path: Path, pixels: NDArray[Any], crs: str | None, place: Affine | None) -> Path:
    """Write a GeoTIFF, or by its ending a PNG without a place."""
    import warnings

    count, height, width = pixels.shape
    where = {} if crs is None else {"crs": crs, "transform": place}
    driver = "PNG" if path.suffix == ".png" else "GTiff"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(
            path, "w", driver=driver, width=width, height=height, count=count,
            dtype=pixels.dtype, **where,
        ) as file:  # fmt: skip
            file.write(pixels)
    return path


def found_in(sat: Path, out: Path, **wishes: object) -> dict[str, Any]:
    """What `predict` says of `sat`, asked for what is red."""
    given: dict[str, Any] = {"model": "reds:Red", "window": 96, **wishes}
    if "queries" not in given:
        given.setdefault("query", "school")
    return predict(PredictRequest(sat=str(sat), out=out, **given))
