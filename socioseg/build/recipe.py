"""The recipe of a build: every choice that shapes a dataset, with its default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, field_validator, model_validator

from socioseg.errors import RecipeError
from socioseg.recipe import Strict, find_recipe, parse_recipe, read_yaml
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1)]
Names = Annotated[
    tuple[Text, ...],
    Field(min_length=1),
    BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
]
"""One name or several."""


class Town(Strict):
    """The procedural town that serves as OSM data; `size` in metres."""

    seed: int = 0
    size: float | None = Field(default=None, gt=500, le=50_000)


class Rights(Strict):
    """Licence of imagery that no provider entry describes; `license` as an SPDX id."""

    license: str = "unknown"
    license_url: str = ""
    attribution: str = "unknown"
    redistribute: Literal["yes", "no", "ask"] = "ask"
    date: str = ""


class Aois(Strict):
    """Which areas count: `poi_buildings` gives a building the class of its only POI."""

    poi_buildings: bool = False
    language: str = ""


class Windows(Strict):
    """How windows lie: `jitter` as a share of the side, `overlap` allowed for the same query."""

    jitter: Annotated[float, Field(ge=0, le=0.5)] = 0.25
    overlap: Share = 0.5


class Limits(Strict):
    """Which samples are kept: area shares of the window, visible share of the AOI, counts."""

    min_share: Share = 0.002
    max_share: Share = 0.6
    min_visible: Share = 0.7
    max_per_class: int = Field(default=500, ge=1)
    max_samples: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Limits:
        if self.min_share >= self.max_share:
            raise ValueError("min_share must be smaller than max_share")
        return self


class Map(Strict):
    """How the digital map is drawn."""

    style: Literal["standard", "grey", "night"] = "standard"
    language: str = ""
    buildings: bool = True


class Split(Strict):
    """How samples are split: `auto` is blocks where they give up at most `max_given_up`."""

    method: Literal["auto", "blocks", "random"] = "auto"
    shares: tuple[Share, Share, Share] = (0.6, 0.1, 0.3)
    max_given_up: Share = 0.3

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: tuple[float, float, float]) -> tuple[float, float, float]:
        if abs(sum(shares) - 1) > 1e-6 or min(shares) <= 0:
            raise ValueError("the three shares must be above 0 and add up to 1")
        return shares


class Images(Strict):
    """How the satellite image is encoded; map and mask are always PNG."""

    sat: Literal["jpeg", "png"] = "jpeg"
    quality: int = Field(default=95, ge=50, le=100)


class Raster(Strict):
    """How raster files are read: stretch percentiles, share of invalid pixels, coarsest ratio."""

    percentiles: tuple[Percent, Percent] = (2.0, 98.0)
    max_invalid: Share = 0.01
    max_coarse: float = Field(default=2.0, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Raster:
        if self.percentiles[0] >= self.percentiles[1]:
            raise ValueError("the first of the percentiles must be smaller than the second")
        return self


class Fetch(Strict):
    """Patience with a tile server: attempts for a tile, seconds for an answer, for a tile."""

    attempts: int = Field(default=5, ge=1, le=20)
    read_timeout: float = Field(default=30.0, gt=0)
    deadline: float = Field(default=180.0, gt=0)


class BuildRecipe(Strict):
    """Everything that a build depends on, apart from the data itself."""

    title: str = ""
    region: Text | None = None
    osm: Text | None = None
    extract: str = ""
    imagery: Names | None = None
    town: Town | None = None
    rights: Rights = Rights()
    zoom: int = Field(default=17, ge=8, le=22)
    size: int = Field(default=768, ge=64, le=4096)
    seed: int = 0
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = tuple(Level)
    negatives: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    aois: Aois = Aois()
    windows: Windows = Windows()
    limits: Limits = Limits()
    map: Map = Map()
    split: Split = Split()
    images: Images = Images()
    raster: Raster = Raster()
    fetch: Fetch = Fetch()


def load_build_recipe(name: str, overrides: Mapping[str, Any]) -> BuildRecipe:
    """The recipe called `name` (or all defaults, where none is), with `overrides` by dotted key.

    Raises
    ------
    RecipeError
        If the file or an override has a wrong key or value.
    """
    path = find_recipe("builders", name)
    content = read_yaml(path) if path else {}
    parse_recipe(content, BuildRecipe, str(path))
    for key, value in overrides.items():
        _put(content, key, value)
    where = f"{path or 'recipe'} with the options given" if overrides else str(path)
    return parse_recipe(content, BuildRecipe, where)


def _put(content: dict[str, Any], key: str, value: object) -> None:
    *parents, last = key.split(".")
    for part in parents:
        content = content.setdefault(part, {})
        if not isinstance(content, dict):
            raise RecipeError(f"{key}: {part!r} holds no keys; see the recipe's documentation.")
    content[last] = value


def parse_settings(settings: Iterable[str]) -> dict[str, Any]:
    """`["limits.min_share=0.01"]` as a mapping of dotted keys to YAML values."""
    found = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise RecipeError(
                f"--set {setting}: write it as KEY=VALUE, as in limits.min_share=0.01."
            )
        try:
            found[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise RecipeError(f"--set {setting}: the value is not valid YAML; quote it.") from error
    return found
