"""Rasters of more than 8 bits: the percentiles of a mosaic, and the scaling between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from socioseg.build.imagery.rasterfile import open_raster, reason
from socioseg.errors import ImageryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from socioseg.build.imagery.rasterbands import Bands

PATCH = 64  # pixels; side of the squares that are sampled
PATCHES = 1024  # of a mosaic, at most 256 of one file and at least 4


class Sampled(Protocol):
    """What is to be known of a file to sample it; see `RasterFile`."""

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def bands(self) -> Bands: ...  # noqa: D102
    @property
    def dtype(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> tuple[int, int]: ...  # noqa: D102


@dataclass(frozen=True)
class Stretch:
    """Values that become 0 and 255, for each of R, G, B; linear between, clipped outside."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def apply(self, pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Scale (3, rows, columns), or (1, rows, columns) of grey, to (3, rows, columns)."""
        low = np.array(self.low, dtype=np.float64)[:, None, None]
        span = np.array(self.high, dtype=np.float64)[:, None, None] - low
        scaled = np.nan_to_num((pixels.astype(np.float64) - low) / span, nan=0.0)
        return np.rint(np.clip(scaled, 0.0, 1.0) * 255.0).astype(np.uint8)


def mosaic_stretch(files: Sequence[Sampled], percentiles: tuple[float, float]) -> Stretch | None:
    """Stretch between two percentiles of each band over a mosaic; None where it has 8 bits.

    The valid pixels of squares spread evenly over every file are taken: a bounded number of
    reads, whatever size a file declares, and always the same ones.

    Raises
    ------
    ImageryError
        If some files have 8 bits and some more, a file cannot be read, no pixel is valid, or a
        band has one value only.
    """
    wide = [file for file in files if file.dtype != "uint8"]
    if not wide:
        return None
    if len(wide) < len(files):
        narrow = next(file for file in files if file.dtype == "uint8")
        raise ImageryError(
            f"{narrow.path} has 8 bits and {wide[0].path} {wide[0].dtype}: one mosaic cannot hold "
            "both; convert one of them"
        )
    side = min(16, max(2, math.isqrt(PATCHES // len(files))))
    return _stretch([pixels for file in files for pixels in _samples(file, side)], percentiles)


def _samples(file: Sampled, side: int) -> Iterator[NDArray[np.generic]]:
    """Read the valid pixels, (3, n) each, of `side` by `side` squares."""
    columns, rows = (_starts(length, side) for length in file.size)
    with open_raster(file.path) as src:
        for window in (
            RasterWindow(column, row, PATCH, PATCH) for row in rows for column in columns
        ):
            area = window.intersection(RasterWindow(0, 0, *file.size))
            try:
                pixels = src.read(list(file.bands), window=area)
                valid = src.dataset_mask(window=area) > 0
            except RasterioError as error:
                raise ImageryError(
                    f"{file.path} is damaged or truncated ({reason(error)}); fetch it again"
                ) from error
            yield pixels[:, valid & np.isfinite(pixels).all(axis=0)]


def _starts(length: int, side: int) -> list[int]:
    """Where squares start along an axis: side by side if they fit, else evenly spread."""
    if length <= side * PATCH:
        return list(range(0, length, PATCH))
    return [int(start) for start in np.linspace(0, length - PATCH, side)]


def _stretch(samples: Sequence[NDArray[np.generic]], percentiles: tuple[float, float]) -> Stretch:
    pixels = np.concatenate(samples, axis=1).astype(np.float64)
    if not pixels.size:
        raise ImageryError("imagery of more than 8 bits holds no valid pixel to scale it by")
    low, high = np.percentile(pixels, percentiles, axis=1)
    if not (high > low).all():
        raise ImageryError(
            "imagery of more than 8 bits has a band with one value only between the percentiles "
            f"{percentiles[0]:g} and {percentiles[1]:g}; widen them or leave the file out"
        )
    return Stretch(_triple(low), _triple(high))


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
