"""Overpass through its child process, played by a local server from recorded replies."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
import shapely
from servers import Answer

from socioseg.build.osm.overpass import read_overpass
from socioseg.errors import RegionError, ServiceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Serve

HERE = shapely.box(11.25, 46.45, 11.26, 46.46)
CORNERS = [(0, 0), (0.001, 0), (0.001, 0.001)]
SCHOOL = {
    "osm3s": {"timestamp_osm_base": "2026-01-02T03:04:05Z"},
    "elements": [
        *(
            {"type": "node", "id": i, "lon": 11.251 + x, "lat": 46.451 + y}
            for i, (x, y) in enumerate(CORNERS, 1)
        ),
        {"type": "way", "id": 7, "nodes": [1, 2, 3, 1], "tags": {"amenity": "school"}},
    ],
}
BODY = json.dumps(SCHOOL).encode()


@pytest.mark.slow
def test_answers_are_kept_and_errors_are_not(serve: Serve, tmp_path: Path) -> None:
    answers = iter([Answer(b"<title>Down</title>", 500), Answer(BODY)])
    server = serve(lambda _: next(answers))
    with pytest.raises(ServiceError, match="HTTP 500: Down"):
        read_overpass(HERE, cache=tmp_path, endpoint=server.url)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    first = read_overpass(HERE, cache=tmp_path, endpoint=f"{server.url}/interpreter")
    assert read_overpass(HERE, cache=tmp_path, endpoint=server.url) == first
    assert len(server.requests) == 2
    assert [(f.osm_id, f.tags) for f in first.areas] == [("way/7", {"amenity": "school"})]
    assert first.timestamp == "2026-01-02T03:04:05Z"
    assert first.bounds == (11.25, 46.45, 11.26, 46.46)


@pytest.mark.slow
def test_a_server_that_drips_is_left_at_the_deadline(serve: Serve, tmp_path: Path) -> None:
    server, start = serve(lambda _: Answer(BODY, drip=0.2)), time.monotonic()
    with pytest.raises(ServiceError, match=r"did not answer within 4 s; .*SOCIOSEG_OVERPASS_URL"):
        read_overpass(HERE, cache=tmp_path, endpoint=server.url, deadline=4)
    assert time.monotonic() - start < 15


@pytest.mark.slow
def test_an_answer_of_another_kind_is_said(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIOSEG_OVERPASS_URL", serve(lambda _: Answer(b"{}")).url)
    with pytest.raises(ServiceError, match=r"could not be read \(KeyError: 'elements'\)"):
        read_overpass(HERE, cache=tmp_path)


def test_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'ftp://x' is no http"):
        read_overpass(HERE, cache=tmp_path, endpoint="ftp://x")


def test_large_regions_are_sent_to_extracts(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match=r"covers 12,3\d\d km2, more than 100.*take an extract"):
        read_overpass(shapely.box(0, 0, 1, 1), cache=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("plock", (3198, 1434, 18)),
        ("yeadon", (45, 326, 3)),
        ("map_small", (3, 1, 1)),
        ("istanbul_cafes", (0, 0, 200)),
    ],
)
def test_recorded_replies(
    serve: Serve, tmp_path: Path, shared_data: Path, name: str, counts: tuple[int, int, int]
) -> None:
    body = (shared_data / "overpass" / f"overpass_{name}.json").read_bytes()
    server = serve(lambda _: Answer(body))
    nodes = [e for e in json.loads(body)["elements"] if e["type"] == "node"]
    around = shapely.MultiPoint([(n["lon"], n["lat"]) for n in nodes]).envelope
    data = read_overpass(around, cache=tmp_path, endpoint=server.url, max_km2=1e4)
    assert (len(data.areas), len(data.lines), len(data.points)) == counts
    assert data.timestamp == json.loads(body)["osm3s"]["timestamp_osm_base"]
    assert data.notes[0].startswith("OSM data from Overpass is kept in")
