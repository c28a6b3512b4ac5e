"""What stands on roofs: machines, skylights, chimneys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.city.paint.axes import boxes
from socioseg.city.paint.palette import mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.city.paint.buildings import Building
    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.outlines import Outline
    from socioseg.city.paint.palette import Ink

SUN = np.array([0.64, 0.77])
"""Direction to the sun in the picture (x right, y down): the south-east."""
DARK: Ink = (40, 44, 52, 0)
METALS: tuple[Ink, ...] = ((226, 228, 228, 0), (212, 214, 214, 0), (104, 108, 112, 0))
SPREAD = np.array([0.754877666, 0.569840291])
"""Step of a sequence that fills the unit square evenly (inverse powers of the plastic number)."""
MOST = 14


class Boxes(NamedTuple):
    """Boxes on roofs, as arrays over all of them: centres, sizes, angles, and owners' numbers."""

    centres: NDArray[np.float64]
    sizes: NDArray[np.float64]
    angles: NDArray[np.float64]
    owners: NDArray[np.int64]
    serial: NDArray[np.int64]

    def kept(self, which: NDArray[np.bool_]) -> Boxes:
        """Those of the boxes that `which` is true for."""
        return Boxes(
            self.centres[which],
            self.sizes[which],
            self.angles[which],
            self.owners[which],
            self.serial[which],
        )


def machines(canvas: Canvas, roofs: Sequence[tuple[Building, Outline]]) -> None:
    """Set machines on flat roofs, away from the eaves, the more the larger the roof."""
    if not roofs:
        return
    found = _scattered(canvas, roofs)
    inside = found.sizes > 1.5
    shapes = np.array([roof.polygon for _, roof in roofs], dtype=object)
    for corner in ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)):
        at = canvas.ground(found.centres + np.array(corner) * 2 * canvas.metre)
        inside &= shapely.contains_xy(shapes[found.owners], at[:, 0], at[:, 1])
    _draw(canvas, roofs, found.kept(inside))


def _scattered(canvas: Canvas, roofs: Sequence[tuple[Building, Outline]]) -> Boxes:
    counts = [int(min(MOST, 1 + one.size / 160)) for one, _ in roofs]
    owners = np.repeat(np.arange(len(roofs)), counts)
    serial = np.concatenate([np.arange(count) for count in counts])
    start = np.array([one.rolls[10:13] for one, _ in roofs])[owners]
    share = (start[:, :2] + serial[:, None] * SPREAD) % 1 - 0.5
    frames = [(roof.length, roof.width, roof.angle) for _, roof in roofs]
    length, width, angle = np.array(frames)[owners].T
    ahead = np.array([(roof.ahead, roof.across) for _, roof in roofs])[owners]
    centres = np.array([roof.centre for _, roof in roofs])[owners]
    centres = centres + 0.86 * (
        (share[:, 0] * length)[:, None] * ahead[:, 0] + (share[:, 1] * width)[:, None] * ahead[:, 1]
    )
    sizes = (1.4 + 2.2 * ((start[:, 2] + serial * 0.618) % 1)) * canvas.metre
    return Boxes(centres, sizes, angle, owners, serial)


def _draw(canvas: Canvas, roofs: Sequence[tuple[Building, Outline]], found: Boxes) -> None:
    inks = [
        (mix(one.ink, DARK, 0.5), *(mix(one.ink, to, 0.7) for to in METALS)) for one, _ in roofs
    ]
    width = 0.7 * found.sizes
    shade = boxes(found.centres - SUN * 0.9 * canvas.metre, found.sizes, width, found.angles)
    owners, serial = found.owners.tolist(), found.serial.tolist()
    canvas.shapes(shade, [inks[i][0] for i in owners])
    tops = [inks[i][1 + k % len(METALS)] for i, k in zip(owners, serial, strict=True)]
    canvas.shapes(boxes(found.centres, found.sizes, width, found.angles), tops)


def chimneys(canvas: Canvas, roofs: Sequence[tuple[Building, Outline]]) -> None:
    """Set a chimney on each pitched roof."""
    if not roofs:
        return
    rolls = np.array([one.rolls[5:7] for one, _ in roofs])
    local = (rolls - 0.5) * (0.6, 0.4) * [(roof.length, roof.width) for _, roof in roofs]
    places = [roof.place(at) for at, (_, roof) in zip(local, roofs, strict=True)]
    angles, metre = np.array([roof.angle for _, roof in roofs]), canvas.metre
    shade = boxes(np.array(places) - SUN * 0.9 * metre, 0.9 * metre, 0.9 * metre, angles)
    canvas.shapes(shade, [mix(one.ink, DARK, 0.5) for one, _ in roofs])
    tops = [mix(one.ink, (176, 150, 136, 0), 0.5) for one, _ in roofs]
    canvas.shapes(boxes(np.array(places), 0.8 * metre, 0.8 * metre, angles), tops)


def skylights(canvas: Canvas, one: Building, roof: Outline, pitch: float) -> None:
    """Set rows of skylights on a hall, `pitch` dots between ridges."""
    metre = canvas.metre
    every = (7 + 6 * one.rolls[5]) * metre
    xs = np.arange(-roof.length / 2 + every / 2, roof.length / 2 - every / 3, every)
    ys = np.arange(-roof.width / 2 + pitch / 4, roof.width / 2, pitch / 2)
    local = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    if one.rolls[6] < 0.35 or not 0 < len(local) < 400:
        return
    places = roof.place(local)
    for side in (-2, 2):
        at = canvas.ground(places + side * metre)
        places = places[shapely.contains_xy(roof.polygon, at[:, 0], at[:, 1])]
    size = (1.5 * metre, min(0.3 * pitch, 5 * metre))
    colour: Ink = (224, 230, 232, 0) if sum(one.ink[:3]) < 540 else (132, 146, 156, 0)
    ink = mix(one.ink, colour, 0.75)
    canvas.shapes(boxes(places, *size, roof.angle), [ink] * len(places))
