"""Open imagery on the network: what there is, where, and what may be done with it."""

from __future__ import annotations

import difflib
import os
from datetime import date  # noqa: TC003 - pydantic reads the annotation
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from shapely import GEOSException, box, from_wkt, union_all

from socioseg.build.imagery.source import ImagerySource, Redistribute
from socioseg.build.imagery.tilesource import TileSource
from socioseg.errors import LicenceError, RecipeError, UsageError
from socioseg.sample import TILE_SIZE, Bounds

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

PROVIDERS = Path(__file__).with_name("providers.yaml")
MENTIONED = 3
NEAR = 0.3  # degrees

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Zoom = Annotated[int, Field(ge=0, le=24)]
Text = Annotated[str, Field(min_length=1)]


class Provider(BaseModel):
    """One entry of `providers.yaml`.

    `kind` is `xyz` (tiles that `build` reads), `wms` or `files` (open, but to be downloaded and
    given as raster files) or `refused` (the terms forbid to collect tiles; no address is kept).
    `environment` maps a placeholder of `url` to the variable that holds the key. `boxes` (west,
    south, east, north) and `outline` (WKT), in degrees, are where it is chosen by itself.
    `resolution` is metres on the ground, `rate` requests a second, `year` that of the pictures
    where it is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    kind: Literal["xyz", "wms", "files", "refused"]
    license: Text
    license_url: Annotated[str, Field(pattern="^https://")]
    attribution: Text
    redistribute: Redistribute
    basis: Text
    checked_on: date
    reason: str = ""
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    url: Annotated[str, Field(pattern="^(https://.+)?$")] = ""
    min_zoom: Zoom = 0
    max_zoom: Zoom = 0
    tile_size: int = TILE_SIZE
    environment: dict[str, str] = Field(default_factory=dict)
    rate: Annotated[float, Field(gt=0)] = 5.0
    concurrency: Annotated[int, Field(ge=1)] = 4
    no_data: tuple[str, ...] = ()
    resolution: Annotated[float, Field(gt=0)] | None = None
    year: str = ""
    boxes: tuple[tuple[Longitude, Latitude, Longitude, Latitude], ...] = ()
    outline: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Provider:
        if self.redistribute != "yes" and not self.reason:
            raise ValueError(f"{self.id} needs a reason for redistribute: {self.redistribute}")
        if self.kind == "refused":
            if self.url or self.redistribute != "no":
                raise ValueError(f"{self.id} is refused: leave url out, set redistribute to no")
            return self
        if not (self.url and self.max_zoom >= self.min_zoom and self.resolution):
            raise ValueError(f"{self.id} needs a url, min_zoom <= max_zoom and a resolution")
        try:
            whole = self.area.is_valid and not self.area.is_empty
        except GEOSException as error:
            raise ValueError(
                f"{self.id} has an outline that is not a WKT polygon: {error}"
            ) from error
        if not whole:
            raise ValueError(f"{self.id} needs boxes or an outline that does not cross itself")
        return self

    @cached_property
    def area(self) -> BaseGeometry:
        """Where the provider is chosen by itself, in degrees; empty if nowhere."""
        outline = [from_wkt(self.outline)] if self.outline else []
        return union_all([*outline, *(box(*bounds) for bounds in self.boxes)])

    def image_source(self) -> ImagerySource:
        """Licence and credit that travel with every picture."""
        return ImagerySource(
            id=self.id,
            license=self.license,
            license_url=self.license_url,
            attribution=self.attribution,
            redistribute=self.redistribute,
            date=self.year,
        )

    def tile_source(self) -> TileSource:
        """Address and manners for reading its tiles.

        Raises
        ------
        LicenceError
            If its terms forbid that.
        UsageError
            If it has no XYZ tiles, or its key is not in the environment.
        """
        if self.kind == "refused":
            raise LicenceError(
                f"{self.title} ({self.id}) cannot be used: {self.reason}; choose imagery of "
                "`socioseg list providers` or your own"
            )
        if self.kind != "xyz":
            raise UsageError(
                f"{self.title} ({self.id}) has no XYZ tiles: download its files ({self.url}) "
                "and give them with --imagery"
            )
        source = TileSource(
            self.url,
            self.image_source(),
            min_zoom=self.min_zoom,
            max_zoom=self.max_zoom,
            tile_size=self.tile_size,
            rate=self.rate,
            concurrency=self.concurrency,
            environment=tuple(self.environment.items()),
            no_data=frozenset(self.no_data),
        )
        source.keys()
        return source


@lru_cache
def load_providers(path: Path | None = None) -> tuple[Provider, ...]:
    """Read the providers of a YAML file, by default of the package, sorted by id.

    Raises
    ------
    RecipeError
        If the file cannot be read, or an entry has a wrong key or value.
    """
    file = path or PROVIDERS
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        found = TypeAdapter(tuple[Provider, ...]).validate_python(entries)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(f"cannot read {file}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise RecipeError(f"{file}: {_first_problem(error, entries)}") from error
    ids = [entry.id for entry in found]
    if repeated := sorted({one for one in ids if ids.count(one) > 1}):
        raise RecipeError(f"{file}: {repeated[0]} stands there twice; ids are unique")
    return tuple(sorted(found, key=lambda entry: entry.id))


def provider(name: str) -> Provider:
    """Look up a provider by id.

    Raises
    ------
    UsageError
        If there is none; the nearest ids are named.
    """
    known = {entry.id: entry for entry in load_providers()}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or sorted(known)[:3]
        raise UsageError(f"no imagery provider is called {name}; did you mean {', '.join(near)}?")
    return known[name]


def best_provider(bounds: Bounds, zoom: int) -> Provider | None:
    """Choose the finest provider that covers all of `bounds` and may be redistributed.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees.
    zoom
        Web Mercator zoom of the windows.
    """
    fitting = [entry for entry in load_providers() if not _obstacle(entry, bounds, zoom)]
    return min(fitting, key=lambda entry: (entry.resolution or 0.0, entry.id), default=None)


def no_provider_message(bounds: Bounds, zoom: int) -> str:
    """Say what to do where `best_provider` finds none, and which come near."""
    region = box(*bounds)
    near = [
        (entry.country == "", entry.resolution or 0.0, f"{entry.id} ({obstacle})")
        for entry in load_providers()
        if entry.area.distance(region) < NEAR and (obstacle := _obstacle(entry, bounds, zoom))
    ]
    names = "; ".join(text for *_, text in sorted(near)[:MENTIONED])
    west, south, east, north = bounds
    return (
        f"no open imagery is known that covers {west:.4f},{south:.4f},{east:.4f},{north:.4f} at "
        f"zoom {zoom} and may be redistributed: give your own with --imagery (raster files, or a "
        "template with {z}, {x} and {y}), or --imagery synthetic"
        + (f"; near it come {names}" if names else "")
    )


def provider_rows() -> list[dict[str, str]]:
    """What `socioseg list providers` shows: one row a provider."""
    return [
        {
            "id": entry.id,
            "title": entry.title,
            "country": entry.country,
            "kind": entry.kind,
            "zoom": f"{entry.min_zoom}-{entry.max_zoom}" if entry.url else "",
            "resolution": f"{entry.resolution:g} m" if entry.resolution else "",
            "license": entry.license,
            "redistribute": entry.redistribute,
            "reason": entry.reason,
            "checked_on": entry.checked_on.isoformat(),
        }
        for entry in load_providers()
    ]


def _obstacle(entry: Provider, bounds: Bounds, zoom: int) -> str:
    """Why a provider is not chosen for a region; empty where it fits."""
    keys = [name for name in entry.environment.values() if not os.environ.get(name)]
    obstacles = {
        f"{entry.redistribute}: {entry.reason}": entry.redistribute != "yes",
        "no XYZ tiles, download its files": entry.kind != "xyz",
        f"only to zoom {entry.max_zoom}": entry.max_zoom < zoom,
        f"only from zoom {entry.min_zoom}": entry.min_zoom > zoom,
        "covers a part only, or lies across a border": not entry.area.covers(box(*bounds)),
        f"set {', '.join(keys)} to your key": bool(keys),
    }
    return next((text for text, stands in obstacles.items() if stands), "")


def _first_problem(error: ValidationError, entries: object) -> str:
    """One sentence on the first wrong key or value, with the entry's id."""
    problems = error.errors()
    first = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])
    index, *keys = first["loc"] or ("",)
    entry = entries[index] if isinstance(entries, list) and isinstance(index, int) else {}
    name = entry.get("id", f"entry {index}") if isinstance(entry, dict) else f"entry {index}"
    where = ".".join(str(key) for key in keys)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where, Provider.model_fields, n=1)
        return f"{name} has an unknown key {where}" + (f"; did you mean {near[0]}?" if near else "")
    return f"{name}: {where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
