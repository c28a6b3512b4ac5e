"""What each building is taken for: the look of its roof and its height."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import ImageColor

from socioseg.city.paint.chance import rolls
from socioseg.city.paint.palette import load, tint
from socioseg.city.paint.ways import hidden, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.city.paint.palette import Ink
    from socioseg.features import Feature

STOREY = 3.2  # metres
BLOCK = 450.0
"""EPSG:3857 units within which houses tend to the same colours."""


class Building(NamedTuple):
    """A building to draw: its roof's look and colour, its height in metres, its ground in m2."""

    feature: Feature
    look: Mapping[str, Any]
    ink: Ink
    height: float
    size: float
    seed: int

    @property
    def order(self) -> tuple[bool, float, str]:
        """Where its roof lies among the others: parts on their buildings, the highest on top."""
        return ("building:part" in self.feature.tags, self.height, self.feature.osm_id)

    @property
    def rolls(self) -> tuple[float, ...]:
        """Random numbers of its own."""
        return rolls(self.seed, self.feature.osm_id)

    @property
    def form(self) -> str:
        """Shape of its roof: as tagged, else that of its kind."""
        said = self.feature.tags.get("roof:shape", "")
        return str(load().shapes.get(said, self.look["form"]))

    @property
    def hipped(self) -> bool:
        """Whether its roof slopes at the ends too."""
        said = self.feature.tags.get("roof:shape")
        return said in ("hipped", "pyramidal", "half-hipped") or (not said and self.rolls[4] < 0.3)

    @property
    def furniture(self) -> str:
        """Kind of roof by what stands on it: "pitched" (chimneys), "flat" (machines) or ""."""
        if self.look["form"] == "pitched" and self.form == "pitched":
            return "pitched"
        least = {"flat": 90.0, "hall": 600.0}.get(self.form, float("inf"))
        return "flat" if self.size > least else ""


def is_building(tags: Mapping[str, str]) -> bool:
    """Whether an area is seen as a roof."""
    if tags.get("building", "no") != "no" or tags.get("building:part", "no") != "no":
        return not hidden(tags)
    return tags.get("man_made") in ("storage_tank", "silo", "gasometer", "water_tower", "tank")


def building(feature: Feature, size: float, around: str | None, seed: int) -> Building:
    """Tell how a building looks that stands on ground `around` (None where that is unknown)."""
    palette = load()
    tags = feature.tags
    name = palette.building(tags) or palette.inherited.get(around or "") or _by_size(size)
    if name == "house" and size > 420:
        name = "block"
    if name in ("school", "clinic", "hall", "shop", "office") and size < 60:
        name = "shed"
    look = palette.roofs[name]
    roll = rolls(seed, feature.osm_id)[3]
    ink = _ink(feature, look, seed)
    return Building(feature, look, ink, _height(tags, look, size, roll), size, seed)


def _ink(feature: Feature, look: Mapping[str, Any], seed: int) -> Ink:
    """Colour of a roof: as tagged, else one of its kind, often the same as its neighbours'."""
    colours, code = look["rgb"], load().grounds[look["ground"]].code
    own = rolls(seed, feature.osm_id)
    roll, tone = own[0], 0.93 + 0.14 * own[1]
    tagged = _colour(feature.tags.get("roof:colour"))
    if tagged is not None:
        return tint(tagged, tone, code)
    if own[2] < 0.55:
        west, south, east, north = feature.geometry.bounds
        block = f"{(west + east) / 2 // BLOCK}/{(south + north) / 2 // BLOCK}"
        roll = rolls(seed, block)[0]
    return tint(tuple(colours[int(roll * len(colours))]), tone, code)


def _by_size(size: float) -> str:
    if size < 45:
        return "shed"
    return "house" if size < 320 else "block"


def _height(tags: Mapping[str, str], look: Mapping[str, Any], size: float, roll: float) -> float:
    said = number(tags.get("height")) or number(tags.get("building:height"))
    levels = number(tags.get("building:levels"))
    if said:
        return min(said, 300.0)
    if levels:
        return min(levels * STOREY + 1.0, 300.0)
    height = float(look["height"]) * (0.8 + 0.4 * roll)
    return height if size > 60 else min(height, 5.5)


def _colour(text: str | None) -> tuple[float, float, float] | None:
    """Read a colour tag, dulled as paint in the sun is; None if it names no colour."""
    if not text:
        return None
    try:
        rgb = ImageColor.getrgb(text.strip().lower())[:3]
    except ValueError:
        return None
    grey = sum(rgb) / 3
    red, green, blue = (0.45 * value + 0.35 * grey + 28 for value in rgb)
    return (red, green, blue)
