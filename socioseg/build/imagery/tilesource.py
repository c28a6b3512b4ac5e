"""Where XYZ tiles come from, as plain data."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from socioseg.errors import ImageryError, UsageError
from socioseg.sample import TILE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socioseg.build.imagery.source import ImagerySource
    from socioseg.build.imagery.tilecache import Tile

MAX_REDUCTION = 4
"""A window may be made from tiles up to this many times as fine; more is a waste of downloads."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
SECRET = re.compile(r"(key|token|password|secret|signature|sig|appid)$", re.IGNORECASE)
NEVER_BULK_READ = ("tile.openstreetmap.org", "tile.osm.org")


@dataclass(frozen=True)
class TileSource:
    """A tile server, and the licence of what it serves.

    `url` has `{z}` (or `{zoom}`), `{x}`, and `{y}` (or `{-y}`, counted from the south), and may
    have `{s}` or `{switch:a,b}` for a subdomain; any other placeholder is a key, which
    `environment` maps to the environment variable that holds it. A tile of `tile_size` 512
    covers the ground of one of 256. `no_data` are SHA-256 digests of tiles that mean "nothing
    here". `rate` is requests per second.

    Raises
    ------
    UsageError
        If a value cannot be used.
    """

    url: str
    source: ImagerySource
    min_zoom: int = 0
    max_zoom: int = 22
    tile_size: int = TILE_SIZE
    scheme: str = "xyz"
    rate: float = 20.0
    concurrency: int = 8
    subdomains: tuple[str, ...] = ("a", "b", "c")
    environment: tuple[tuple[str, str], ...] = ()
    no_data: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if problem := _problem(self):
            raise UsageError(f"{self.source.id}: {problem}.")

    @property
    def cache_key(self) -> str:
        """Tell this source's tiles from those of every other, whatever its licence entry."""
        what = f"{self.url} {self.scheme}"
        return f"{self.source.id} {hashlib.sha256(what.encode()).hexdigest()[:12]}"

    def keys(self) -> dict[str, str]:
        """Read the keys that the URL needs from the environment.

        Raises
        ------
        UsageError
            If one is not set.
        """
        for placeholder, variable in self.environment:
            if not os.environ.get(variable):
                raise UsageError(
                    f"{self.source.id} needs a key for {{{placeholder}}}: set the environment"
                    f" variable {variable}."
                )
        return {name: os.environ[variable] for name, variable in self.environment}

    def tile_url(self, tile: Tile, keys: Mapping[str, str]) -> str:
        """Fill the template for one tile; the subdomain depends on the tile alone."""
        z, x, y = tile
        from_south = (1 << z) - 1 - y
        values = {
            **{name: quote(key, safe="") for name, key in keys.items()},
            "z": z,
            "zoom": z,
            "x": x,
            "-y": from_south,
            "y": from_south if self.scheme == "tms" else y,
            "s": self.subdomains[(x + y) % len(self.subdomains)] if self.subdomains else "",
        }

        def fill(match: re.Match[str]) -> str:
            name, _, choices = match[1].partition(":")
            if name == "switch":
                several = choices.split(",")
                return several[(x + y) % len(several)]
            return str(values[name])

        return PLACEHOLDER.sub(fill, self.url)


def check_zoom(source: TileSource, zoom: int) -> tuple[int, int]:
    """Choose the tiles that show windows of `zoom`: their z, and how many times finer they are.

    Tiles at exactly the window's resolution are taken where the server has them (512-pixel
    tiles of `zoom - 1`, for one); else finer ones, to be averaged down. Nothing is enlarged.

    Raises
    ------
    ImageryError
        If the server's tiles are all coarser than the window, or all far too fine.
    """
    finer = (source.tile_size // TILE_SIZE).bit_length() - 1
    z = max(zoom - finer, source.min_zoom)
    reduction = 1 << (z + finer - zoom)
    if z > source.max_zoom or reduction > MAX_REDUCTION:
        low = source.min_zoom + finer - MAX_REDUCTION.bit_length() + 1
        raise ImageryError(
            f"{source.source.id} has tiles of {source.tile_size} pixels at zoom {source.min_zoom}"
            f" to {source.max_zoom}, which suits windows of zoom {max(low, 0)} to"
            f" {source.max_zoom + finer}, not {zoom}: choose another zoom or other imagery."
        )
    return z, reduction


def _problem(source: TileSource) -> str:
    """Say what makes a source unusable; empty where nothing does."""
    names = set(PLACEHOLDER.findall(source.url))
    problems = {
        "the template must be an http:// or https:// address": not _is_http(source.url),
        "the template must have {z}, {x} and {y}": not (
            {"x"} <= names and names & {"z", "zoom"} and names & {"y", "-y"}
        ),
        "tile.openstreetmap.org must not be read in bulk, and is a map: choose imagery": is_host(
            source.url, NEVER_BULK_READ
        ),
        "a key in the template would be recorded: write {mykey} in its place and set the"
        " environment variable SOCIOSEG_KEY_MYKEY": _has_secret(source.url),
        "tile_size must be 256, 512 or 1024": source.tile_size not in {256, 512, 1024},
        "zoom must be 0 <= min_zoom <= max_zoom <= 30": not (
            0 <= source.min_zoom <= source.max_zoom <= 30
        ),
        "scheme must be xyz or tms": source.scheme not in {"xyz", "tms"},
        "rate must be above 0, at most 10000": not 0 < source.rate <= 10_000,
        "concurrency must be 1 to 64": not 1 <= source.concurrency <= 64,
    }
    return next((text for text, wrong in problems.items() if wrong), "")


def host_of(url: str) -> str:
    """Take the host, in small letters, from a template, which may be no valid URL."""
    return _netloc(url).rpartition("@")[2].partition(":")[0].lower()


def is_host(url: str, domains: Iterable[str]) -> bool:
    """Say whether a template's host is one of `domains` or below one."""
    return any(f".{host_of(url)}".endswith(f".{domain}") for domain in domains)


def _netloc(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(PLACEHOLDER.sub("1", url))
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _has_secret(url: str) -> bool:
    query = parse_qsl(url.partition("?")[2])
    named = any(SECRET.search(name) and "{" not in value for name, value in query)
    user, at, _ = _netloc(url).rpartition("@")
    return named or (bool(at) and "{" not in user)
