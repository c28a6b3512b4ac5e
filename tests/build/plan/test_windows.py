"""Windows around AOIs: jittered, whole, inside what is covered."""

from __future__ import annotations

import toy
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.plan.windows import pixel_bounds, stable_random, window_around

places = st.floats(-50, 50)


@given(places, places, st.floats(0.01, 0.95), st.floats(0, 0.5), st.integers(0, 99))
def test_an_aoi_that_fits_is_shown_whole(
    x: float, y: float, side: float, jitter: float, seed: int
) -> None:
    recipe = toy.recipe(windows={"jitter": jitter}, seed=seed)
    aoi = toy.aoi(1, x, y, side)
    window = window_around(aoi, recipe, None)
    x0, y0, x1, y1 = pixel_bounds(aoi.geometry.bounds, toy.ZOOM)
    assert window.x <= x0 + 1
    assert window.y <= y0 + 1
    assert window.x + window.size >= x1 - 1
    assert window.y + window.size >= y1 - 1


def test_jitter_moves_windows_evenly_to_all_sides() -> None:
    recipe = toy.recipe(windows={"jitter": 0.25})
    starts = [window_around(toy.aoi(i, 0, 0, 0.1), recipe, None) for i in range(400)]
    centre = window_around(toy.aoi(1, 0, 0, 0.1), toy.recipe(windows={"jitter": 0}), None)
    offsets = [window.x - centre.x for window in starts]
    assert max(map(abs, offsets)) <= 64
    assert min(offsets) < -50
    assert max(offsets) > 50
    assert abs(sum(offsets) / len(offsets)) < 8


@given(places, places)
def test_a_window_stays_in_what_is_covered(x: float, y: float) -> None:
    covered = toy.square(0, 0, 3).bounds
    window = window_around(toy.aoi(1, x, y), toy.recipe(), covered)
    west, south, east, north = window.bounds
    assert west >= covered[0] - 1e-6
    assert south >= covered[1] - 1e-6
    assert east <= covered[2] + 1e-6
    assert north <= covered[3] + 1e-6


def test_ground_smaller_than_a_window_does_not_move_it() -> None:
    free = window_around(toy.aoi(1, 0, 0), toy.recipe(), None)
    assert window_around(toy.aoi(1, 0, 0), toy.recipe(), toy.square(9, 9, 0.5).bounds) == free


def test_random_numbers_depend_on_the_words_alone() -> None:
    assert stable_random(1, "a").random() == stable_random(1, "a").random()
    assert stable_random(1, "a").random() != stable_random("1", "b").random()
