"""`socioseg predict`: what it does, and the sentence for each thing that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import refused, say
from reds import SPOTS, picture, place_of, save

CRS = "EPSG:4326"
BLOCK = (100, 60, 150, 120)
MODEL = ("predict", "--model", "reds:Red", "--window", "96")


@pytest.fixture(autouse=True)
def files(alone: None) -> None:
    """A folder with a raster, a map of another place, and files that are none."""
    pixels = picture(190, 140, BLOCK)
    save(Path("sat.tif"), pixels, CRS, place_of(CRS))
    save(Path("plain.png"), pixels, None, None)
    save(Path("swiss.tif"), pixels, "EPSG:2056", place_of("EPSG:2056"))
    save(Path("two.tif"), pixels[:2], CRS, place_of(CRS))
    Path("text.tif").write_text("no raster")
    Path("places.csv").write_text(
        "query,lon,lat,id\n"
        f"Red Hall,{at(120, 90)},node/1\nGreen Hall,{at(5, 5)},node/2\nFar Hall,7,46,node/3\n,,,\n"
    )


def at(column: float, row: float) -> str:
    x, y, unit = SPOTS[CRS]
    return f"{x + column * unit / 2},{y - row * unit / 2}"


def test_polygons_on_stdout_and_in_a_file(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    words = ("--sat", "sat.tif", "--query", "school", "--out", "out/f.geojson")
    said = say(capfd, *MODEL, *words, "--json")
    result = json.loads(said.out)
    assert (said.code, result["polygons"], result["out"]) == (0, 1, "out/f.geojson")
    assert len(json.loads(Path("out/f.geojson").read_bytes())["features"]) == 1
    said = say(capfd, *MODEL, *words)
    assert max(map(len, said.out.splitlines())) <= 80
    assert "sees a blank map" in caplog.text


def test_places_are_sought_around_their_points(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    words = ("--sat", "sat.tif", "--queries", "places.csv", "--out", "out/f.geojson", "--json")
    said = say(capfd, *MODEL, *words)
    result, err = json.loads(said.out), caplog.text
    assert said.code == 0
    assert (result["polygons"], result["queries"], result["questions"]) == (1, 3, 2)
    assert result["nothing_found"] == ["Green Hall (node/2)"]
    assert result["outside"] == ["Far Hall (node/3)"]
    assert "nothing found of: Green Hall (node/2)" in err
    assert "outside of the imagery: Far Hall (node/3)" in err
    assert "rows without a text, left out: 1" in err
    (feature,) = json.loads(Path("out/f.geojson").read_bytes())["features"]
    properties = feature["properties"]
    assert (properties["query"], properties["place"]) == ("Red Hall", "node/1")
    assert properties["level"] == "name"


def test_failures_are_counted_and_told(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    words = ("--sat", "sat.tif", "--query", "school", "--out", "out/f.geojson", "--json")
    said = say(capfd, "predict", "--model", "reds:Refuses", *words)
    result = json.loads(said.out)
    assert (said.code, result["failed"], result["nothing_found"]) == (
        0,
        {"no_boxes": 1},
        ["school"],
    )
    assert "1 of 1 questions were not answered (no_boxes 1)" in caplog.text
    about = json.loads(Path("out/f.geojson").read_bytes())["socioseg"]
    (failure,) = about["failures"]
    assert failure["detail"] == "it saw none"


def test_where_there_is_no_imagery_nothing_is_asked(capfd: pytest.CaptureFixture[str]) -> None:
    pixels = picture(400, 96, (20, 20, 60, 60), (300, 20, 340, 60))
    mask = np.full((1, 96, 400), 255, np.uint8)
    mask[:, :, 200:] = 0
    save(Path("cut.tif"), np.concatenate([pixels, mask]), CRS, place_of(CRS))
    words = ("--sat", "cut.tif", "--query", "school", "--out", "out/f.geojson", "--overlap", "0")
    result = json.loads(say(capfd, *MODEL, *words, "--json").out)
    assert (result["polygons"], result["windows_without_imagery"]) == (1, 2)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--sat", "no.tif"), 1, "no imagery at no.tif"),
        (("--sat", "text.tif"), 1, "cannot open text.tif as a raster"),
        (("--sat", "two.tif"), 1, "has 2 bands"),
        (("--sat", "*.tif"), 1, r"\*.tif holds 4 rasters, not one"),
        (("--map", "no.png"), 1, "no imagery at no.png"),
        (("--map", "text.tif"), 1, "cannot open text.tif"),
        (("--map", "swiss.tif"), 1, "swiss.tif shows another place"),
        (("--map", "plain.png", "--osm", "x.osm"), 2, "Give one of --map"),
        (("--osm", "no.osm"), 1, "no.osm: cannot be opened"),
        (("--osm", "no.docx"), 1, "no.docx: is no OSM source"),
        (("--style", "night"), 2, "are of a map drawn from OSM data"),
        (("--gsd", "0.5", "--zoom", "18"), 2, "--gsd is of the raster's own grid"),
        (("--gsd", "0"), 2, "--gsd 0: give metres"),
        (("--gsd", "0.01"), 1, "is too coarse"),
        (("--zoom", "24"), 1, "is too coarse"),
        (("--sat", "plain.png", "--zoom", "18"), 2, "plain.png has no place on the ground"),
        (("--overlap", "0.9"), 2, "--overlap 0.9: give a share"),
        (("--queries", "places.csv"), 2, "Give one of --query"),
        (("--level", "street"), 2, "there is no level 'street'"),
        (("--model", "oracle-box"), 2, "oracle-box needs the true masks"),
        (("--model", "centre"), 2, "centre first learns from a dataset"),
        (("--model", "read"), 2, "there is none called 'read'"),
        (("--set", "sure=1"), 2, "its options: confidence"),
        (("--crs", "raster"), 2, "RFC 7946"),
        (("--out", "f.shp"), 2, "give a file that ends with"),
    ],
)
def test_bad_input_is_one_sentence(
    capfd: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, sentence: str
) -> None:
    usual = {"--sat": "sat.tif", "--query": "school", "--out": "out/f.geojson"}
    rest = [word for pair in usual.items() if pair[0] not in words for word in pair]
    said = say(capfd, *MODEL, *rest, *words)
    errors = [line for line in said.err.splitlines() if line.startswith("error")]
    refused(said._replace(err="\n".join(errors)), code, sentence)


def test_pixels_and_places_do_not_mix(capfd: pytest.CaptureFixture[str]) -> None:
    words = ("--sat", "plain.png", "--queries", "places.csv", "--out", "out/f.geojson")
    said = say(capfd, *MODEL, *words)
    assert said.code == 2
    assert "plain.png has no place on the ground, which places with coordinates need" in said.err
