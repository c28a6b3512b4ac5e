"""Streets, railways, streams and other lines, each as wide as it is on the ground."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.city.paint import cars
from socioseg.city.paint.chance import rolls
from socioseg.city.paint.palette import Ink, Way, load, mix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.urban import Urban
    from socioseg.features import Feature

WHITE = (232, 232, 226)
NUMBER = re.compile(r"\s*(\d+(?:[.,]\d+)?)")
STEEL = (150, 142, 136)


class Line(NamedTuple):
    """A line to draw: the feature, how it looks, its level, its own random numbers, its colour."""

    feature: Feature
    way: Way
    layer: int
    rolls: tuple[float, ...]
    ink: Ink

    @property
    def order(self) -> tuple[int, int, str]:
        """Where it lies among the others: the greatest on top."""
        return (self.layer, self.way.rank, self.feature.osm_id)


class Drawn(NamedTuple):
    """A line on a canvas: its points in dots, and the way to its right at each of them."""

    line: Line
    path: NDArray[np.float64]
    right: NDArray[np.float64]

    @property
    def joints(self) -> NDArray[np.float64]:
        """Its ends and the points where it bends by more than some 6 degrees."""
        size = np.hypot(self.right[:, 0], self.right[:, 1])
        bent = size > 1.0014
        bent[0] = bent[-1] = True
        return self.path[bent]

    def beside(self, metres: float) -> NDArray[np.float64]:
        """Its points moved to the right of its direction by so many dots."""
        return self.path + self.right * metres


def number(text: str | None) -> float | None:
    """Read the number that a tag's value begins with; None if there is none."""
    found = NUMBER.match(text or "")
    return float(found.group(1).replace(",", ".")) if found else None


def line(feature: Feature, seed: int) -> Line | None:
    """Tell how a feature is drawn as a line; None if it is not."""
    tags = feature.tags
    way = load().way(tags)
    if way is None or tags.get("area") == "yes" or hidden(tags):
        return None
    layer = int(number(tags.get("layer")) or 0) if tags.get("bridge", "no") != "no" else 0
    ground = load().surfaces.get(tags.get("surface", ""), way.ground)
    if "waterway" in tags or "railway" in tags:
        ground = way.ground
    way = way._replace(width=_width(tags, way), ground=ground)
    own = rolls(seed, feature.osm_id)
    return Line(feature, way, max(0, layer), own, load().grounds[ground].ink(own[0]))


def hidden(tags: Mapping[str, str]) -> bool:
    """Whether a thing lies under the ground and is not seen from above."""
    below = tags.get("layer", "").startswith("-") and "waterway" not in tags
    tunnel = tags.get("tunnel", "no") not in ("no", "building_passage")
    indoor = tags.get("indoor", "no") != "no" or tags.get("location") in ("underground", "indoor")
    return tunnel or indoor or (below and "building" not in tags and "highway" in tags)


def _width(tags: Mapping[str, str], way: Way) -> float:
    said = number(tags.get("width"))
    lanes = number(tags.get("lanes"))
    if said and 0.3 <= said <= 60:
        return said
    if lanes and 1 <= lanes <= 10 and way.rank >= 11 and "highway" in tags:
        return max(0.7 * way.width, 3.3 * lanes + (2.0 if way.cars else 0.5))
    if tags.get("oneway") == "yes" and way.rank in (12, 13, 15, 16, 17):
        return 0.8 * way.width
    return way.width


def draw(canvas: Canvas, lines: list[Line], urban: Urban) -> None:
    """Draw lines on a canvas, the lowest first, each layer's pavements below its carriageways."""
    paths = _paths(canvas, lines)
    junctions = _junctions(paths)
    for layer in sorted({drawn.line.layer for drawn in paths}):
        level = [drawn for drawn in paths if drawn.line.layer == layer]
        for drawn in level:
            _pavement(canvas, drawn)
        for rank in sorted({drawn.line.way.rank for drawn in level}):
            same = [drawn for drawn in level if drawn.line.way.rank == rank]
            for drawn in same:
                _carriageway(canvas, drawn)
            for drawn in same:
                _marks(canvas, drawn)
    for spot, width, ink in junctions:
        canvas.disc(spot, 0.47 * width, ink)
    _parked(canvas, paths, [spot for spot, _, _ in junctions], urban)


def _paths(canvas: Canvas, lines: list[Line]) -> list[Drawn]:
    shapes = np.array([one.feature.geometry for one in lines], dtype=object)
    coords, index = shapely.get_coordinates(shapes, return_index=True)
    ends = np.searchsorted(index, np.arange(len(lines) + 1)).tolist()
    dots = canvas.dots(coords)
    right = _rightward(dots, index)
    parts = [slice(*pair) for pair in itertools.pairwise(ends)]
    return [Drawn(one, dots[at], right[at]) for one, at in zip(lines, parts, strict=True)]


def _rightward(dots: NDArray[np.float64], index: NDArray[np.int64]) -> NDArray[np.float64]:
    """Way to the right (y down) at each point of lines, as long as keeps parallels parallel."""
    steps = np.diff(dots, axis=0)
    steps[index[1:] != index[:-1]] = 0  # from one line to the next
    sizes = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-6)
    normals = np.stack([-steps[:, 1], steps[:, 0]], axis=-1) / sizes[:, None]
    edge = np.zeros((1, 2))
    both = np.concatenate([edge, normals]) + np.concatenate([normals, edge])
    sizes = np.maximum(np.hypot(both[:, 0], both[:, 1]), 0.6)
    # a miter: 1 / cos of half the bend, the mean of two unit normals being cos long
    reach = np.where(sizes > 1.01, 2 / sizes**2, 1 / sizes)
    miters: NDArray[np.float64] = both * reach[:, None]
    return miters


