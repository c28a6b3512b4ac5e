"""Which kinds of places a town has, and what stands in them: the tables of this folder, checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import AfterValidator, Field, TypeAdapter

from socioseg.city.shapes import SHAPES
from socioseg.recipe import Strict

Side = Literal["front", "back", "left", "right", "middle", "any"]
Range = tuple[float, float]
Tags = dict[str, str]
Table = TypeVar("Table")
_FOLDER = Path(__file__).parent


def _known_shape(name: str) -> str:
    if name not in SHAPES:
        raise ValueError(f"no shape {name!r} in shapes.py")
    return name


Shape = Annotated[str, AfterValidator(_known_shape)]


class Thing(Strict):
    """A building or a field: its shapes to choose from and its size in metres."""

    shape: Shape | tuple[Shape, ...]
    size: tuple[float, float, float, float]
    tags: Tags
    levels: tuple[int, int] | None = None
    inside: tuple[str, ...] = ()
    lane: bool = False

    @property
    def shapes(self) -> tuple[str, ...]:
        """Names of the shapes that it can have."""
        return (self.shape,) if isinstance(self.shape, str) else self.shape


class Stand(Strict):
    """So many of a thing on a side of the ground; the front is the street's."""

    thing: str
    at: Side = "any"
    count: int = 1


class Kind(Strict):
    """A kind of place; `places.yaml` says what each field means."""

    tags: Tags
    area: Range | None = None
    where: Range
    count: int = 0
    share: float = 0.0
    by: Literal["rail", "water", "motorway"] | None = None
    name: str | None = None
    chain: str | None = None
    single: bool = False
    outers: int = Field(default=1, ge=1, le=3)
    hole: str | None = None
    stands: tuple[Stand, ...] = ()
    houses: Literal["shops", "perimeter", "slabs", "terraces", "detached"] | None = None
    trees: int = 0
    paths: int = 0

    def misfit(self, reach: float) -> float:
        """How far `reach`, a share of the town's size, lies outside of where it belongs."""
        return max(self.where[0] - reach, reach - self.where[1], 0.0)


class PointKind(Strict):
    """A kind of point of interest: `share` is its weight, name and chain as with `Kind`."""

    tags: Tags
    share: float
    name: str | None = None
    chain: str | None = None


def _table(file: str, kind: type[Table]) -> dict[str, Table]:
    text = (_FOLDER / file).read_text(encoding="utf-8")
    return TypeAdapter(dict[str, kind]).validate_python(yaml.safe_load(text))  # type: ignore[valid-type] # a type made at run time


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of place by its key."""
    return _table("places.yaml", Kind)


@cache
def things() -> dict[str, Thing]:
    """Every thing that can stand in a place by its key."""
    return _table("things.yaml", Thing)


@cache
def point_kinds() -> dict[str, PointKind]:
    """Every kind of point of interest by its key."""
    return _table("points.yaml", PointKind)
