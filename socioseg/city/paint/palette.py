"""What each kind of tagged thing looks like from above, read from `palette.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

T = TypeVar("T")
PLAIN = 0
"""Code of the ground "plain", which has no texture to speak of."""
Rgb = tuple[float, float, float]
Ink = tuple[int, int, int, int]
"""Red, green, blue, and the code of the ground whose texture the pixel gets."""


class Ground(NamedTuple):
    """One material: its colour, how it varies, and how many trees stand on it.

    `spread` is the variation from feature to feature (share of brightness), `fine` the amplitude
    of the grain, `soft` and `patch` what is added to the colour where the smooth and the blotchy
    noise are high, `trees` the share of ground under crowns (-1 where
    none hangs over).
    """

    code: int
    rgb: Rgb
    spread: float = 0.06
    fine: float = 4.0
    soft: Rgb = (0.0, 0.0, 0.0)
    patch: Rgb = (0.0, 0.0, 0.0)
    trees: float = 0.0

    def ink(self, roll: float = 0.5) -> Ink:
        """Colour for the canvas; `roll` (in [0, 1)) makes one feature differ from the next."""
        return tint(self.rgb, 1 + self.spread * (2 * roll - 1), self.code)


class Way(NamedTuple):
    """How a line looks: widths in metres on the ground, and the order in which lines lie.

    `side` is the pavement on each side, `marks` the painted lines ("", "centre", "lanes"), `cars`
    the share of its kerb where a car is parked.
    """

    width: float
    ground: str
    rank: int = 0
    side: float = 0.0
    marks: str = ""
    cars: float = 0.0


@dataclass(frozen=True)
class Palette:
    """The whole of `palette.yaml`, and its grounds as tables that pixels' codes look up."""

    grounds: Mapping[str, Ground]
    areas: Mapping[str, Mapping[str, str]]
    ways: Mapping[str, Mapping[str, Way]]
    surfaces: Mapping[str, str]
    roofs: Mapping[str, Mapping[str, Any]]
    shapes: Mapping[str, str]
    buildings: Mapping[str, Mapping[str, str]]
    inherited: Mapping[str, str]
    sports: Mapping[str, str]

    def table(self, name: str) -> NDArray[np.float32]:
        """Values of one column of the grounds, by code: (256,) or (256, 3)."""
        first = getattr(next(iter(self.grounds.values())), name)
        shape = (256, 3) if isinstance(first, tuple) else (256,)
        table = np.zeros(shape, np.float32)
        for ground in self.grounds.values():
            table[ground.code] = getattr(ground, name)
        return table

    def area(self, tags: Mapping[str, str]) -> str | None:
        """Name of the ground of an area with `tags`; None if it shows nothing of its own."""
        return match(self.areas, tags)

    def building(self, tags: Mapping[str, str]) -> str | None:
        """Name of the roof that `tags` ask for; None if they say nothing about it."""
        return match(self.buildings, tags)

    def way(self, tags: Mapping[str, str]) -> Way | None:
        """Return how a line with `tags` looks; None if it is not seen from above."""
        return match(self.ways, tags)


def match(table: Mapping[str, Mapping[str, T]], tags: Mapping[str, str]) -> T | None:
    """Look up the first key of `table` that `tags` have, with its value or the "*" of any."""
    for key, values in table.items():
        value = tags.get(key)
        if value is not None and value != "no":
            found = values.get(value, values.get("*"))
            if found is not None:
                return found
    return None


def tint(rgb: Rgb, factor: float, code: int) -> Ink:
    """Colour `rgb` made lighter or darker, as ink for the canvas."""
    red, green, blue = (min(255, max(0, round(value * factor))) for value in rgb)
    return (red, green, blue, code)


def mix(one: Ink, other: Ink, share: float) -> Ink:
    """Return the ink between `one` (share 0) and `other` (share 1), on the ground of `one`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True))
    return (red, green, blue, one[3])


def _ground(code: int, entry: Mapping[str, Any]) -> Ground:
    values: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()
    }
    return Ground(code=code, **values)


@lru_cache(maxsize=1)
def load() -> Palette:
    """Read `palette.yaml`."""
    with Path(__file__).with_name("palette.yaml").open(encoding="utf-8") as file:
        raw = yaml.safe_load(file)
    raw["grounds"] = {
        name: _ground(i, entry) for i, (name, entry) in enumerate(raw["grounds"].items())
    }
    raw["ways"] = {
        key: {value: Way(**entry) for value, entry in values.items()}
        for key, values in raw["ways"].items()
    }
    raw["areas"] = {key: _values(values) for key, values in raw["areas"].items()}
    raw["buildings"] = {key: _values(values) for key, values in raw["buildings"].items()}
    return Palette(**raw)


def _values(entry: Mapping[str, str]) -> dict[str, str]:
    """Turn "look: value value ..." into value -> look."""
    return {value: look for look, values in entry.items() for value in values.split()}
