"""Periodic textures on the pixel grid: noise of several grains, fields, and a stand of trees."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.city.paint.canvas import View

N = TypeVar("N", bound=np.generic)
PERIOD = 1024
"""Pixels after which every texture repeats: more than a window shows."""
SPAN = PERIOD + 512
"""Side of a stored texture: a period, and what the largest view needs beyond it."""


@lru_cache(maxsize=16)
def noise(seed: int, slope: float, smallest: float, largest: float) -> NDArray[np.float16]:
    """Random texture (SPAN, SPAN), mean 0, deviation 1, periodic.

    Its amplitude falls with frequency to the power `slope`, between waves of `smallest` and
    `largest` pixels (spectral synthesis).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    white = np.fft.rfft2(rng.standard_normal((PERIOD, PERIOD)))
    rows, columns = np.fft.fftfreq(PERIOD)[:, None], np.fft.rfftfreq(PERIOD)[None, :]
    frequency = np.hypot(rows, columns)
    frequency[0, 0] = 1.0
    band = np.exp(-((frequency * smallest) ** 2)) * (1 - np.exp(-((frequency * largest) ** 2)))
    field = np.fft.irfft2(white * band / frequency**slope, s=(PERIOD, PERIOD))
    return _spread((field - field.mean()) / field.std()).astype(np.float16)


def _spread(texture: NDArray[N]) -> NDArray[N]:
    """Repeat a period (..., PERIOD, PERIOD) up to SPAN."""
    wide = np.concatenate([texture, texture[..., : SPAN - PERIOD]], axis=-1)
    return np.concatenate([wide, wide[..., : SPAN - PERIOD, :]], axis=-2)


def laid(texture: NDArray[N], view: View, shift: int = 0) -> NDArray[N]:
    """Cut the part of a periodic texture (SPAN wide) that lies under `view`.

    `shift` moves it by so many pixels, so that one texture can serve twice.
    """
    top, left = (view.top + shift) % PERIOD, (view.left + 2 * shift) % PERIOD
    return texture[top : top + view.height, left : left + view.width]


def cells(metres: float, view: View, least: float = 1.0) -> int:
    """How many cells of `metres` on the ground, of `least` pixels at least, make up a period."""
    return max(3, round(PERIOD / max(metres * view.metre / view.fine, least)))


@lru_cache(maxsize=8)
def patchwork(seed: int, count: int, tones: int) -> NDArray[np.uint8]:
    """Slanted rows of rectangles, about `count` x `count` a period, each of a random tone."""
    rng = np.random.Generator(np.random.PCG64([seed, count]))
    number = round(count * math.sqrt(5))  # 2x + y and 2y - x run sqrt(5) periods a period
    bend = noise(seed, 1.2, 5.0, 60.0)[:PERIOD, :PERIOD].astype(np.float32) * (
        0.12 * PERIOD / number
    )
    y, x = np.mgrid[:PERIOD, :PERIOD].astype(np.float32)
    row = ((2 * y - x + bend) * (number / PERIOD)).astype(np.int32) % number
    shift = rng.uniform(0, PERIOD, number).astype(np.float32).take(row)
    column = ((2 * x + y + bend + shift) * (0.7 * number / PERIOD)).astype(np.int32)
    tone = rng.integers(0, tones, (number, round(0.7 * number)), dtype=np.uint8)
    return _spread(tone[row, column % tone.shape[1]])


class Stand(NamedTuple):
    """Trees that stand everywhere; what is painted keeps those that its ground allows.

    Per pixel (SPAN, SPAN): `rank` of the tree whose crown covers it (0 to 1, the first are
    kept where trees are few; 2 where there is none), the way to its trunk in pixels (`down`,
    `right`), and `light` (3, ...), the crown's colour.
    """

    rank: NDArray[np.float16]
    down: NDArray[np.int8]
    right: NDArray[np.int8]
    light: NDArray[np.uint8]


GREENS = ((66, 78, 47), (76, 89, 54), (58, 70, 45), (84, 93, 58), (70, 76, 50), (62, 78, 56))
ROUGH = 77
"""Seed of the noise that frays crowns."""
SPACING = 5.2
"""Metres between trees where they stand densest."""


