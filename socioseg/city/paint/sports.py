"""Pitches and tracks with the surface and the lines of their sport."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from socioseg.city.paint.axes import Axes, axes
from socioseg.city.paint.palette import load, mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely import Polygon

    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.palette import Ink
    from socioseg.features import Feature

WHITE = (240, 240, 236)
COURTS = ((84, 120, 102), (70, 104, 136), (168, 104, 78), (96, 128, 96))
FLOORS = ((120, 120, 118), (146, 92, 76), (92, 124, 104), (104, 112, 132))


def draw(canvas: Canvas, feature: Feature, rolls: tuple[float, ...]) -> None:
    """Draw the surface and the lines of a pitch, a track or a stadium."""
    tags, geometry = feature.tags, feature.geometry
    sport = tags.get("sport", "").split(";")[0]
    kind = load().sports.get(sport, sport)
    if tags.get("leisure") == "track" or kind == "tartan":
        _track(canvas, geometry)
    elif kind in DRAWINGS:
        DRAWINGS[kind](canvas, geometry, axes(geometry), rolls)
    elif kind in load().grounds:
        canvas.fill(geometry, load().grounds[kind].ink(rolls[0]))
    elif tags.get("leisure") == "pitch":
        _guess(canvas, geometry, axes(geometry), rolls)


def _guess(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    """Draw a pitch of no named sport: a soccer field where it is large enough, else a court."""
    if frame.length > 45:
        _turf(canvas, geometry, frame, rolls)
    else:
        canvas.fill(geometry, (*COURTS[int(rolls[1] * 4)], load().grounds["court"].code))


def _pen(canvas: Canvas, base: Ink, metres: float) -> Ink:
    """Ink of a painted line `metres` wide, paler where that is less than a dot."""
    return mix(base, (*WHITE, 0), min(0.9, 0.35 + 0.5 * metres * canvas.metre))


def _lines(
    canvas: Canvas, frame: Axes, lines: list[NDArray[np.float64]], base: Ink, metres: float = 0.12
) -> None:
    """Draw painted lines, each (n, 2) in metres along and across."""
    if canvas.metre < 1.2:
        return
    ink = _pen(canvas, base, metres)
    for line in lines:
        canvas.thin(canvas.dots(frame.place(line)), metres, ink)


def box(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float64]:
    """Outline (5, 2) of a rectangle."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])


def arc(
    x: float, y: float, radius: float, start: float = 0.0, stop: float = 360.0
) -> NDArray[np.float64]:
    """Points of an arc around (x, y), angles in degrees."""
    angles = np.radians(np.linspace(start, stop, 25))
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=-1)


def _mown(canvas: Canvas, geometry: Polygon, frame: Axes, ink: Ink, step: float) -> None:
    """Fill with stripes of mown grass across the frame."""
    canvas.fill(geometry, ink)
    if step * canvas.metre < 3:
        return
    count = max(1, round(frame.length / step))
    edges = np.linspace(-frame.length / 2, frame.length / 2, count + 1)
    half = frame.width / 2
    light = mix(ink, (150, 176, 104, 0), 0.22)
    with canvas.inside(geometry) as inner:
        for x0, x1 in zip(edges[::2], edges[1::2], strict=False):
            inner.shape(inner.dots(frame.place(box(x0, -half, x1, half)[:4])), light)


