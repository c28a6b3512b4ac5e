"""Verdicts on imagery services, where each is chosen, and what is said where none is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from socioseg.build.imagery.providers import (
    best_provider,
    load_providers,
    no_provider_message,
    provider,
    provider_rows,
)
from socioseg.errors import LicenceError, RecipeError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

CITIES = {
    "ch-swissimage": (8.50, 47.35, 8.56, 47.40),
    "nl-pdok": (4.20, 52.00, 4.35, 52.12),
    "fr-ign": (5.30, 43.25, 5.42, 43.32),
    "at-basemap": (16.30, 48.18, 16.42, 48.24),
    "es-pnoa": (2.10, 41.35, 2.22, 41.43),
    "cz-cuzk": (14.38, 50.05, 14.48, 50.11),
    "pl-gugik": (20.95, 52.20, 21.05, 52.26),
    "ee-maaamet": (24.70, 59.40, 24.80, 59.46),
    "lu-act": (6.10, 49.59, 6.16, 49.63),
    "be-flanders": (3.68, 51.03, 3.76, 51.08),
    "us-naip": (-76.65, 39.27, -76.57, 39.31),
}
MADE = """
- id: mine
  title: Mine
  kind: xyz
  url: https://example.org/{z}/{x}/{y}.png
  max_zoom: 19
  resolution: 0.5
  license: CC0-1.0
  license_url: https://example.org
  attribution: me
  redistribute: "yes"
  basis: I say so
  checked_on: 2026-11-23
  boxes: [[0, 0, 1, 1]]
