from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xyzservices import providers

from socioseg.build.imagery.tilenames import tile_source
from socioseg.errors import UsageError

URL = "https://tiles.example.org/{z}/{x}/{y}.jpg"


def test_a_template_is_a_source_without_rights() -> None:
    source = tile_source(URL + "?layer=2024")
    assert source.source.id == URL
    assert (source.source.license, source.source.redistribute) == ("unknown", "ask")
    assert source.source.attribution == "tiles.example.org"
    assert source.tile_url((3, 5, 1), {}) == "https://tiles.example.org/3/5/1.jpg?layer=2024"


def test_what_a_template_serves_stands_behind_its_hash() -> None:
    source = tile_source(URL + "#tile_size=512&min_zoom=19&max_zoom=20&scheme=tms&rate=2.5")
    assert (source.url, source.tile_size, source.scheme) == (URL, 512, "tms")
    assert (source.min_zoom, source.max_zoom, source.rate) == (19, 20, 2.5)


def test_subdomains_are_spread_by_the_tile_alone() -> None:
    source = tile_source("https://{s}.h.org/{switch:1,2}/{z}/{x}/{y}")
    hosts = {source.tile_url((4, x, 0), {}) for x in range(6)}
    assert {url[8] for url in hosts} == {"a", "b", "c"}
    assert {url.split("/")[3] for url in hosts} == {"1", "2"}
    assert source.tile_url((4, 2, 2), {}) == source.tile_url((4, 2, 2), {})


def test_a_key_comes_from_the_environment_and_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIOSEG_KEY_MYKEY", "hidden/1")
    source = tile_source(URL + "?key={mykey}")
    assert source.tile_url((1, 0, 0), source.keys()).endswith("?key=hidden%2F1")
    assert "hidden" not in repr(source) + source.cache_key


def test_a_missing_key_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOCIOSEG_KEY_TOMTOM", raising=False)
    with pytest.raises(UsageError, match="set the environment variable SOCIOSEG_KEY_TOMTOM"):
        tile_source("TomTom.Basic")
    with pytest.raises(UsageError, match="SOCIOSEG_KEY_MY_KEY"):
        tile_source(URL + "?k={my-key}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("https://h.org/{z}/{x}.jpg", "must have {z}, {x} and {y}"),
        ("https://h.org/tiles", "must have {z}, {x} and {y}"),
        ("file:///tiles/{z}/{x}/{y}.jpg", "must be an http"),
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "must not be read in bulk"),
        ("https://{s}.tile.openstreetmap.org:443/{z}/{x}/{y}.png", "must not be read in bulk"),
        ("OpenStreetMap.Mapnik", "must not be read in bulk"),
        ("https://[{z}/{x}/{y}", "must be an http"),
        ("https://h:99999/{z}/{x}/{y}", "must be an http"),
        (URL + "?access_token=pk.123", "a key in the template"),
        ("https://me:pass@h.org/{z}/{x}/{y}", "a key in the template"),
        (URL + "#tile_size=300", "tile_size must be"),
        (URL + "#tile_size=big", "tile_size=big is not a number"),
        (URL + "#tilesize=512", "tilesize is unknown: the nearest are tile_size"),
        (URL + "#min_zoom=9&max_zoom=3", "0 <= min_zoom <= max_zoom"),
        (URL + "#scheme=wms", "xyz or tms"),
        (URL + "#rate=0", "rate must be"),
        (URL + "#concurrency=0", "concurrency must be"),
        ("esri.wrldimagery", "the nearest are Esri.WorldImagery"),
        ("OrdnanceSurvey.Road_27700", "EPSG:27700"),
        ("qqq", "none is near"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        tile_source(text)
    assert sentence in str(caught.value)
    assert "pk.123" not in str(caught.value)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "url", "verdict"),
    [
        ("Esri.WorldImagery", "World_Imagery/MapServer/tile/3/1/5", "no"),
        ("esri world imagery", "World_Imagery/MapServer/tile/3/1/5", "no"),
        ("USGS.USImagery", "USGSImageryOnly/MapServer/tile/3/1/5", "ask"),
        ("BasemapAT.orthofoto", "bmaporthofoto30cm/normal/google3857/3/1/5.jpeg", "ask"),
        ("GeoportailFrance.orthos", "TILEMATRIX=3&TILEROW=1&TILECOL=5", "ask"),
        ("Gaode.Satellite", "x=5&y=1&z=3", "no"),
    ],
)
def test_xyzservices_names_give_urls_but_no_rights(name: str, url: str, verdict: str) -> None:
    source = tile_source(name)
    assert url in source.tile_url((3, 5, 1), {})
    assert source.source.redistribute == verdict
    assert source.source.attribution


def test_names_of_xyzservices_give_a_url_or_one_sentence() -> None:
    for name in list(providers.flatten())[::8]:
        with suppress(UsageError):
            assert "{" not in tile_source(name).tile_url((3, 5, 1), {})


@given(st.text(st.sampled_from("htps:/[]@{}zxy-.?&=#%19 switch,keyé℀")) | st.text())
def test_no_text_gets_past_its_one_sentence(text: str) -> None:
    for candidate in (text, f"https://{text}/{{z}}/{{x}}/{{y}}", f"{URL}#{text}"):
        with suppress(UsageError):
            tile_source(candidate).tile_url((3, 5, 1), {})
