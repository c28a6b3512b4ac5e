"""Roofs: pitched with a sunny and a shady side, flat with a parapet, halls, domes, tanks, glass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.city.paint.axes import boxes
from socioseg.city.paint.canvas import simple
from socioseg.city.paint.machines import SUN, chimneys, machines, skylights
from socioseg.city.paint.outlines import Outline, band, clip, outlines
from socioseg.city.paint.palette import mix, tint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from shapely import Polygon

    from socioseg.city.paint.buildings import Building
    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.palette import Ink

SMALL = 60.0
"""Dots of a roof below which it is one colour."""


def draw(canvas: Canvas, buildings: Sequence[Building]) -> None:
    """Draw the roofs of buildings, the first lowest."""
    parts = [(one, part) for one in buildings for part in _parts(one)]
    polygons = [part for _, part in parts]
    plain = simple(np.array(polygons, dtype=object)).tolist()
    furnished: dict[str, list[tuple[Building, Outline]]] = {"pitched": [], "flat": []}
    rows = zip(parts, outlines(canvas, polygons), plain, strict=True)
    for (one, part), roof, whole in rows:
        form = FORMS.get(one.form)
        if form is None or one.size * canvas.metre**2 < SMALL or canvas.metre < 1.2:
            canvas.fill(part, one.ink)
        elif whole:
            form(canvas, one, roof)
            furnished.get(one.furniture, []).append((one, roof))
        else:
            with canvas.inside(part) as inner:
                form(inner, one, outlines(inner, [part])[0])
    if canvas.metre > 1.4:
        chimneys(canvas, furnished["pitched"])
        machines(canvas, furnished["flat"])


def _parts(one: Building) -> Iterator[Polygon]:
    """Polygons of a building that have an area."""
    for part in getattr(one.feature.geometry, "geoms", (one.feature.geometry,)):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield part


def _lit(ink: Ink, normal: NDArray[np.float64], slope: float = 0.2) -> Ink:
    """Colour of a roof face that looks along `normal`, by how far it is turned to the sun."""
    return tint(ink[:3], 1 + slope * float(normal @ SUN), ink[3])


def _pitched(canvas: Canvas, one: Building, roof: Outline) -> None:
    """Two faces and their ridge; with hips at the ends on some."""
    canvas.shape(roof.points, _lit(one.ink, -roof.across))
    face = clip(roof.points, roof.centre, roof.across, 0.0)
    canvas.shape(face, _lit(one.ink, roof.across))
    hipped = one.hipped or roof.length < 1.15 * roof.width
    if hipped:
        _hips(canvas, roof, one.ink)
    inner = roof.length / 2 - (roof.width / 2 if hipped else 0.3 * canvas.metre)
    if inner > 2:
        ridge = roof.place(np.array([[-inner, 0.0], [inner, 0.0]]))
        canvas.stroke(ridge, 0.25, mix(one.ink, (236, 230, 222, 0), 0.22))


def _hips(canvas: Canvas, roof: Outline, ink: Ink) -> None:
    least = (roof.length - roof.width) / 2
    for end in (-1, 1):
        face = clip(roof.points, roof.centre, end * roof.ahead + roof.across, least)
        face = clip(face, roof.centre, end * roof.ahead - roof.across, least)
        canvas.shape(face, _lit(ink, end * roof.ahead))


def _flat(canvas: Canvas, one: Building, roof: Outline) -> None:
    """A roof of one or two tones within a parapet, with a lift house if it is high."""
    canvas.shape(roof.points, one.ink)
    if one.size > 250 and one.rolls[8] < 0.6:
        face = clip(roof.points, roof.centre, roof.ahead, (one.rolls[7] - 0.5) * 0.7 * roof.length)
        canvas.shape(face, tint(one.ink[:3], 0.86 + 0.26 * one.rolls[9], one.ink[3]))
    _parapet(canvas, roof, one.ink)
    if one.height > 28 and one.size > 200:
        size = (0.36 * roof.length, 0.4 * roof.width)
        shade = boxes(roof.centre[None] - SUN * 3.0 * canvas.metre, *size, roof.angle)
        canvas.shapes(shade, [mix(one.ink, (40, 44, 54, 0), 0.5)])
        canvas.shapes(
            boxes(roof.centre[None], *size, roof.angle), [tint(one.ink[:3], 1.08, one.ink[3])]
        )


def _parapet(canvas: Canvas, roof: Outline, ink: Ink) -> None:
    """A light rim, and its thin shadow: on the roof along the sunny edges, else on the ground."""
    width = max(1, round(0.45 * canvas.metre))
    if roof.width < 8 * width:
        return
    canvas.thin(roof.points - SUN * 1.6 * width, 0.45, mix(ink, (50, 54, 62, 0), 0.35))
    canvas.thin(roof.points, 0.45, mix(ink, (236, 234, 228, 0), 0.4))


def _hall(canvas: Canvas, one: Building, roof: Outline) -> None:
    """Long low ridges with strips of skylights."""
    bays = max(1, round(roof.width / (26 * canvas.metre)))
    pitch = roof.width / bays
    for i in range(2 * bays):
        low = -roof.width / 2 + i * pitch / 2
        side = (-1 if i % 2 == 0 else 1) * roof.across
        canvas.shape(band(roof, roof.across, low, low + pitch / 2), _lit(one.ink, side, 0.075))
    skylights(canvas, one, roof, pitch)
    _parapet(canvas, roof, one.ink)


def _church(canvas: Canvas, one: Building, roof: Outline) -> None:
    """A steep roof, and a tower with a pointed roof at one end."""
    _pitched(canvas, one, roof)
    end = -1 if roof.ahead[0] > 0 else 1
    side = min(0.34 * roof.width, 7 * canvas.metre)
    at = roof.place(np.array([[end * (roof.length / 2 - side * 0.7), 0.0]]))[0]
    corners = boxes(at[None], side, side, roof.angle)[0]
    canvas.shape(corners - SUN * 4.0 * canvas.metre, mix(one.ink, (36, 40, 50, 0), 0.5))
    for i in range(4):
        pair = corners[[i, (i + 1) % 4]]
        normal = pair.mean(axis=0) - at
        normal = normal / max(float(np.hypot(*normal)), 1e-6)
        canvas.shape(np.array([*pair, at]), _lit(tint(one.ink[:3], 1.05, one.ink[3]), normal, 0.4))


def _round(canvas: Canvas, roof: Outline, ink: Ink, radius: float) -> None:
    """Rings of a dome or a tank, lighter toward the sun."""
    for share, light in ((1.0, 0.84), (0.86, 0.95), (0.62, 1.04), (0.38, 1.12), (0.16, 1.2)):
        at = roof.centre + SUN * (1 - share) * 0.45 * radius
        canvas.disc(at, share * radius / canvas.metre, tint(ink[:3], light, ink[3]))


def _dome(canvas: Canvas, one: Building, roof: Outline) -> None:
    canvas.shape(roof.points, one.ink)
    _parapet(canvas, roof, one.ink)
    _round(canvas, roof, mix(one.ink, (150, 168, 150, 0), 0.4), 0.34 * roof.width)


def _tank(canvas: Canvas, one: Building, roof: Outline) -> None:
    canvas.shape(roof.points, one.ink)
    _round(canvas, roof, one.ink, 0.5 * roof.width)


def _glass(canvas: Canvas, one: Building, roof: Outline) -> None:
    """Narrow bays of glass."""
    canvas.shape(roof.points, one.ink)
    pitch = max(3.2 * canvas.metre, 3.0)
    dark = mix(one.ink, (110, 128, 126, 0), 0.55)
    for low in np.arange(-roof.width / 2, roof.width / 2, pitch).tolist():
        canvas.shape(band(roof, roof.across, low, low + 0.35 * pitch), dark)


FORMS: dict[str, Callable[[Canvas, Building, Outline], None]] = {
    "pitched": _pitched,
    "flat": _flat,
    "hall": _hall,
    "church": _church,
    "dome": _dome,
    "tank": _tank,
    "glass": _glass,
}
