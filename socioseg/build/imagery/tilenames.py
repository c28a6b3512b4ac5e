"""From what a user writes, a URL template or an xyzservices name, to a tile source."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from xyzservices import providers

from socioseg.build.imagery.source import ImagerySource
from socioseg.build.imagery.tilesource import PLACEHOLDER, TileSource, host_of, is_host
from socioseg.errors import UsageError
from socioseg.sample import TILE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socioseg.build.imagery.source import Redistribute

POSITION = frozenset({"z", "zoom", "x", "y", "-y", "s"})
OPTIONS: dict[str, type[int | float | str]] = {
    **dict.fromkeys(("tile_size", "min_zoom", "max_zoom", "concurrency"), int),
    "rate": float,
    "scheme": str,
}
NOT_TO_REDISTRIBUTE = (
    *("arcgisonline.com", "google.com", "googleapis.com", "virtualearth.net", "mapbox.com"),
    *("atlas.microsoft.com", "hereapi.com", "tomtom.com", "autonavi.com", "amap.com"),
    *("baidu.com", "bdimg.com", "tianditu.gov.cn", "tianditu.com"),
)


def tile_source(text: str) -> TileSource:
    """Make a source of a URL template or an xyzservices name such as `Esri.WorldImagery`.

    A template may state what it serves behind a `#`:
    `https://host/{z}/{x}/{y}.jpg#tile_size=512&min_zoom=19&max_zoom=19`, also `scheme=tms`,
    `rate`, `concurrency`. A key stands in the environment: `{apikey}` in a template is the
    variable `SOCIOSEG_KEY_APIKEY`; an xyzservices name of provider P takes `SOCIOSEG_KEY_P`.
    Neither kind comes with rights: `redistribute` is `ask`, or `no` where that is known.

    Raises
    ------
    UsageError
        If the name is unknown, the template incomplete, a key missing, or the server one that
        must not be read in bulk.
    """
    is_template = "{" in text or "://" in text
    source = _from_template(text) if is_template else _from_name(text)
    source.keys()
    return source


def _from_template(text: str) -> TileSource:
    url, _, options = text.partition("#")
    plain = re.sub("//[^/@]*@", "//", url.partition("?")[0])
    keys = tuple((name, f"SOCIOSEG_KEY_{_upper(name)}") for name in _keys(url))
    size = 2 * TILE_SIZE if "@2x" in url else TILE_SIZE
    rights = _rights(plain, url, host_of(url))
    source = TileSource(url, rights, environment=keys, tile_size=size)
    return replace(source, **_options(options))


def _options(text: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in OPTIONS:
            raise UsageError(f"tile option {name} is unknown: {_nearest(name, OPTIONS)}.")
        try:
            options[name] = OPTIONS[name](value)
        except ValueError as error:
            raise UsageError(f"tile option {name}={value} is not a number.") from error
    return options


def _from_name(name: str) -> TileSource:
    try:
        entry = providers.query_name(name)
    except ValueError as error:
        known = providers.flatten()
        raise UsageError(
            f"no xyzservices provider is called {name}: {_nearest(name, known)}; or give a"
            " template with {z}, {x} and {y}."
        ) from error
    if entry.get("crs", "EPSG:3857") != "EPSG:3857" or entry.get("status") == "broken":
        raise UsageError(
            f"{entry.name} cannot be used: xyzservices lists it as"
            f" {entry.get('status') or entry.get('crs')}."
        )
    known = {key: str(value) for key, value in entry.items() if not str(value).startswith("<")}
    known = {"r": "", **{key: known[key] for key in known.keys() - POSITION}}
    url = PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), entry["url"])
    keys = _keys(url)
    prefix = f"SOCIOSEG_KEY_{_upper(entry.name.partition('.')[0])}"
    several = len(keys) > 1
    return TileSource(
        url,
        _rights(entry.name, url, entry.attribution),
        min_zoom=int(entry.get("min_zoom", 0)),
        max_zoom=int(entry.get("max_zoom", 18)),
        tile_size=int(entry.get("tileSize", TILE_SIZE)),
        scheme="tms" if entry.get("tms") else "xyz",
        subdomains=tuple(entry.get("subdomains", "abc")),
        environment=tuple((k, f"{prefix}_{_upper(k)}" if several else prefix) for k in keys),
    )


def _rights(name: str, url: str, attribution: str) -> ImagerySource:
    verdict: Redistribute = "no" if is_host(url, NOT_TO_REDISTRIBUTE) else "ask"
    return ImagerySource(name, "unknown", "", attribution, verdict)


def _keys(url: str) -> list[str]:
    names = dict.fromkeys(PLACEHOLDER.findall(url))
    return [name for name in names if name not in POSITION and not name.startswith("switch:")]


def _upper(name: str) -> str:
    return re.sub(r"\W+", "_", name).upper()


def _nearest(name: str, known: Iterable[str]) -> str:
    lower = {text.lower(): text for text in known}
    near = difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.4)
    return "the nearest are " + ", ".join(lower[text] for text in near) if near else "none is near"
