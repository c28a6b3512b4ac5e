"""Frames: a model's coordinates and the sample's are the same places on the ground."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.errors import UsageError
from socioseg.models.frames import RULES, Frame, frame_of, resize, shown_of, smart_resize

sides = st.integers(1, 3000)
frames = st.builds(Frame, sides, sides)
sizes = st.tuples(sides, sides)
shares = st.floats(0, 1)
boxes = st.tuples(shares, shares, shares, shares)


@given(frames, sizes, boxes)
def test_a_box_keeps_its_share_of_the_ground(
    frame: Frame, size: tuple[int, int], share: tuple[float, float, float, float]
) -> None:
    height, width = size
    x0, y0, x1, y1 = share
    there = (x0 * frame.width, y0 * frame.height, x1 * frame.width, y1 * frame.height)
    here = (x0 * width, y0 * height, x1 * width, y1 * height)
    assert frame.to_sample(there, size) == pytest.approx(here, rel=1e-12, abs=1e-9)
    assert frame.from_sample(here, size) == pytest.approx(there, rel=1e-12, abs=1e-9)


@given(frames, sizes, st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
def test_there_and_back_is_the_same_point(
    frame: Frame, size: tuple[int, int], point: tuple[float, float]
) -> None:
    back = frame.to_sample(frame.from_sample(point, size), size)
    assert back == pytest.approx(point, rel=1e-12, abs=1e-9)


@given(frames, sizes)
def test_the_whole_image_is_the_whole_sample(frame: Frame, size: tuple[int, int]) -> None:
    whole = (0.0, 0.0, float(frame.width), float(frame.height))
    assert frame.to_sample(whole, size) == pytest.approx((0, 0, size[1], size[0]))


@pytest.mark.parametrize(
    ("rule", "options", "frame"),
    [
        ("sample", {}, Frame(768, 768)),
        ("resized", {}, Frame(756, 756)),
        ("resized", {"max_pixels": 500 * 500}, Frame(476, 476)),
        ("square", {}, Frame(840, 840)),
        ("square", {"side": 1024}, Frame(1024, 1024)),
        ("relative", {}, Frame(1000, 1000)),
    ],
)
def test_rules(rule: str, options: dict[str, int], frame: Frame) -> None:
    assert frame_of(rule, (768, 768), **options) == frame


def test_an_image_that_is_not_square_keeps_its_axes_apart() -> None:
    frame = frame_of("resized", (280, 560))
    assert frame == Frame(width=560, height=280)
    assert frame.to_sample((280.0, 70.0), (400, 1000)) == (500.0, 100.0)


def test_only_the_relative_frame_differs_from_what_is_shown() -> None:
    size = (500, 700)
    assert shown_of("relative", size) == Frame(704, 512)
    others = set(RULES) - {"relative"}
    assert all(shown_of(rule, size) == frame_of(rule, size) for rule in others)


@pytest.mark.parametrize(
    ("rule", "options", "words"),
    [
        ("resised", {}, "resized"),
        ("square", {"width": 3}, "width"),
        ("sample", {"side": 3}, "side"),
    ],
)
def test_what_is_no_rule_is_said(rule: str, options: dict[str, int], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        frame_of(rule, (768, 768), **options)


@pytest.mark.parametrize("size", [(1, 201), (0, 5), (5, -1)])
def test_an_image_that_qwen_refuses(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="sides"):
        smart_resize(*size)


@given(
    st.integers(1, 4000),
    st.integers(1, 4000),
    st.sampled_from([28, 32]),
    st.integers(28 * 28, 10**6),
    st.integers(0, 10**6),
)
def test_smart_resize_is_the_rule_of_transformers(
    height: int, width: int, factor: int, low: int, more: int
) -> None:
    module = pytest.importorskip("transformers.models.qwen2_vl.image_processing_qwen2_vl")
    if max(height, width) > 200 * min(height, width):
        return
    expected = module.smart_resize(height, width, factor, low, low + more)
    assert smart_resize(height, width, factor, low, low + more) == expected


def test_resizing_keeps_every_place_where_it_was() -> None:
    ramp = np.zeros((768, 768, 3), dtype=np.uint8)
    ramp[..., 0] = np.arange(768)[None, :] // 4
    ramp[..., 1] = np.arange(768)[:, None] // 4
    frame = frame_of("resized", (768, 768))
    shown = resize(ramp, frame)
    assert shown.shape == (756, 756, 3)
    for x, y in [(100, 100), (30, 700), (500, 250)]:
        sample_x, sample_y = frame.to_sample((x + 0.5, y + 0.5), (768, 768))
        assert abs(int(shown[y, x, 0]) - sample_x / 4) < 1
        assert abs(int(shown[y, x, 1]) - sample_y / 4) < 1


def test_an_image_of_the_right_size_is_left_alone() -> None:
    image = np.random.default_rng(1).integers(0, 256, (28, 56, 3), dtype=np.uint8)
    assert resize(image, Frame(56, 28)) is image
