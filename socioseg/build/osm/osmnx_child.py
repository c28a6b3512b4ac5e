"""One request through OSMnx, in a process of its own that its parent can end.

OSMnx sleeps for 55 s at every busy answer and repeats without end. Here every answer is looked at
before OSMnx sees it, and the process is ended at its deadline (see `osmnx_job`).
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import osmnx
import requests
import shapely

from socioseg.build.imagery.http import user_agent
from socioseg.build.osm.osmnx_job import STAMP, late
from socioseg.errors import OsmError, RegionError, ServiceError, SocioSegError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUSY = frozenset({429, 502, 503, 504})


class _BusyError(Exception):
    """The server asks to come back later, in `wait` seconds if it said so."""

    def __init__(self, status: int, wait: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.wait = wait


class _Inspector:
    """Looks at each answer as it comes; keeps the last, which must be an `expected`."""

    def __init__(self, expected: type) -> None:
        self.expected = expected
        self.last: Any = None

    def __call__(self, response: requests.Response, *_: object, **__: object) -> None:
        """Raise what the answer is wrong with (called by requests for every response)."""
        if response.is_redirect or response.url.endswith("/status"):
            return
        host, page = urlsplit(response.url).netloc, response.text  # read: that frees the connection
        if response.status_code in BUSY:
            raise _BusyError(response.status_code, _seconds(response.headers.get("Retry-After")))
        if not response.ok:
            raise ServiceError(
                f"{host} refused the request (HTTP {response.status_code}{_hint(page)});"
                " check its address and its terms of use."
            )
        self.last = _parsed(response)
        if not isinstance(self.last, self.expected):
            raise ServiceError(f"{host} sent a page instead of data{_hint(page)}; try again later.")
        if isinstance(self.last, dict) and "error" in str(self.last.get("remark", "")):
            raise ServiceError(
                f"{host} could not finish the query ({self.last['remark']}); choose a smaller"
                " region or take an extract (.osm.pbf from download.geofabrik.de) with --osm."
            )


def _parsed(response: requests.Response) -> Any:  # noqa: ANN401 - whatever JSON can hold
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None


def _seconds(header: str | None) -> float | None:
    return float(header) if header and re.fullmatch(r"\d+", header) else None


def _hint(page: str) -> str:
    """Title of a page, as ": title"; "" where it has none."""
    title = re.search(r"<title>([^<]{1,80})", page, re.IGNORECASE)
    return f": {title[1].strip()}" if title else ""


def main(folder: Path) -> None:
    """Do what job.json in `folder` says; leave a result or error.json there."""
    job = json.loads((folder / "job.json").read_bytes())
    inspector = _Inspector(dict if job["kind"] == "overpass" else list)
    _configure(job, inspector)
    try:
        _repeat(lambda: _JOBS[job["kind"]](job, folder, inspector), job)
    except requests.Timeout:
        failure: SocioSegError = late(job)
    except requests.RequestException as error:
        host = urlsplit(job["endpoint"]).netloc
        failure = ServiceError(
            f"{host} cannot be reached ({type(error).__name__}); check the network and the address."
        )
    except SocioSegError as error:
        failure = error
    else:
        return
    answer = {"error": type(failure).__name__, "message": str(failure)}
    (folder / "error.json").write_text(json.dumps(answer))


def _configure(job: Mapping[str, Any], inspector: _Inspector) -> None:
    settings = osmnx.settings
    settings.use_cache = False  # ours is keyed by the whole job and holds no error
    settings.doh_url_template = None
    settings.http_user_agent = user_agent()
    settings.http_referer = ""
    # Overpass gets it too, as an integer
    settings.requests_timeout = max(1, math.floor(job["end"] - time.time()))
    settings.requests_kwargs = {"hooks": {"response": inspector}}
    settings.overpass_url = settings.nominatim_url = job["endpoint"]
    settings.overpass_rate_limit = job["slots"]


def _repeat(work: Callable[[], None], job: Mapping[str, Any]) -> None:
    """Do `work` until the server is not busy, as long as the deadline allows."""
    pause = job["pause"]
    while True:
        try:
            work()
        except _BusyError as busy:
            wait = pause if busy.wait is None else busy.wait
            if time.time() + wait > job["end"]:
                host = urlsplit(job["endpoint"]).netloc
                raise ServiceError(
                    f"{host} is busy ({busy}); try again later, or set another server"
                    f" with {job['variable']}."
                ) from busy
            time.sleep(wait)
            pause *= 2
        else:
            return


def _overpass(job: Mapping[str, Any], folder: Path, inspector: _Inspector) -> None:
    tags: dict[str, bool | str | list[str]] = dict.fromkeys(job["keys"], True)
    try:
        frame = osmnx.features_from_polygon(shapely.from_wkt(job["polygon"]), tags)
    except ValueError as error:  # OSMnx has one class for this; the inspector saw all the others
        raise OsmError(
            "Overpass has no OSM feature of use in this region; check where it lies."
        ) from error
    frame = frame.reset_index()
    frame[STAMP] = inspector.last.get("osm3s", {}).get("timestamp_osm_base", "")
    frame.to_parquet(folder / "result")


def _nominatim(job: Mapping[str, Any], folder: Path, inspector: _Inspector) -> None:
    try:
        polygon = osmnx.geocode_to_gdf(job["text"]).geometry.iloc[0]
    except (TypeError, KeyError):  # a place without an outline
        polygon = _boxed(inspector.last[0])
    except ValueError as error:
        raise RegionError(
            f"there is no place named {job['text']!r}; check the spelling or give"
            " west,south,east,north"
        ) from error
    (folder / "result").write_text(json.dumps({"polygon": shapely.to_wkt(polygon, -1)}))


def _boxed(result: Mapping[str, Any]) -> shapely.Polygon:
    south, north, west, east = map(float, result["boundingbox"])
    return shapely.box(west, south, east, north)


_JOBS = {"overpass": _overpass, "nominatim": _nominatim}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
