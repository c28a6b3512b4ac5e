"""From a drawn canvas to a photograph: texture, trees, shadow, haze, grain."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from socioseg.city.paint import shadows, textures
from socioseg.city.paint.palette import Rgb, load
from socioseg.city.paint.textures import laid, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.city.paint.canvas import View
    from socioseg.city.paint.urban import Urban

    Plane = NDArray[np.float32]

PAVED = (152.0, 149.0, 142.0)
YARDS = (0, 0, 0, 1, 1, 2, 3, 4)
"""Which of `PARCELS` parcels have: how often each occurs."""
PARCELS = (
    (112.0, 117.0, 85.0), (132.0, 128.0, 94.0), (92.0, 102.0, 68.0), (150.0, 146.0, 138.0),
    (152.0, 142.0, 122.0),
)  # fmt: skip
FIELDS = ((122.0, 128.0, 80.0), (144.0, 138.0, 97.0), (104.0, 118.0, 70.0), (132.0, 124.0, 88.0))
SHORE = (-22.0, -16.0, -26.0)
LEFT = (0.47, 0.51, 0.60)
"""What is left of red, green and blue in full shadow, which the blue sky lights."""
HAZE = (9.0, 11.0, 15.0)


@lru_cache(maxsize=8)
def _table(name: str) -> Plane:
    """Values of a column of the grounds by code, (256,) or (3, 256)."""
    return np.ascontiguousarray(load().table(name).T)


def _noise(view: View, seed: int, slope: float, band: tuple[float, float], shift: int = 0) -> Plane:
    """Noise under `view`, mean 0, deviation 1; `band` is its least and its greatest wave."""
    return laid(noise(seed, slope, *band), view, shift).astype(np.float32)


def expose(
    drawn: Image.Image, view: View, urban: Urban, shade: Plane, seed: int
) -> NDArray[np.uint8]:
    """Turn the drawn picture of `view` (fine x fine dots a pixel) into pixels (height, width, 3).

    One pixel is lost on each side; within them, `shade` is how much of each pixel is in shadow.
    """
    small = np.asarray(drawn.reduce(view.fine))
    planes = np.stack([small[..., i].astype(np.float32) for i in range(3)])
    code = np.asarray(drawn.getchannel(3))[:: view.fine, :: view.fine].astype(np.intp)
    blotch = _noise(view, seed + 1, 1.2, (5.0, 60.0), 131)
    _settle(planes, code, urban.share, blotch, view, seed)
    _weather(planes, code, blotch, view, seed)
    _shore(planes, code)
    leaves = _plant(planes, code, urban.share, blotch, view, seed)
    shade = np.maximum(shade, leaves)
    for i, left in enumerate(LEFT):
        planes[i] *= 1 - shade * np.float32(1 - left)
    return _develop(planes, view, seed)


def _settle(
    planes: Plane, code: NDArray[np.intp], built: Plane, blotch: Plane, view: View, seed: int
) -> None:
    """Give unmapped ground and verges their look: fields far out, gardens, paving in town."""
    grounds = load().grounds
    unmapped, verge = code == grounds["open"].code, code == grounds["verge"].code
    rural = np.clip(1 - built * 20, 0, 1)
    if unmapped.any():
        town = np.clip((built - 0.22 + 0.06 * blotch) * 6, 0, 0.9) * unmapped
        field, yard = 0.8 * rural * unmapped, 0.75 * (1 - rural) * (unmapped - town)
        fields = _patches(view, seed + 8, 110.0, len(FIELDS))
        yards = np.array(YARDS).take(_patches(view, seed + 9, 13.0, len(YARDS)))
        for i, base in enumerate(grounds["open"].rgb):
            planes[i] += field * _shift(FIELDS, i, base).take(fields)
            planes[i] += yard * _shift(PARCELS, i, base).take(yards)
            planes[i] += town * np.float32(PAVED[i] - base)
    if verge.any():
        lawn = np.minimum(1.6 * rural, 1) * verge
        for i, base in enumerate(grounds["verge"].rgb):
            planes[i] += lawn * np.float32(grounds["grass"].rgb[i] - base)


def _patches(view: View, seed: int, metres: float, tones: int) -> NDArray[np.uint8]:
    """Numbers below `tones` in patches about as wide as `metres`."""
    return laid(textures.patchwork(seed, textures.cells(metres, view), tones), view)


def _shift(colours: tuple[Rgb, ...], i: int, base: float) -> Plane:
    """How far channel `i` of each colour is from `base`."""
    return np.array([one[i] - base for one in colours], np.float32)


def _weather(planes: Plane, code: NDArray[np.intp], blotch: Plane, view: View, seed: int) -> None:
    """Add each ground's own variation to its colour."""
    soft = _noise(view, seed, 1.6, (3.0, 90.0))
    grain = _noise(view, seed + 2, 0.2, (1.0, 6.0), 57)
    patch = np.clip(1.4 * blotch - 0.5, 0, 1)
    grainy = grain * _table("fine").take(code)
    for i in range(3):
        planes[i] += grainy
        planes[i] += soft * _table("soft")[i].take(code)
        planes[i] += patch * _table("patch")[i].take(code)


