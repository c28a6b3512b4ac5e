"""A procedural town, written as OSM data: the same spec gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import shapely
from numpy.random import PCG64, Generator

from socioseg.city import traffic
from socioseg.city.ground import furnish
from socioseg.city.naming import Namer, scripts
from socioseg.city.plan import SIZE, Plan, plan
from socioseg.city.points import shop_points
from socioseg.city.quarters import Quarters
from socioseg.city.roads import avenue_trees, road_items
from socioseg.city.writer import Item, Place, write_items
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPTS = ("latin", "greek", "cyrillic", "arabic", "hebrew", "georgian", "armenian")
"""Scripts whose letters the DejaVu fonts hold."""
LIMITS = (1500.0, 12_000.0)
NAMED_HOMES = 0.8  # share of housing areas that have a name


@dataclass(frozen=True)
class TownSpec:
    """What a town is made from.

    Attributes
    ----------
    seed
        Seed of everything that is drawn by lot.
    size
        Side of the square that the town lies in, in metres; 1,500 to 12,000.
    lon, lat
        Degrees of its centre; by default in the sea, where no real place is meant.
    scripts
        Scripts of names, keys of `words.yaml`; each has its quarters, the first the most.
    timestamp
        ISO 8601 date of every object, UTC.
    """

    seed: int = 1
    size: float = SIZE
    lon: float = 0.0
    lat: float = 0.0
    scripts: tuple[str, ...] = SCRIPTS
    timestamp: str = "2026-01-01T00:00:00Z"

    def __post_init__(self) -> None:
        if not LIMITS[0] <= self.size <= LIMITS[1]:
            low, high = LIMITS
            raise UsageError(f"A town of {self.size:g} m: give a size of {low:g} to {high:g} m.")
        try:
            datetime.fromisoformat(self.timestamp)
        except ValueError as error:
            raise UsageError(f"Timestamp {self.timestamp!r}: give an ISO 8601 date.") from error
        unknown = set(self.scripts) - set(scripts())
        if unknown or not self.scripts:
            raise UsageError(f"Scripts {self.scripts}: choose from {', '.join(scripts())}.")


def write_town(path: Path, spec: TownSpec) -> None:
    """Write the town of `spec` as OSM data to `path` (`.osm.pbf`, `.osm` or `.osm.gz`).

    Raises
    ------
    OsmError
        If the suffix is none of these.
    OutputError
        If the file cannot be written.
    """
    stamp = datetime.fromisoformat(spec.timestamp)
    write_items(path, town_items(spec), Place(spec.lon, spec.lat, spec.size, stamp))


def town_items(spec: TownSpec) -> Iterator[Item]:
    """Make the items of the town of `spec` one by one, in metres around its centre."""
    rng = Generator(PCG64(spec.seed))
    town = plan(spec.size, rng)
    quarters = Quarters(spec.scripts, spec.size, Namer(rng), rng)
    yield from _lines(town, quarters)
    streets = shapely.STRtree([road.line for road in town.roads])
    for lot in town.lots:
        named = not lot.kind.houses or rng.random() < NAMED_HOMES
        names = quarters.names(lot.kind, lot.ground) if named else {}
        placed = furnish(lot, names, streets, rng)
        yield from placed
        if lot.kind.houses == "shops":
            yield from shop_points(placed, quarters, rng)
    yield from quarters.suburbs()


def _lines(town: Plan, quarters: Quarters) -> list[Item]:
    """Items of what runs through the town: water, railway, motorway, roads and their trees."""
    bones = town.bones
    crossed = shapely.union_all(
        [bones.water, bones.railway, bones.motorway.buffer(20, cap_style="flat")]
    )
    stations = [lot.ground for lot in town.lots if lot.key == "train_station"]
    return [
        *traffic.water_items(bones, quarters.river()),
        *traffic.rail_items(bones, stations),
        *traffic.motorway_items(bones, town.roads),
        *road_items(town.roads, crossed, quarters.street),
        *avenue_trees(town.roads, crossed),
        *traffic.bus_stops(town.roads, crossed),
    ]
