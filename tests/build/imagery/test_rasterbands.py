"""Which bands become red, green and blue, and what hides pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.warp import transform
from rasters import SOURCE, WINDOW, central_window, grid, noise, opened, write
from scipy.ndimage import binary_dilation

from socioseg.build.imagery.raster import RasterSource, check_raster
from socioseg.errors import ImageryError
from socioseg.sample import CRS, Window

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

INSIDE = slice(16, 16 + WINDOW.size)
RED, GREEN, BLUE = ColorInterp.red, ColorInterp.green, ColorInterp.blue
UNDEFINED, ALPHA, GREY = ColorInterp.undefined, ColorInterp.alpha, ColorInterp.gray


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        ((RED, GREEN, BLUE), (0, 1, 2)),
        ((BLUE, GREEN, RED), (2, 1, 0)),
        ((UNDEFINED, BLUE, GREEN, RED), (3, 2, 1)),
        ((GREY, UNDEFINED, UNDEFINED, UNDEFINED), (0, 1, 2)),
        ((GREY,), (0, 0, 0)),
    ],
)
def test_bands_by_colour_interpretation(
    tmp_path: Path, kinds: tuple[ColorInterp, ...], order: tuple[int, ...]
) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size, len(kinds))
    path = write(tmp_path / "bands.tif", pixels, place, photometric="minisblack", colorinterp=kinds)
    found = opened(path).read(WINDOW)
    np.testing.assert_array_equal(found, pixels[:, INSIDE, INSIDE][list(order)].transpose(1, 2, 0))


@pytest.mark.parametrize("kinds", [(GREY, UNDEFINED), (RED, GREEN), (RED, GREEN, UNDEFINED)])
def test_bands_that_are_not_a_picture(tmp_path: Path, kinds: tuple[ColorInterp, ...]) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size, len(kinds))
    path = write(tmp_path / "two.tif", pixels, place, photometric="minisblack", colorinterp=kinds)
    with pytest.raises(ImageryError, match=r"two\.tif has .*red, green and blue"):
        opened(path)


def test_cmyk_is_refused(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    kinds = (ColorInterp.cyan, ColorInterp.magenta, ColorInterp.yellow, ColorInterp.black)
    path = write(
        tmp_path / "c.tif", noise(size, 4), place, photometric="minisblack", colorinterp=kinds
    )
    with pytest.raises(ImageryError, match="cyan, magenta, yellow, black, not red"):
        opened(path)


def test_colour_table_is_expanded(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    index = noise(size, 1) // 64
    colours = np.array([(250, 10, 20, 255), (30, 240, 50, 255), (0, 0, 99, 255), (7, 7, 7, 255)])
    path = write(tmp_path / "p.tif", index, place)
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {i: tuple(colour) for i, colour in enumerate(colours.tolist())})
    found = opened(path).read(WINDOW)
    np.testing.assert_array_equal(found, colours[index[0, INSIDE, INSIDE], :3])


@pytest.mark.parametrize("how", ["alpha", "mask", "nodata"])
def test_invalid_pixels_are_black_and_counted(tmp_path: Path, how: str) -> None:
    place, size = grid(WINDOW)
    pixels, valid = noise(size), np.full((size, size), 255, np.uint8)
    valid[:20] = 0
    options: dict[str, object] = {"mask": valid} if how == "mask" else {}
    if how == "alpha":
        pixels = np.concatenate([pixels, valid[None]])
        options = {"colorinterp": (RED, GREEN, BLUE, ALPHA)}
    if how == "nodata":
        pixels[:, :20] = 9
        pixels[0, 30] = 9  # of one band only: that is a colour
        options = {"nodata": 9}
    found = opened(write(tmp_path / "v.tif", pixels, place, **options), max_invalid=0.07).read(
        WINDOW
    )
    expected = np.where(valid, pixels[:3], 0)[:, INSIDE, INSIDE]
    np.testing.assert_array_equal(found, expected.transpose(1, 2, 0))


@pytest.mark.parametrize("how", ["alpha", "mask"])
def test_real_mask_hides_what_it_marks(shared_data: Path, how: str) -> None:
    folder = shared_data / "imagery"
    path = folder / f"hro_colorado_0.15m_{how}.tif"
    imagery = opened(path, zoom=20, max_invalid=1.0)
    window = central_window(imagery.coverage, zoom=20, size=512)
    hidden = ~imagery.read(window).any(axis=2)
    expected = nearest_mask(path, window) == 0
    assert 0.1 < expected.mean() < 0.6
    both, either = (hidden & expected).sum(), (hidden | expected).sum()
    assert both / either > 0.8  # they differ along outlines, by half a pixel
    if how == "mask":
        return  # this file's pixels are others, too
    plain = opened(folder / "hro_colorado_0.15m.tif", zoom=20, max_invalid=1.0).read(window)
    sure = ~binary_dilation(expected, iterations=4)
    np.testing.assert_allclose(imagery.read(window)[sure], plain[sure], atol=1)


def nearest_mask(path: Path, window: Window) -> NDArray[np.uint8]:
    """Mask of the raster at the centres of the window's pixels."""
    rows, columns = np.mgrid[0 : window.size, 0 : window.size] + 0.5
    x, y = Affine.from_gdal(*window.transform) @ np.array([columns.ravel(), rows.ravel()])
    with rasterio.open(path) as src:
        points = ~src.transform @ np.array(transform(CRS, src.crs, x, y))
        column, row = (np.floor(axis).astype(int) for axis in points)
        mask = np.pad(src.dataset_mask(), 1)
    inside = [
        np.clip(axis + 1, 0, n - 1) for axis, n in zip((row, column), mask.shape, strict=True)
    ]
    found: NDArray[np.uint8] = mask[inside[0], inside[1]].reshape(window.size, window.size)
    return found


def test_grey_raster_is_said(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    path = str(write(tmp_path / "g.tif", noise(size, 1), place))
    (note,) = check_raster(RasterSource((path,), SOURCE), WINDOW.zoom).notes
    assert note.startswith("1 raster has one band")