@lru_cache(maxsize=4)
def stand(seed: int, count: int) -> Stand:
    """Make a stand of `count` x `count` trees a period, on a jittered grid."""
    rng = np.random.Generator(np.random.PCG64([seed, count]))
    pitch = PERIOD / count
    place = (rng.random((2, count, count)) + np.mgrid[:count, :count]) * pitch
    order = rng.permutation(count * count).reshape(count, count)
    radius = pitch * (0.72 - 0.25 * order / count**2) * rng.uniform(0.55, 1.15, (count, count))
    tone = np.array(GREENS)[rng.integers(0, len(GREENS), (count, count))]
    tone = tone * rng.uniform(0.85, 1.15, (count, count, 1))
    return _stood(_first(pitch, place, radius, order), place, radius, order, tone)


def _padded(values: NDArray[Any], axis: int | None = None) -> NDArray[np.float32]:
    """One more cell on each side of a periodic grid, flat; `axis` is that of a coordinate."""
    out = np.pad(values.astype(np.float32), 1, mode="wrap")
    if axis is not None:
        ends = np.moveaxis(out, axis, 0)
        ends[0] -= PERIOD
        ends[-1] += PERIOD
    return out.ravel()


def _first(
    pitch: float,
    place: NDArray[np.float64],
    radius: NDArray[np.float64],
    order: NDArray[np.int64],
) -> NDArray[np.int32]:
    """For every pixel the first tree, by `order`, whose crown covers it; their count if none."""
    count = len(order)
    y, x = np.mgrid[:PERIOD, :PERIOD].astype(np.float32) + np.float32(0.5)
    home = (y / pitch).astype(np.int32) * (count + 2) + (x / pitch).astype(np.int32)
    ragged = (1 + 0.08 * noise(ROUGH, 0.6, 2.0, 12.0)[:PERIOD, :PERIOD].astype(np.float32)) ** 2
    down, right, wide = _padded(place[0], 0), _padded(place[1], 1), _padded(radius**2)
    number = _padded(order).astype(np.int32)
    first = np.full((PERIOD, PERIOD), count * count, np.int32)
    for row, column in np.ndindex(3, 3):
        cell = home + np.int32(row * (count + 2) + column)
        away = (down.take(cell) - y) ** 2 + (right.take(cell) - x) ** 2
        within = away * ragged < wide.take(cell)
        first = np.where(within, np.minimum(first, number.take(cell)), first)
    return first


def _stood(
    first: NDArray[np.int32],
    place: NDArray[np.float64],
    radius: NDArray[np.float64],
    order: NDArray[np.int64],
    tone: NDArray[np.float64],
) -> Stand:
    """Look up what each pixel shows of its tree."""
    back = np.append(np.argsort(order, axis=None), 0)  # the last for pixels without a tree
    grid = np.mgrid[:PERIOD, :PERIOD].astype(np.float32) + np.float32(0.5)
    half = PERIOD / 2
    away = [
        (place[i].ravel()[back].astype(np.float32)[first] - grid[i] + half) % PERIOD - half
        for i in (0, 1)
    ]
    wide = radius.ravel()[back].astype(np.float32)[first]
    # the sun stands in the south-east: that side of a crown is bright, its rim dark
    share = np.minimum(np.hypot(*away) / wide, 1)
    rough = noise(ROUGH, 0.6, 2.0, 12.0)[:PERIOD, :PERIOD].astype(np.float32)
    light = 1.02 - 0.226 * (away[0] + away[1]) / wide - 0.2 * share**3 + 0.08 * rough
    tones = tone.reshape(-1, 3)[back].astype(np.float32)
    leaves = np.stack([tones[:, i][first] * light for i in range(3)])
    rank = (first / order.size).astype(np.float16)
    rank[first == order.size] = 2
    down, right = (np.clip(np.rint(one), -127, 127).astype(np.int8) for one in away)
    shown = np.clip(leaves, 0, 255).astype(np.uint8)
    return Stand(_spread(rank), _spread(down), _spread(right), _spread(shown))