def _shore(planes: Plane, code: NDArray[np.intp]) -> None:
    """Darken water along its edge."""
    water = code == load().grounds["water"].code
    if not water.any():
        return
    picture = Image.fromarray(water.astype(np.uint8) * 255)
    small = picture.reduce(4).resize(picture.size, Image.Resampling.BILINEAR)
    edge = (1 - np.asarray(small).astype(np.float32) / 255) * water
    for i, change in enumerate(SHORE):
        planes[i] += edge * np.float32(change)


def _plant(
    planes: Plane, code: NDArray[np.intp], built: Plane, blotch: Plane, view: View, seed: int
) -> Plane:
    """Set the trees that each ground allows; return where they cast shadow."""
    trees = textures.stand(seed, textures.cells(textures.SPACING, view, 1.8))
    share = _table("trees").take(code)
    share *= np.where(share < 0.9, np.clip(0.75 + 0.9 * blotch, 0.05, 2.6), 1)
    unmapped = code == load().grounds["open"].code
    share[unmapped] *= _settled(built[unmapped])
    trunk = np.arange(code.size).reshape(code.shape)
    trunk = trunk + laid(trees.down, view).astype(np.intp) * view.width + laid(trees.right, view)
    # past the rim the trunk of a wrong row is read; the tile's padding is wider than a crown
    crown = (laid(trees.rank, view) < share.ravel().take(trunk, mode="clip")) & (share >= 0)
    for i, plane in enumerate(planes):
        np.copyto(plane, laid(trees.light[i], view), where=crown)
    shade = np.zeros(code.shape, np.float32)
    right, down = shadows.sun_pixels(view, shadows.TREE)
    shade[: view.height - down, : view.width - right] = crown[down:, right:]
    shade *= np.where(crown, np.float32(0.35), np.float32(0.9))
    return shade


def _settled(built: Plane) -> Plane:
    """Share of its trees that unmapped ground keeps: few on fields, most in gardens."""
    kept: Plane = np.clip(14 * built + 0.12, 0, 1) * np.clip(1.3 - 3 * built, 0.1, 1)
    return kept


def _develop(planes: Plane, view: View, seed: int) -> NDArray[np.uint8]:
    """Haze, slow drift of brightness, the blur of the lens, the noise of the sensor."""
    gain = _noise(view, seed + 3, 2.2, (40.0, 512.0), 17) * np.float32(0.022)
    gain += 1
    inner = view.grown(-1, -1, -1, -1)
    pixels = np.empty((inner.height, inner.width, 3), np.uint8)
    planes *= gain
    for i, plane in enumerate(planes):
        rows = plane[:-2] + plane[2:]
        rows += 5 * plane[1:-1]
        blurred = rows[:, :-2] + rows[:, 2:]
        blurred += 5 * rows[:, 1:-1]
        blurred *= np.float32(1 / 49)
        blurred += np.float32(2.2) * _noise(inner, seed + 4, 0, (0.6, 512.0), 150 * i)
        blurred += np.float32(HAZE[i] + 0.5)
        pixels[..., i] = np.clip(blurred, 0, 255)
    return pixels
