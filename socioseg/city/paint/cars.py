"""Cars: parked in the bays of car parks and along kerbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.city.paint.axes import Axes, axes, boxes, lattice, within
from socioseg.city.paint.chance import generator, scatter
from socioseg.city.paint.palette import PLAIN, load, mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import Polygon

    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.palette import Ink

PAINTS: tuple[Ink, ...] = tuple(
    (*rgb, PLAIN)
    for rgb in (
        (226, 226, 224), (206, 207, 208), (172, 174, 176), (128, 130, 132), (84, 86, 88),
        (48, 49, 52), (44, 46, 50), (146, 46, 42), (62, 84, 124), (98, 104, 96),
        (180, 168, 142), (232, 232, 230),
    )
)  # fmt: skip
GLASS: Ink = (44, 50, 56, PLAIN)
LENGTH, WIDTH = 4.5, 1.8  # metres


def draw(
    canvas: Canvas,
    centres: NDArray[np.float64],
    angle: NDArray[np.float64],
    paint: NDArray[np.int64],
) -> None:
    """Draw cars at `centres` (n, 2; dots), headed along `angle`, of the colour `paint`."""
    near = np.all((centres > -20) & (centres < np.add(canvas.image.size, 20)), axis=1)
    centres, angle, paint = centres[near], angle[near], paint[near]
    metre = canvas.metre
    if metre < 1.0 or not len(centres):
        return
    shade = boxes(centres - 0.35 * metre, LENGTH * metre, WIDTH * metre, angle)
    bodies = boxes(centres, LENGTH * metre - 1, max(1.0, WIDTH * metre - 1), angle)
    canvas.shapes(shade, [(62, 63, 68, PLAIN)] * len(centres))
    canvas.shapes(bodies, [PAINTS[i] for i in paint])
    if metre > 3:
        ahead = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        for offset, depth in ((0.7, 0.8), (-1.5, 0.6)):
            at = centres + ahead * offset * metre
            canvas.shapes(boxes(at, depth * metre, 1.4 * metre - 1, angle), [GLASS] * len(centres))


def car_park(canvas: Canvas, geometry: Polygon, seed: int, name: str, share: float = 0.62) -> None:
    """Fill a car park with rows of bays, `share` of them taken."""
    if canvas.metre < 1.0:
        return
    frame = axes(geometry)
    bays = _bays(frame)
    places = frame.place(bays)
    nose = np.array([0.0, 2.0])
    inside = within(geometry, frame.place(bays + nose)) & within(geometry, frame.place(bays - nose))
    rng = generator(seed, name)
    busy = share * (0.5 + rng.random())
    roll, paint = rng.random(len(bays)), rng.integers(0, len(PAINTS), len(bays))
    angle = np.pi / 2 - np.arctan2(frame.north, frame.east)
    if canvas.metre > 1.4:
        _lines(canvas, frame, bays[inside])
    taken = inside & (roll < busy)
    draw(canvas, canvas.dots(places[taken]), np.full(taken.sum(), angle), paint[taken])


def _bays(frame: Axes) -> NDArray[np.float64]:
    """Centres of bays of 2.6 m, in pairs of rows with an aisle of 6 m between pairs."""
    if frame.width < 9:
        return lattice(frame, 2.6, 6.0, 0.5)
    pairs = lattice(frame, 2.6, 16.0, 0.5)
    depth = np.array([0.0, 2.5])
    return np.concatenate([pairs - depth, pairs + depth])


def _lines(canvas: Canvas, frame: Axes, bays: NDArray[np.float64]) -> None:
    ground = load().grounds["asphalt"].ink()
    ink = mix(ground, (236, 236, 232, ground[3]), min(0.9, 0.12 * canvas.metre))
    ends = bays[:, None, :] + np.array([[-1.3, -2.4], [-1.3, 2.4]])
    canvas.strokes(canvas.dots(frame.place(ends).reshape(-1, 2)).reshape(-1, 2, 2), 0.12, ink)


class Kerb(NamedTuple):
    """A street along which cars are parked: `offset` metres from the middle of `path` (dots)."""

    path: NDArray[np.float64]
    offset: float
    share: float
    rolls: tuple[float, ...]


def kerbside(
    kerbs: Sequence[Kerb], metre: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Places (n, 2), angles and colours of cars on both sides of streets, in dots."""
    points = np.concatenate([kerb.path for kerb in kerbs])
    ends = np.cumsum([len(kerb.path) for kerb in kerbs])
    steps = np.diff(points, axis=0, append=points[-1:])
    sizes = np.hypot(steps[:, 0], steps[:, 1])
    run = np.concatenate([[0.0], np.cumsum(sizes)[:-1]])  # along all streets, one after the other
    first, last = run[np.append(0, ends[:-1])], run[ends - 1]
    counts = np.maximum(0, ((last - first) / metre - 16) / 6.0).astype(np.int64)
    street = np.repeat(np.arange(len(kerbs)), 2 * counts)
    k = np.arange(len(street)) - np.repeat(np.cumsum(2 * counts) - 2 * counts, 2 * counts)
    keys = np.array([kerb.rolls[5] for kerb in kerbs])[street]
    roll, paint = scatter(keys, 2 * k), scatter(keys, 2 * k + 1)
    share = np.array([kerb.share * (0.4 + 1.2 * kerb.rolls[6]) for kerb in kerbs])[street]
    kept = roll < share
    street, k = street[kept], k[kept]
    at = first[street] + (8 + 6.0 * (k // 2 + 0.5)) * metre
    leg = np.searchsorted(run, at, side="right") - 1
    ahead = steps[leg] / np.maximum(sizes[leg], 1e-6)[:, None]
    side = np.array([kerb.offset for kerb in kerbs])[street] * np.where(k % 2, 1.0, -1.0) * metre
    places = points[leg] + ahead * (at - run[leg])[:, None]
    places += np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1) * side[:, None]
    colours = (paint[kept] * len(PAINTS)).astype(np.int64)
    return places, np.arctan2(ahead[:, 1], ahead[:, 0]), colours
