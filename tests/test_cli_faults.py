"""Bad input to `socioseg build`: one sentence, exit 1 or 2, nothing on stdout, nothing made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import osmxml
import pytest
from commands import DEMO, refused, say
from servers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Serve

pytestmark = pytest.mark.usefixtures("alone")
ENTITIES = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
BOMB = f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>'


OPTIONS = {
    "a mistyped key": (("--set", "limits.min_shar=0.1"), "did you mean min_share"),
    "no such key": (("--set", "colour=red"), "unknown key 'colour'; known keys: .*zoom"),
    "a value that is none": (("--set", "size"), "KEY=VALUE"),
    "huge windows": (("--set", "size=100000"), "size = 100000: .*4096"),
    "a zoom that no one has": (("--zoom", "40"), "zoom = 40: .*22"),
    "a huge town": (("--set", "town.size=1e9"), "town.size = .*50000"),
    "no such style": (("--style", "neon"), "style.*standard"),
    "no such split": (("--split", "diagonal"), "'auto', 'blocks' or 'random'"),
    "half a template": (("--imagery", "http://a.b/c.png?{z}"), r"\{x\}"),
    "no level": (("--set", "levels=[]"), "levels = "),
    "percentiles in the wrong order": (("--set", "raster.percentiles=[90,3]"), "smaller"),
    "no imagery": (("--imagery", ""), "imagery.0 = ''"),
    "no OSM data": (("--osm", ""), "osm = ''"),
    "an unknown provider": (("--imagery", "pdok-nl"), "did you mean nl-pdok"),
    "an unknown name": (("--imagery", "Esri.WorldImagry"), "nearest are Esri.WorldImagery"),
    "a provider without its key": (("--imagery", "Jawg.Streets"), "SOCIOSEG_KEY_JAWG"),
    "a template without its key": (
        ("--imagery", "https://a.example/{z}/{x}/{y}?k={mine}"),
        "SOCIOSEG_KEY_MINE",
    ),
    "a key in the template": (
        ("--imagery", "https://a.example/{z}/{x}/{y}?key=s3"),
        "would be recorded",
    ),
    "a map that must not be read": (("--imagery", "OpenStreetMap.Mapnik"), "must not be read"),
}


@pytest.mark.parametrize("what", OPTIONS)
def test_options(what: str, capfd: pytest.CaptureFixture[str]) -> None:
    options, sentence = OPTIONS[what]
    refused(say(capfd, "build", *DEMO, *options), 2, sentence)


def test_a_refused_provider(capfd: pytest.CaptureFixture[str]) -> None:
    refused(say(capfd, "build", *DEMO, "--imagery", "google"), 1, "its terms forbid")


def test_a_recipe_file_with_a_wrong_key(capfd: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text("region: 0,0,1,1\nsplit: {metod: random}\n")
    said = say(capfd, "build", "--region", "mine.yaml")
    refused(said, 2, r"mine\.yaml: unknown key 'split.metod'; did you mean method")


def test_a_mistyped_recipe_where_no_geocoder_answers(capfd: pytest.CaptureFixture[str]) -> None:
    refused(say(capfd, "build", "--region", "demmo"), 1, "cannot be reached.*did you mean demo")


def test_no_such_place(
    capfd: pytest.CaptureFixture[str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIOSEG_NOMINATIM_URL", serve(lambda _: Answer(b"[]")).url)
    said = say(capfd, "build", "--region", "Erewhon on Sea")
    refused(said, 2, "no place named 'Erewhon on Sea'")


REGIONS = {
    "nothing": ("", "region is empty"),
    "a continent": ("-30,35,40,70", r"16,294,588 km2"),
    "the world": ("-180,-85,180,85", "half of the globe"),
    "beyond the pole": ("0,80,1,91", "degrees"),
    "a line": ("0,0,0,1", "no area"),
    "three numbers": ("0,0,1", "has 3 numbers"),
    "west right of east": ("1,1,0,2", "west is not left of east"),
    "no such recipe file": ("missing.yaml", "missing.yaml: no such recipe file"),
}


@pytest.mark.parametrize("what", REGIONS)
def test_regions(what: str, capfd: pytest.CaptureFixture[str]) -> None:
    text, sentence = REGIONS[what]
    refused(say(capfd, "build", "--imagery", "synthetic", "--region", text), 2, sentence)


def _osm(name: str, *items: str, head: str = "") -> str:
    return str(osmxml.write(Path(), *items, head=head, name=name))


SQUARE = (*osmxml.square(1, 0.001, 0.001, 0.001), osmxml.way(9, osmxml.ring(1), building="yes"))


def _bomb(name: str) -> str:
    node = osmxml.node(1, 0, 0, name="NAME").replace("NAME", "&h;")
    Path(name).write_text(f'{BOMB}<osm version="0.6">{node}</osm>')
    return name


@pytest.mark.parametrize(
    ("make", "code", "sentence"),
    [
        (lambda: "missing.osm.pbf", 1, r"missing\.osm\.pbf: cannot be opened"),
        (lambda: _osm("empty.osm"), 1, "no OSM feature of use"),
        (lambda: _osm("plain.osm", *SQUARE), 1, "no AOI: .*list classes"),
        (lambda: _bomb("bomb.osm"), 1, "entities"),
        (lambda: _bomb("bomb.kml"), 1, r"bomb\.kml: cannot be read"),
        (lambda: _bomb("bomb.gml"), 1, r"bomb\.gml: cannot be read"),
    ],
)
def test_osm_files(
    make: Callable[[], str], code: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(say(capfd, "build", "--region", make(), "--imagery", "synthetic"), code, sentence)


@pytest.fixture
def town_file(cache: Path, capfd: pytest.CaptureFixture[str]) -> bytes:
    assert say(capfd, "build", *DEMO, "--dry-run").code == 0
    return next((cache / "towns").glob("*.pbf")).read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.3, 0.999])
def test_a_truncated_pbf(share: float, town_file: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    Path("cut.osm.pbf").write_bytes(town_file[: int(len(town_file) * share)])
    said = say(capfd, "build", "--region", "cut.osm.pbf", "--imagery", "synthetic")
    refused(said, 1, r"cut\.osm\.pbf: cannot be read as OSM data \(PBF error.*is complete")


def test_a_box_beside_the_data(town_file: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    Path("town.osm.pbf").write_bytes(town_file)
    words = ("--region", "7,7,7.01,7.01", "--osm", "town.osm.pbf", "--imagery", "synthetic")
    refused(say(capfd, "build", *words), 2, r"nothing of it lies in the region \(it covers -0\.0")
