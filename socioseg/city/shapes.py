"""Ground plans of buildings and fields, centred on the origin, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shapely import LineString, Point, Polygon, box, union_all
from shapely.affinity import scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from shapely.geometry.base import BaseGeometry

    Plan = Callable[[float, float, Generator], BaseGeometry]


def _box(w: float, h: float) -> BaseGeometry:
    return box(-w / 2, -h / 2, w / 2, h / 2)


def _wing(w: float, h: float, rng: Generator) -> float:
    """Depth of a wing: what daylight allows, and never more than two fifths of the side."""
    return float(min(rng.uniform(11, 17), 0.4 * min(w, h)))


def _rect(w: float, h: float, _: Generator) -> BaseGeometry:
    return _box(w, h)


def _ell(w: float, h: float, rng: Generator) -> BaseGeometry:
    wing = _wing(w, h, rng)
    side = rng.choice([-1, 1])
    notch = box(-w, wing - h / 2, w / 2 - wing, h)
    return scale(_box(w, h).difference(notch), side, 1, origin=(0, 0))


def _you(w: float, h: float, rng: Generator) -> BaseGeometry:
    wing = _wing(w, h, rng)
    return _box(w, h).difference(box(wing - w / 2, wing - h / 2, w / 2 - wing, h))


def _tee(w: float, h: float, rng: Generator) -> BaseGeometry:
    wing = _wing(w, h, rng)
    return union_all([box(-w / 2, -h / 2, w / 2, wing - h / 2), box(-wing, -h / 2, wing, h / 2)])


def _aitch(w: float, h: float, rng: Generator) -> BaseGeometry:
    wing = _wing(w, h, rng)
    bar = box(-w / 2, -wing / 2, w / 2, wing / 2)
    sides = [box(-w / 2, -h / 2, wing - w / 2, h / 2), box(w / 2 - wing, -h / 2, w / 2, h / 2)]
    return union_all([bar, *sides])


def _comb(w: float, h: float, rng: Generator) -> BaseGeometry:
    wing = _wing(w, h, rng)
    spine = box(-w / 2, -h / 2, w / 2, wing - h / 2)
    teeth = [box(x, -h / 2, x + wing, h / 2) for x in np.linspace(-w / 2, w / 2 - wing, 3)]
    return union_all([spine, *teeth])


def _court(w: float, h: float, rng: Generator) -> BaseGeometry:
    wing = min(_wing(w, h, rng), 0.32 * min(w, h))
    return _box(w, h).difference(_box(w - 2 * wing, h - 2 * wing))


def _steps(w: float, h: float, rng: Generator) -> BaseGeometry:
    """Draw a hall with a lower annex at one end."""
    split = rng.uniform(0.55, 0.8) * w - w / 2
    annex = box(split, -h / 2, w / 2, h / 2 - rng.uniform(0.2, 0.5) * h)
    return union_all([box(-w / 2, -h / 2, split, h / 2), annex])


def _cross(w: float, h: float, _: Generator) -> BaseGeometry:
    """Draw a nave with transept and apse, the apse at the back."""
    nave = box(-w * 0.19, -h / 2, w * 0.19, h * 0.36)
    apse = Point(0, h * 0.36).buffer(min(w, h) * 0.14, quad_segs=4)
    return union_all([nave, box(-w / 2, h * 0.02, w / 2, h * 0.2), apse])


def _domed(w: float, h: float, _: Generator) -> BaseGeometry:
    """Draw a prayer hall with a porch and a tower at its corner."""
    tower = Point(-w * 0.4, -h * 0.35).buffer(min(w, h) * 0.08, quad_segs=3)
    porch = box(-w * 0.2, -h / 2, w * 0.2, 0)
    return union_all([box(-w * 0.42, -h * 0.35, w * 0.42, h / 2), porch, tower])


def _round(w: float, h: float, _: Generator) -> BaseGeometry:
    return Point(0, 0).buffer(min(w, h) / 2, quad_segs=6)


def _oval(w: float, h: float, _: Generator) -> Polygon:
    length, radius = max(w, h), min(w, h) / 2
    line = LineString([(radius - length / 2, 0), (length / 2 - radius, 0)])
    oval = line.buffer(radius, quad_segs=6).exterior.coords
    return Polygon(oval) if w >= h else Polygon([(-y, x) for x, y in oval])


def _ring(w: float, h: float, rng: Generator) -> BaseGeometry:
    return _oval(w, h, rng).difference(_oval(w, h, rng).buffer(-0.17 * min(w, h)))


def _blob(w: float, h: float, rng: Generator) -> BaseGeometry:
    turns = np.linspace(0, 2 * np.pi, 29)[:-1]
    phases = rng.uniform(0, 2 * np.pi, 3)
    radius = 0.8 + sum(0.066 * np.sin((k + 2) * turns + phases[k]) for k in range(3))
    return Polygon(np.column_stack([np.cos(turns) * w, np.sin(turns) * h]) / 2 * radius[:, None])


SHAPES: dict[str, Plan] = {
    "rect": _rect,
    "ell": _ell,
    "you": _you,
    "tee": _tee,
    "aitch": _aitch,
    "comb": _comb,
    "court": _court,
    "steps": _steps,
    "cross": _cross,
    "domed": _domed,
    "round": _round,
    "oval": _oval,
    "ring": _ring,
    "blob": _blob,
}
"""Each takes width, depth (metres) and a generator; the street lies at negative y."""
