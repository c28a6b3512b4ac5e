from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from socioseg.build.map.labels import MAX_TEXT, SAME_PLACE, Label, clean_text, label_point, within
from socioseg.sample import Window

WINDOW = Window(17, 2**24, 2**24, 256)  # its upper left corner is at (0, 0)
SIDE = 256 * WINDOW.resolution


@st.composite
def stars(draw: st.DrawFn) -> shapely.Polygon:
    """A valid polygon of any shape about a point."""
    radii = draw(st.lists(st.floats(1, 200), min_size=3, max_size=12))
    step = 2 * math.pi / len(radii)
    x, y = draw(st.floats(-1e7, 1e7)), draw(st.floats(-1e7, 1e7))
    return shapely.Polygon(
        [(x + r * math.cos(i * step), y + r * math.sin(i * step)) for i, r in enumerate(radii)]
    )


@given(stars())
def test_the_label_point_of_an_area_lies_in_it(shape: shapely.Polygon) -> None:
    assert shape.distance(label_point(shape)) < 0.1


@pytest.mark.parametrize("side", [20, 40.2, 400])
def test_the_label_point_is_the_centroid_where_that_lies_inside(side: float) -> None:
    assert label_point(shapely.box(0, 0, side, 30)).equals(shapely.Point(round(side / 2, 1), 15))


def test_the_label_point_of_a_bent_area_lies_on_it() -> None:
    bent = shapely.box(0, 0, 100, 100).difference(shapely.box(10, 10, 100, 100))
    assert not bent.contains(bent.centroid)
    assert bent.contains(label_point(bent))


@given(st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4))
def test_noise_does_not_move_the_label_point(dx: float, dy: float) -> None:
    shape = shapely.box(1_000_000, 2_000_000, 1_000_040, 2_000_060)
    moved = affinity.translate(shape, dx, dy)
    assert label_point(moved).equals(label_point(shape))


def test_labels_within_a_window_are_those_that_stand_in_it() -> None:
    spots = {"a": (1, -1), "b": (SIDE - 1, 1 - SIDE), "c": (-1, -1), "d": (5, 5), "e": (5, -SIDE)}
    labels = [Label(x, y, text, "k") for text, (x, y) in spots.items()]
    assert [label.text for label in within(labels, WINDOW)] == ["a", "b"]


def test_of_labels_with_one_text_at_one_place_the_first_stays() -> None:
    labels = [
        Label(50, -50, "School", "a"),
        Label(50 + SAME_PLACE, -50, "School", "b"),
        Label(51 + SAME_PLACE, -50, "School", "c"),
        Label(50, -50, "Other", "d"),
    ]
    assert [label.kind for label in within(labels, WINDOW)] == ["a", "c", "d"]


def test_symbols_without_a_text_are_all_kept() -> None:
    labels = [Label(50, -50, "", "a")] * 3
    assert within(labels, WINDOW) == labels


def test_a_label_outside_the_window_hides_none_inside() -> None:
    labels = [Label(-1, -5, "School", "a"), Label(1, -5, "School", "b")]
    assert within(labels, WINDOW) == labels[1:]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  two\n lines\t", "two lines"),
        ("\u202eabc\u202c\u200e", "abc"),
        ("می\u200cکنم", "می\u200cکنم"),
        ("Cafe\u0301", "Café"),
        ("Bar \U0001f37a № 5 ©", "Bar № 5 ©"),
        ("\ud800\ue000\x00", ""),
        ("北京 大学", "北京 大学"),
    ],
)
def test_texts_are_cleaned(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@given(st.text(st.characters()))
def test_a_clean_text_is_one_short_line_and_stays_as_it_is(text: str) -> None:
    clean = clean_text(text)
    assert len(clean) <= MAX_TEXT
    assert clean == clean_text(clean) == " ".join(clean.split())
    assert clean.encode().decode() == clean