def _pavement(canvas: Canvas, drawn: Drawn) -> None:
    way = drawn.line.way
    if way.side * canvas.metre < 0.7:
        return
    if way.marks == "rails":
        ink = load().grounds["gravel"].ink(0.3)
    elif way.rank >= 18:
        ink = load().grounds["concrete"].ink(drawn.line.rolls[0])
    else:
        ink = load().grounds["verge"].ink(drawn.line.rolls[0])
    canvas.stroke(drawn.path, way.width + 2 * way.side, ink, drawn.joints)


def _carriageway(canvas: Canvas, drawn: Drawn) -> None:
    way = drawn.line.way
    if way.width * canvas.metre < 0.5 and way.rank < 11:
        return
    canvas.stroke(drawn.path, way.width, drawn.line.ink, drawn.joints)
    if way.marks == "rails" and canvas.metre > 1.4:
        _rails(canvas, drawn)


def _rails(canvas: Canvas, drawn: Drawn) -> None:
    base = drawn.line.ink
    if canvas.metre > 3 and drawn.line.way.ground == "ballast":
        dark = mix(base, (62, 52, 46, 0), 0.7)
        ties = _dashes(drawn.path, 0.3 * canvas.metre, 1.3 * canvas.metre)
        middle, arm = ties.mean(axis=1), (ties[:, 1] - ties[:, 0])[:, ::-1] * (4.3, -4.3)
        canvas.strokes(np.stack([middle - arm, middle + arm], axis=1), 0.35, dark)
    for side in (-0.75, 0.75):
        ink = mix(base, (*STEEL, 0), 0.9 if canvas.metre > 3 else 0.6)
        canvas.thin(drawn.beside(side * canvas.metre), 0.2, ink)


def _marks(canvas: Canvas, drawn: Drawn) -> None:
    way, metre = drawn.line.way, canvas.metre
    if way.marks not in ("centre", "lanes") or way.width * metre < 9 or way.ground != "road":
        return
    base = drawn.line.ink
    ink = mix(base, (*WHITE, 0), min(0.85, 0.16 + 0.12 * metre))
    oneway = drawn.line.feature.tags.get("oneway") == "yes"
    lanes = max(2, round(way.width / 3.4))
    for i in range(1, lanes):
        shift = (i / lanes - 0.5) * way.width * metre
        side = drawn.beside(shift)
        if not oneway and abs(shift) < 1 and way.marks == "lanes":
            canvas.thin(side, 0.25, ink)
        else:
            canvas.strokes(_dashes(side, 3.0 * metre, 9.0 * metre), 0.15, ink)
    if way.rank >= 17:
        for edge in (-0.47, 0.47):
            canvas.thin(drawn.beside(edge * way.width * metre), 0.15, ink)


def _dashes(path: NDArray[np.float64], dash: float, every: float) -> NDArray[np.float64]:
    """Cut a path into dashes (n, 2, 2)."""
    steps = np.diff(path, axis=0)
    run = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    starts = np.arange(every / 2, max(run[-1] - dash, 0.0), every)
    at = np.stack([starts, starts + dash], axis=-1)
    return np.stack([np.interp(at, run, path[:, i]) for i in (0, 1)], axis=-1)


def _junctions(paths: list[Drawn]) -> list[tuple[NDArray[np.float64], float, Ink]]:
    """Points where carriageways meet, with the width and ink of the greatest of them."""
    streets = [one for one in paths if 11 <= one.line.way.rank <= 19 and not one.line.layer]
    if not streets:
        return []
    owner = np.repeat(np.arange(len(streets)), [len(one.path) for one in streets])
    arms = np.full(len(owner), 2)
    ends = np.cumsum([len(one.path) for one in streets])
    arms[np.append(0, ends[:-1])] = arms[ends - 1] = 1
    points = np.round(np.concatenate([one.path for one in streets]), 2)
    spots, number = np.unique(points @ (1, 1j), return_inverse=True)
    top = np.zeros(len(spots), np.int64)
    top[number] = owner  # the last written lies on top: streets come in the order of drawing
    met = np.flatnonzero(np.bincount(number, arms) > 2)
    return [
        (np.array([spots[i].real, spots[i].imag]), one.line.way.width, one.line.ink)
        for i in met
        for one in (streets[top[i]],)
    ]


def _parked(
    canvas: Canvas, paths: list[Drawn], spots: list[NDArray[np.float64]], urban: Urban
) -> None:
    if canvas.metre < 1.4:
        return
    kerbs = [
        cars.Kerb(one.path, one.line.way.width / 2 - 1.1, one.line.way.cars, one.line.rolls)
        for one in paths
        if one.line.way.cars and one.line.way.ground == "road" and not one.line.layer
    ]
    if not kerbs:
        return
    places, angle, paint = cars.kerbside(kerbs, canvas.metre)
    seen = np.all((places > -20) & (places < np.add(canvas.image.size, 20)), axis=1)
    places, angle, paint = places[seen], angle[seen], paint[seen]
    clear = urban.at(places, canvas.view.fine) > 0.05
    for spot in spots:
        clear &= np.abs(places - spot).max(axis=1) > 8 * canvas.metre
    cars.draw(canvas, places[clear], angle[clear], paint[clear])
