"""Pixels of what a model is shown of its first answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from socioseg.models.reason.render import fit_mask, render

GREY = np.full((12, 16, 3), 100, dtype=np.uint8)
BLUE = (0, 0, 255)


def test_a_box_is_an_outline_of_two_pixels_inside_it() -> None:
    drawn = render(GREY, [(2, 1, 11, 9)])
    line = np.zeros((12, 16), dtype=np.bool_)
    line[1:9, 2:11] = True
    line[3:7, 4:9] = False
    np.testing.assert_array_equal((drawn == BLUE).all(axis=2), line)
    assert (drawn[~line] == 100).all()
    assert (GREY == 100).all()


def test_the_mask_is_blended_at_four_tenths_over_the_lines() -> None:
    mask = np.zeros((12, 16), dtype=np.bool_)
    mask[0:4, 0:4] = True
    drawn = render(GREY, [(2, 1, 11, 9)], mask)
    assert tuple(drawn[0, 0]) == (162, 60, 60)  # 0.6 x 100 + 0.4 x 255
    assert tuple(drawn[1, 2]) == (102, 0, 153)  # 0.6 of the blue line, 0.4 of red
    assert tuple(drawn[1, 4]) == BLUE
    assert tuple(drawn[11, 15]) == (100, 100, 100)


@pytest.mark.parametrize("box", [(-5, -5, 3, 3), (10, 5, 40, 40), (4, 4, 4, 8), (9, 9, 2, 2)])
def test_boxes_beyond_the_edge_or_without_area_do_no_harm(box: tuple[int, ...]) -> None:
    drawn = render(GREY, [box])
    changed = (drawn != GREY).any(axis=2)
    x0, y0, x1, y1 = box
    outside = np.ones((12, 16), dtype=np.bool_)
    outside[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = False
    assert not (changed & outside).any()


def test_labels_stand_inside_their_box() -> None:
    large = np.full((60, 80, 3), 100, dtype=np.uint8)
    plain, labelled = render(large, [(5, 5, 70, 50)]), render(large, [(5, 5, 70, 50)], None, ["7"])
    rows, columns = np.nonzero((plain != labelled).any(axis=2))
    assert 5 <= rows.min() <= rows.max() < 35
    assert 5 <= columns.min() <= columns.max() < 35


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_fitting_a_mask_is_pillow_s_nearest_neighbour(height: int, width: int, seed: int) -> None:
    mask = np.random.default_rng(seed).random((17, 23)) < 0.5
    by_pillow = Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(fit_mask(mask, (height, width)), np.asarray(by_pillow))
