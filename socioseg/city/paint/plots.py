"""Areas of the ground: their colour, and the rows of things that stand on some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.city.paint import cars, sports
from socioseg.city.paint.axes import Axes, axes, boxes, lattice, within
from socioseg.city.paint.chance import generator, rolls
from socioseg.city.paint.palette import PLAIN, load, mix, tint
from socioseg.city.paint.ways import hidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.palette import Ink
    from socioseg.features import Feature


class Plot(NamedTuple):
    """An area to draw: the feature, the name of its ground, its size (m2), the seed of chance."""

    feature: Feature
    ground: str
    size: float
    seed: int

    @property
    def order(self) -> tuple[float, str]:
        """Where it lies among the others: the smallest on top."""
        return (-self.size, self.feature.osm_id)

    @property
    def ink(self) -> Ink:
        """Colour of its ground, in its own tone."""
        return load().grounds[self.ground].ink(self.rolls[0])

    @property
    def rolls(self) -> tuple[float, ...]:
        """Random numbers of its own."""
        return rolls(self.seed, self.feature.osm_id)


def plot(feature: Feature, size: float, seed: int) -> Plot | None:
    """Tell how an area that is no building is drawn; None if it shows nothing of its own."""
    tags = feature.tags
    if tags.get("area") == "no" or hidden(tags):
        return None
    if "highway" in tags and tags.get("area") != "yes":
        return None
    name = load().area(tags)
    return None if name is None else Plot(feature, name, size, seed)


def draw(canvas: Canvas, plots: list[Plot]) -> None:
    """Draw plots, the first lowest."""
    for one in plots:
        canvas.fill(one.feature.geometry, one.ink)
        detail = DETAILS.get(one.ground)
        if detail is not None and canvas.metre > 0.5:
            detail(canvas, one)


def stripes(canvas: Canvas, frame: Axes, spacing: float, width: float, ink: Ink) -> None:
    """Draw lines along the long side of a frame, `spacing` metres apart."""
    count = int(frame.width / spacing) + 1
    ys = (np.arange(count) - (count - 1) / 2) * spacing
    xs = np.array([-0.5, 0.5]) * frame.length
    ends = np.stack(np.broadcast_arrays(xs[None, :], ys[:, None]), axis=-1)
    canvas.strokes(canvas.dots(frame.place(ends).reshape(-1, 2)).reshape(-1, 2, 2), width, ink)


def things(
    canvas: Canvas, plot: Plot, spacing: tuple[float, float], size: tuple[float, float],
    inks: tuple[Ink, ...], share: float = 1.0,
) -> None:  # fmt: skip
    """Set small rectangles of `size` metres on a grid over a plot, a `share` of them."""
    frame = axes(plot.feature.geometry)
    at = lattice(frame, *spacing, inset=1.0)
    rng = generator(plot.seed, plot.feature.osm_id)
    kept, choice = rng.random(len(at)) < share, rng.integers(0, len(inks), len(at))
    kept &= within(plot.feature.geometry, frame.place(at))
    corners = canvas.dots(frame.place(boxes(at[kept], *size, 0.0)).reshape(-1, 2))
    canvas.shapes(corners.reshape(-1, 4, 2), [inks[i] for i in choice[kept]])


def _tarmac(canvas: Canvas, plot: Plot) -> None:
    """Cars on car parks and at dealers, a circle on helipads."""
    tags = plot.feature.tags
    if tags.get("amenity") == "parking" or tags.get("shop") == "car":
        share = 0.95 if "shop" in tags else 0.62
        cars.car_park(canvas, plot.feature.geometry, plot.seed, plot.feature.osm_id, share)
    elif tags.get("aeroway") == "helipad":
        frame, white = axes(plot.feature.geometry), (236, 236, 232, PLAIN)
        ring = sports.arc(0, 0, 0.36 * frame.width)
        canvas.thin(canvas.dots(frame.place(ring)), 0.9, white)


def _field(canvas: Canvas, plot: Plot) -> None:
    """Furrows along the field, in one of several stages of growth."""
    stages = ((126, 130, 80), (150, 138, 98), (104, 120, 68), (160, 150, 108), (136, 120, 94))
    ink = tint(stages[int(plot.rolls[1] * 5)], 0.94 + 0.12 * plot.rolls[2], plot.ink[3])
    geometry = plot.feature.geometry
    canvas.fill(geometry, ink)
    with canvas.inside(geometry) as inner:
        step = max(3.0, 3.0 / canvas.metre)
        stripes(inner, axes(geometry), step, 0.4 * step, mix(ink, (96, 92, 62, 0), 0.16))


def _rows(canvas: Canvas, plot: Plot) -> None:
    """Rows of vines."""
    with canvas.inside(plot.feature.geometry) as inner:
        step = max(2.4, 2.4 / canvas.metre)
        stripes(inner, axes(plot.feature.geometry), step, 0.45 * step, (82, 96, 58, plot.ink[3]))


def _orchard(canvas: Canvas, plot: Plot) -> None:
    crown = load().grounds["crown"]
    inks = (crown.ink(0.2), crown.ink(0.5), tint((80, 94, 58), 1, crown.code))
    if canvas.metre > 0.7:
        things(canvas, plot, (6.0, 6.5), (3.6, 3.6), inks, 0.93)


def _graves(canvas: Canvas, plot: Plot) -> None:
    if canvas.metre < 1.4:
        return
    colours = ((190, 188, 180), (150, 148, 144), (96, 96, 98), (170, 158, 140))
    inks = tuple(mix((*rgb, PLAIN), plot.ink, 0.25) for rgb in colours)
    things(canvas, plot, (3.6, 2.4), (1.9, 0.9), inks, 0.8)


def _solar(canvas: Canvas, plot: Plot) -> None:
    canvas.fill(plot.feature.geometry, load().grounds["meadow"].ink(0.5))
    ink = load().grounds["solar"].ink(0.5)
    things(canvas, plot, (9.0, 6.0), (8.6, 3.4), (ink,), 1.0)


def _beds(canvas: Canvas, plot: Plot) -> None:
    """Beds and sheds of an allotment garden."""
    code = load().grounds["allotments"].code
    colours = ((96, 108, 62), (128, 112, 84), (112, 122, 74), (146, 130, 100), (84, 96, 60))
    things(canvas, plot, (13.0, 9.0), (10.5, 3.4), tuple((*rgb, code) for rgb in colours), 0.9)
    sheds = ((150, 140, 128, PLAIN), (120, 96, 84, PLAIN), (176, 176, 172, PLAIN))
    things(canvas, plot, (26.0, 18.0), (3.4, 2.6), sheds, 0.8)


def _pool(canvas: Canvas, plot: Plot) -> None:
    """A paved edge around the water."""
    edge = plot.feature.geometry.buffer(1.6)
    canvas.fill(edge, load().grounds["plaza"].ink(0.7))
    canvas.fill(plot.feature.geometry, plot.ink)


def _site(canvas: Canvas, plot: Plot) -> None:
    """Heaps, containers and pits of a building site."""
    colours = ((120, 104, 84), (196, 182, 156), (176, 84, 58), (210, 208, 200))
    inks = tuple((*rgb, PLAIN) for rgb in colours)
    things(canvas, plot, (17.0, 14.0), (6.0, 2.5), inks, 0.35)


def _play(canvas: Canvas, plot: Plot) -> None:
    """Coloured frames and mats."""
    colours = ((190, 74, 56), (72, 112, 166), (214, 178, 70), (206, 196, 168))
    inks = tuple((*rgb, PLAIN) for rgb in colours)
    things(canvas, plot, (5.5, 5.0), (2.4, 2.0), inks, 0.4)


def _pitch(canvas: Canvas, plot: Plot) -> None:
    sports.draw(canvas, plot.feature, plot.rolls)


DETAILS: dict[str, Callable[[Canvas, Plot], None]] = {
    "asphalt": _tarmac,
    "field": _field,
    "vineyard": _rows,
    "orchard": _orchard,
    "cemetery": _graves,
    "solar": _solar,
    "allotments": _beds,
    "pool": _pool,
    "construction": _site,
    "playground": _play,
    "turf": _pitch,
}