"""


@pytest.mark.parametrize("name", CITIES)
def test_the_open_provider_of_a_city_is_chosen(name: str) -> None:
    found = best_provider(CITIES[name], zoom=17)
    assert found is not None
    assert found.id == name
    assert found.tile_source().url == found.url


@pytest.mark.parametrize(
    "bounds",
    [
        (6.10, 46.17, 6.18, 46.23),  # Geneva, with France
        (7.70, 48.55, 7.85, 48.60),  # Strasbourg, with Germany
        (-106.50, 31.72, -106.40, 31.80),  # El Paso, with Mexico
        (9.48, 47.10, 9.55, 47.18),  # Vaduz
        (13.30, 52.45, 13.45, 52.55),  # Berlin
        (28.90, 41.00, 29.00, 41.05),  # Istanbul
    ],
)
def test_no_provider_is_chosen_across_a_border(bounds: tuple[float, float, float, float]) -> None:
    assert best_provider(bounds, zoom=17) is None


def test_zoom_beyond_the_tiles_finds_none() -> None:
    assert best_provider(CITIES["ee-maaamet"], zoom=19) is None
    assert "ee-maaamet (only to zoom 18)" in no_provider_message(CITIES["ee-maaamet"], zoom=19)


def test_only_what_may_be_redistributed_is_chosen() -> None:
    tokyo = (139.69, 35.65, 139.72, 35.68)
    assert best_provider(tokyo, zoom=17) is None
    message = no_provider_message(tokyo, zoom=17)
    assert message.startswith("no open imagery is known that covers 139.6900,35.6500,139.7200")
    assert "--imagery" in message
    assert "jp-gsi (ask: PDL 1.0" in message


def test_a_key_makes_its_provider_eligible(monkeypatch: pytest.MonkeyPatch) -> None:
    auckland = (174.70, -36.90, 174.80, -36.80)
    monkeypatch.delenv("SOCIOSEG_KEY_LINZ", raising=False)
    assert best_provider(auckland, zoom=17) is None
    assert "set SOCIOSEG_KEY_LINZ to your key" in no_provider_message(auckland, zoom=17)
    with pytest.raises(UsageError, match="SOCIOSEG_KEY_LINZ"):
        provider("nz-linz").tile_source()
    monkeypatch.setenv("SOCIOSEG_KEY_LINZ", "secret")
    found = best_provider(auckland, zoom=17)
    assert found is not None
    assert found.id == "nz-linz"
    assert "secret" not in found.tile_source().url


def test_near_a_border_the_neighbour_is_named() -> None:
    message = no_provider_message((6.10, 46.17, 6.18, 46.23), zoom=17)
    assert "ch-swissimage (covers a part only" in message


@settings(max_examples=50)
@given(st.floats(-180, 179), st.floats(-84, 83), st.floats(0.001, 1), st.integers(14, 20))
def test_what_is_chosen_covers_and_is_open(
    west: float, south: float, side: float, zoom: int
) -> None:
    bounds = (west, south, west + side, south + side)
    found = best_provider(bounds, zoom)
    if found is None:
        assert "--imagery" in no_provider_message(bounds, zoom)
        return
    assert found.redistribute == "yes"
    assert found.min_zoom <= zoom <= found.max_zoom
    assert box(*bounds).within(found.area)


@pytest.mark.parametrize("name", ["esri", "google", "bing", "mapbox", "amap", "baidu", "tianditu"])
def test_services_that_forbid_it_are_refused(name: str) -> None:
    refused = provider(name)
    assert not refused.url
    with pytest.raises(LicenceError, match=r"cannot be used: (its|it) .*; choose imagery"):
        refused.tile_source()


@pytest.mark.parametrize("name", ["de-nw-dop", "openaerialmap"])
def test_files_are_to_be_downloaded(name: str) -> None:
    with pytest.raises(UsageError, match="has no XYZ tiles: download its files"):
        provider(name).tile_source()


def test_share_alike_is_not_for_publication() -> None:
    source = provider("eox-s2cloudless").image_source()
    assert source.redistribute == "no"
    assert source.license == "CC-BY-NC-SA-4.0"


def test_unknown_provider_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no imagery provider is called nl-pdock; .*nl-pdok"):
        provider("nl-pdock")


def test_every_entry_can_be_stood_for() -> None:
    for entry in load_providers():
        assert entry.attribution
        assert entry.basis
        assert entry.checked_on.year >= 2026
        assert entry.area.is_valid
        if entry.kind == "xyz" and not entry.environment:
            assert entry.tile_source().source == entry.image_source()


def test_outlines_hold_no_neighbouring_capital() -> None:
    capitals = {
        "DE": (13.40, 52.52),
        "LI": (9.52, 47.14),
        "SK": (17.11, 48.15),
        "GB": (-0.13, 51.51),
        "LV": (24.11, 56.95),
        "LT": (25.28, 54.69),
        "PT": (-9.14, 38.72),
        "AD": (1.52, 42.51),
        "CA": (-75.70, 45.42),
        "SI": (14.51, 46.05),
        "RU": (20.51, 54.71),
        "HU": (19.04, 47.50),
    }
    for entry in load_providers():
        if entry.outline:
            assert not [name for name, at in capitals.items() if entry.area.contains(Point(at))]


def test_rows_for_the_list_command() -> None:
    rows = {row["id"]: row for row in provider_rows()}
    assert len(rows) >= 20
    assert rows["nl-pdok"]["license"] == "CC-BY-4.0"
    assert rows["nl-pdok"]["zoom"] == "10-20"
    assert rows["google"]["redistribute"] == "no"


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MADE, encoding="utf-8")
    (mine,) = load_providers(path)
    assert mine.area.bounds == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("license:", "licence:", "mine has an unknown key licence; did you mean license"),
        ('"yes"', "maybe", "mine: redistribute: "),
        ('"yes"', '"no"', "mine needs a reason for redistribute: no"),
        ("kind: xyz", "kind: refused", "mine is refused: leave url out"),
        ("max_zoom: 19", "max_zoom: 99", "mine: max_zoom: "),
        ("boxes: [[0, 0, 1, 1]]", "outline: POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))", "cross itself"),
        (
            "boxes: [[0, 0, 1, 1]]",
            "outline: a circle",
            "mine has an outline that is not a WKT polygon",
        ),
        ("resolution: 0.5", "", "mine needs a url, min_zoom <= max_zoom and a resolution"),
        ("- id: mine", "- id: [", "cannot read"),
        (MADE, MADE + MADE, "mine stands there twice"),
        (MADE, "just: text", "Input should be"),
    ],
)
def test_a_wrong_entry_is_one_sentence(tmp_path: Path, old: str, new: str, why: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(MADE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_providers(path)
    assert why in str(caught.value)
    assert "wrong.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
