"""What a service answers, looked at before OSMnx sees it; in this process, for speed."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import geopandas
import pytest
import shapely
from servers import Answer, Request

from socioseg.build.osm.osmnx_child import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Serve

    Ask = Callable[..., dict[str, Any]]

CAFE = {"type": "node", "id": 1, "lon": 11.251, "lat": 46.451, "tags": {"amenity": "cafe"}}
STAMP = {"timestamp_osm_base": "2026-01-02T03:04:05Z"}
BODY = json.dumps({"osm3s": STAMP, "elements": [CAFE]}).encode()


@pytest.fixture
def ask(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`ask(answer, ...)` gives the error that the child tells, or nothing."""
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)  # OSMnx replaces it

    def run(*answers: Answer, seconds: float = 5, **job: object) -> dict[str, Any]:
        requests: list[Request] = []

        def respond(request: Request) -> Answer:
            requests.append(request)
            return answers[min(len(requests), len(answers)) - 1]

        given = {
            "kind": "overpass",
            "endpoint": serve(respond).url,
            "variable": "SOME_URL",
            "slots": False,
            "polygon": shapely.to_wkt(shapely.box(11.25, 46.45, 11.26, 46.46)),
            "keys": ["amenity"],
            "deadline": seconds,
            "end": time.time() + seconds,
            "pause": 0.1,
        }
        (tmp_path / "job.json").write_text(json.dumps(given | job))
        main(tmp_path)
        told = tmp_path / "error.json"
        return json.loads(told.read_bytes()) if told.exists() else {"requests": requests}

    return run


def test_a_good_answer_is_kept_with_its_date(ask: Ask, tmp_path: Path) -> None:
    ask(Answer(BODY))
    frame = geopandas.read_parquet(tmp_path / "result")
    assert frame[["element", "id", "amenity", "@osm_base"]].to_numpy().tolist() == [
        ["node", 1, "cafe", "2026-01-02T03:04:05Z"]
    ]


def test_what_is_sent(ask: Ask) -> None:
    (request,) = ask(Answer(BODY), seconds=20)["requests"]
    assert (request.method, request.path) == ("POST", "/interpreter")
    assert request.headers["User-Agent"].startswith("socioseg/")
    assert b"timeout%3A19%5D" in request.body  # an integer, less than what is left


def test_a_busy_server_is_asked_again(ask: Ask) -> None:
    waits = {"Retry-After": "1"}
    start = time.monotonic()
    done = ask(Answer(b"", 429, waits), Answer(b"", 504), Answer(BODY))
    assert len(done["requests"]) == 3
    assert 1.1 < time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (Answer(b"", 429, {"Retry-After": "99"}), "ServiceError", "is busy (HTTP 429)"),
        (Answer(b"", 503, {"Retry-After": "99"}), "ServiceError", "is busy (HTTP 503)"),
        (Answer(b"<title>No</title>", 403), "ServiceError", "refused the request (HTTP 403: No)"),
        (Answer(b"<html><title>Hi</title>"), "ServiceError", "sent a page instead of data: Hi"),
        (Answer(b"[]"), "ServiceError", "sent a page instead of data"),
        (Answer(BODY, length=len(BODY) + 9), "ServiceError", "cannot be reached"),
        (
            Answer(b'{"elements": [], "remark": "runtime error: timed out"}'),
            "ServiceError",
            "could not finish the query (runtime error: timed out)",
        ),
        (Answer(b'{"elements": []}'), "OsmError", "no OSM feature of use in this region"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_faults_are_told(
    ask: Ask, tmp_path: Path, answer: Answer, error: str, message: str
) -> None:
    told = ask(answer)
    assert told["error"] == error
    assert message in told["message"]
    assert not (tmp_path / "result").exists()


def test_a_server_that_is_silent_or_absent_is_told(ask: Ask) -> None:
    assert "did not answer within 1 s" in ask(Answer(hang=True), seconds=1)["message"]
    absent = ask(Answer(), endpoint="http://127.0.0.1:9")
    assert "127.0.0.1:9 cannot be reached (ConnectionError)" in absent["message"]


def _place(ask: Ask, folder: Path, **fields: object) -> shapely.Geometry:
    place = {"importance": 0.5, "display_name": "A", "boundingbox": ["50", "51", "10", "11"]}
    ask(Answer(json.dumps([place | fields]).encode()), kind="nominatim", text="A, B")
    return shapely.from_wkt(json.loads((folder / "result").read_bytes())["polygon"])


def test_a_place_is_its_outline(ask: Ask, tmp_path: Path) -> None:
    triangle = shapely.Polygon([(10, 50), (10.01, 50), (10, 50.01)])
    outline = shapely.geometry.mapping(triangle)
    assert _place(ask, tmp_path, geojson=outline, lat="50", lon="10").equals(triangle)


@pytest.mark.parametrize("fields", [{}, {"geojson": {"type": "Point", "coordinates": [10, 50]}}])
def test_a_place_without_an_outline_is_its_box(
    ask: Ask, tmp_path: Path, fields: dict[str, object]
) -> None:
    assert _place(ask, tmp_path, **fields).equals(shapely.box(10, 50, 11, 51))


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("no_results", "RegionError", "there is no place named 'A'; check the spelling"),
        ("over_limit", "ServiceError", "sent a page instead of data: Bandwidth limit exceeded"),
    ],
)
def test_recorded_refusals(
    ask: Ask, shared_data: Path, name: str, error: str, message: str
) -> None:
    body = (shared_data / "overpass" / f"nominatim_{name}.json").read_bytes()
    told = ask(Answer(body), kind="nominatim", text="A")
    assert told["error"] == error
    assert message in told["message"]
