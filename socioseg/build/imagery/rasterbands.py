"""Which bands of a raster are red, green and blue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rasterio.enums import ColorInterp

from socioseg.errors import ImageryError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

RGB = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
OTHER_MODELS = {
    ColorInterp.cyan,
    ColorInterp.magenta,
    ColorInterp.yellow,
    ColorInterp.black,
    ColorInterp.hue,
    ColorInterp.saturation,
    ColorInterp.lightness,
    ColorInterp.Y,
    ColorInterp.Cb,
    ColorInterp.Cr,
}


class Bands(NamedTuple):
    """Band numbers (from 1) of red, green and blue; the same one thrice in a grey raster."""

    red: int
    green: int
    blue: int

    @property
    def grey(self) -> bool:
        """Whether one band stands for all three."""
        return self.red == self.green == self.blue


def rgb_bands(src: DatasetReader) -> Bands:
    """Red, green and blue by the bands' colour interpretation, else bands 1 to 3.

    A raster with one band (beside an alpha band) is grey. Without any of the three colours in
    its interpretation, a raster is taken to hold them first, as in NAIP's R, G, B, NIR.

    Raises
    ------
    ImageryError
        If there are two bands, colours of another model (CMYK, HLS, YCbCr), or only some of
        the three.
    """
    kinds = src.colorinterp
    found = [kind for kind in RGB if kind in kinds]
    if len(found) == len(RGB):
        return Bands(*(kinds.index(kind) + 1 for kind in RGB))
    if found or OTHER_MODELS & set(kinds):
        raise ImageryError(
            f"{src.name} has bands {', '.join(kind.name for kind in kinds)}, not red, green and "
            "blue; convert it with gdal_translate -b and -colorinterp"
        )
    plain = [number for number, kind in enumerate(kinds, 1) if kind is not ColorInterp.alpha]
    if len(plain) == 1:
        return Bands(plain[0], plain[0], plain[0])
    if len(plain) < len(RGB):
        raise ImageryError(
            f"{src.name} has {len(plain)} bands; imagery needs red, green and blue, or grey alone"
        )
    return Bands(*plain[:3])