def _turf(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    """A soccer field, its lines scaled to the pitch (105 x 68 m by the laws of the game)."""
    ink = load().grounds["turf"].ink(rolls[0])
    _mown(canvas, geometry, frame, ink, 5.5)
    long, wide = frame.length / 2 - 1.5, frame.width / 2 - 1.5
    if wide < 6:
        return
    k = min(2 * long / 105, 2 * wide / 68)
    lines = [box(-long, -wide, long, wide), np.array([[0, -wide], [0, wide]]), arc(0, 0, 9.15 * k)]
    for side in (-1, 1):
        for depth, half in ((16.5, 20.16), (5.5, 9.16)):
            lines.append(box(side * long, -half * k, side * (long - depth * k), half * k))
        lines.append(box(side * long, -3.66 * k, side * (long + 1.2), 3.66 * k))
    _lines(canvas, frame, lines, ink)


def _gridiron(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    ink = load().grounds["turf"].ink(rolls[0])
    _mown(canvas, geometry, frame, ink, 9.14)
    long, wide = frame.length / 2 - 1.5, frame.width / 2 - 1.5
    if wide < 6:
        return
    yard = 2 * long / 120
    lines = [box(-long, -wide, long, wide)]
    lines += [np.array([[x * yard, -wide], [x * yard, wide]]) for x in range(-50, 51, 5)]
    _lines(canvas, frame, lines, ink)


def _courts(
    canvas: Canvas, geometry: Polygon, frame: Axes, size: tuple[float, float],
    apron: Ink, floor: Ink, lines: list[NDArray[np.float64]],
) -> None:  # fmt: skip
    """Lay as many courts of `size` metres (with their run-off) as fit, side by side."""
    canvas.fill(geometry, apron)
    turned = frame.length / size[1] >= frame.width / size[1] and frame.width >= 0.8 * size[0]
    side = frame.turned if turned and frame.length > 1.6 * size[1] else frame
    count = max(1, round(side.width / size[1]))
    pitch = side.width / count
    scale = min(1.0, side.length / size[0], pitch / size[1])
    for i in range(count):
        shift = np.array([0.0, (i - (count - 1) / 2) * pitch])
        moved = [line * scale + shift for line in lines]
        canvas.shape(canvas.dots(side.place(moved[0][:4])), floor)
        _lines(canvas, side, moved, floor, 0.08)


def _tennis(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    code = load().grounds["court"].code
    apron = (*COURTS[int(rolls[1] * 4)], code)
    floor = apron if rolls[2] < 0.5 else (*COURTS[int(rolls[3] * 4)], code)
    lines = [
        box(-11.89, -5.49, 11.89, 5.49),
        box(-11.89, -4.12, 11.89, 4.12),
        box(-6.4, -4.12, 6.4, 4.12),
        np.array([[-6.4, 0], [6.4, 0]]),
        np.array([[0, -6.4], [0, 6.4]]),
    ]
    _courts(canvas, geometry, frame, (34.0, 17.0), apron, floor, lines)


def _basketball(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    code = load().grounds["court"].code
    apron = (*FLOORS[int(rolls[1] * 4)], code)
    floor = apron if rolls[2] < 0.6 else mix(apron, (168, 110, 80, code), 0.6)
    lines = [box(-14, -7.5, 14, 7.5), np.array([[0, -7.5], [0, 7.5]]), arc(0, 0, 1.8)]
    for side in (-1, 1):
        lines += [box(side * 14, -2.45, side * 8.2, 2.45), arc(side * 12.4, 0, 6.7, *(
            (90, 270) if side > 0 else (-90, 90)))]  # fmt: skip
    _courts(canvas, geometry, frame, (30.0, 17.0), apron, floor, lines)


def _baseball(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    """A diamond in the corner of the field nearest to a right angle of its frame."""
    ink = load().grounds["turf"].ink(rolls[0])
    canvas.fill(geometry, ink)
    dirt = load().grounds["infield"].ink(rolls[1])
    home, angle = _home(geometry, frame)
    base = min(27.4, 0.28 * min(frame.length, frame.width))
    local = frame._replace(
        x=home[0], y=home[1], east=float(np.cos(angle)), north=float(np.sin(angle))
    )

    fan = arc(0.6 * base, 0, 1.05 * base, -65, 65)
    half = base / np.sqrt(2)
    square = np.array([[0, 0], [half, -half], [2 * half, 0], [half, half]])
    far = 0.9 * min(frame.length, frame.width) / np.sqrt(2)
    with canvas.inside(geometry) as inner:
        for points, fill in (
            (np.concatenate([[[-0.12 * base, 0]], fan]), dirt),
            ((square - (half, 0)) * 0.84 + (half, 0), ink),
            (arc(half, 0, 0.1 * base), dirt),
            (arc(0, 0, 0.16 * base), dirt),
        ):
            inner.shape(inner.dots(local.place(points)), fill)
        _lines(inner, local, [np.array([[far, -far], [0, 0], [far, far]])], ink)


def _home(geometry: Polygon, frame: Axes) -> tuple[NDArray[np.float64], float]:
    """Home plate: the corner of the outline farthest from its centre of mass, a little inward."""
    middle = np.array(geometry.centroid.coords[0])
    points = shapely.get_coordinates(geometry.convex_hull)
    corner = points[int(np.argmax(np.hypot(*(points - middle).T)))]
    toward = (middle - corner) / max(float(np.hypot(*(middle - corner))), 1e-9)
    angle = float(np.arctan2(toward[1], toward[0]))
    return corner + toward * 0.1 * min(frame.length, frame.width) * frame.unit, angle


def _cricket(canvas: Canvas, geometry: Polygon, frame: Axes, rolls: tuple[float, ...]) -> None:
    ink = load().grounds["turf"].ink(rolls[0])
    _mown(canvas, geometry, frame, ink, 6.0)
    strip = canvas.dots(frame.place(box(-11, -1.8, 11, 1.8)[:4]))
    canvas.shape(strip, load().grounds["infield"].ink(0.8))


def _track(canvas: Canvas, geometry: Polygon) -> None:
    """Red lanes; where the outline is the outer edge, grass in the middle."""
    ink = load().grounds["tartan"].ink(0.5)
    canvas.fill(geometry, ink)
    frame = axes(geometry)
    if geometry.geom_type != "Polygon" or frame.width < 40:
        return
    if not geometry.interiors:
        middle = geometry.buffer(-9.8 * frame.unit)
        if not middle.is_empty and middle.geom_type == "Polygon":
            _turf_inside(canvas, middle)
    if canvas.metre > 1.6:
        line = _pen(canvas, ink, 0.08)
        for lane in range(1, 8):
            ring = geometry.exterior.offset_curve(1.22 * lane * frame.unit * _turn(geometry))
            for part in getattr(ring, "geoms", [ring]):
                canvas.thin(canvas.dots(shapely.get_coordinates(part)), 0.08, line)


def _turf_inside(canvas: Canvas, middle: Polygon) -> None:
    canvas.fill(middle, load().grounds["turf"].ink(0.3))
    frame = axes(middle)
    field = frame._replace(length=frame.length * 0.62, width=frame.width * 0.92)
    lines = [box(-field.length / 2, -field.width / 2, field.length / 2, field.width / 2)]
    lines += [np.array([[0, -field.width / 2], [0, field.width / 2]]), arc(0, 0, 8.0)]
    _lines(canvas, frame, lines, load().grounds["turf"].ink(0.3))


def _turn(geometry: Polygon) -> int:
    """Side of the outline on which its inside lies: 1 left, -1 right."""
    return 1 if geometry.exterior.is_ccw else -1


DRAWINGS: dict[str, Callable[[Canvas, Polygon, Axes, tuple[float, ...]], None]] = {
    "soccer": _turf,
    "gridiron": _gridiron,
    "tennis": _tennis,
    "basketball": _basketball,
    "baseball": _baseball,
    "cricket": _cricket,
}
