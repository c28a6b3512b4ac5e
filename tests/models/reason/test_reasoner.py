"""Two stages: what goes where, in whose pixels, and what becomes of answers that fail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models.reason.scripted import Chat, Counting, ask, query, reasoner, said, stages

from socioseg.errors import UsageError
from socioseg.models.base import check_prediction
from socioseg.models.chat.engine import Reply
from socioseg.models.chat.truth import TruthChat
from socioseg.models.grabcut import GrabCut
from socioseg.models.references import Oracle

BLOCK = (20, 30, 60, 70)
WRONG = (70, 70, 100, 100)


@pytest.mark.parametrize("behaviour", ["paper", "released"])
@given(
    st.tuples(*[st.integers(0, 80)] * 2, *[st.integers(12, 16)] * 2),
    st.sampled_from([84, 96, 112, 150]),
)
def test_a_box_of_the_model_s_frame_lands_on_the_same_ground(
    behaviour: str, corner: tuple[int, int, int, int], size: int
) -> None:
    x0, y0, width, height = corner
    x0, y0 = min(x0, size - width), min(y0, size - height)
    asked = query((x0, y0, x0 + width, y0 + height), size=size)
    assert asked.truth is not None
    (found,) = ask(TruthChat(points=0), [asked], behaviour=behaviour)
    assert found.mask is not None
    np.testing.assert_allclose(found.boxes, asked.truth.boxes, atol=1e-9)
    off = np.count_nonzero(found.mask ^ asked.truth.mask)
    assert off <= (0 if behaviour == "paper" else 2 * (width + height) + 4)  # a ring of one pixel


def test_weights_may_have_pixels_of_their_own() -> None:
    own = {"frame": "relative", "frame_options": {"scale": 8, "factor": 14, "max_pixels": 56 * 56}}
    chat = stages(said((2, 2, 4, 6)), said((2, 2, 4, 6)))
    (found,) = ask(chat, [query(size=112)], **own)
    assert found.boxes == [(28, 28, 56, 84)]
    assert {image.shape for image in chat.asked[1].images} == {(56, 56, 3)}


def test_both_stages_are_logged_and_the_second_counts() -> None:
    second = said(BLOCK, points=[[(40, 50), (30.5, 40)]])
    (found,) = ask(stages(said(WRONG), second), [query(BLOCK)])
    first, last = found.stages
    assert (first.name, first.boxes, last.name, last.boxes) == (
        "locate", [WRONG], "refine", [BLOCK],
    )  # fmt: skip
    assert first.mask is not None
    assert first.mask.sum() == 900
    assert found.mask is not None
    assert found.mask.sum() == 1600
    assert found.points == [[(40, 50), (30.5, 40)]]
    assert found.texts == [said(WRONG), second]
    assert found.usage["tokens"] == 14
    assert set(found.seconds) == {"chat1", "segment1", "chat2", "segment2"}
    assert check_prediction(query(BLOCK), found).ok


def test_the_second_look_shows_map_and_satellite_with_the_first_answer_drawn_in() -> None:
    chat = stages(said(WRONG), said(BLOCK))
    ask(chat, [query(BLOCK)])
    first, second = chat.asked
    assert [image[0, 0, 0] for image in first.images] == [240, 90]  # map, then satellite
    for before, after in zip(first.images, second.images, strict=True):
        assert tuple(after[70, 70]) != tuple(before[70, 70])
        red, green, blue = (after[85, 85].astype(int) - before[85, 85]).tolist()
        assert red > 0 > green
        assert blue == green
        np.testing.assert_array_equal(after[:60], before[:60])
    assert "'school'" in first.text
    assert '[{"bbox_2d": [70, 70, 100, 100]}]' in second.text


def test_one_stage_is_asked_once() -> None:
    chat = stages(said(BLOCK), "never")
    (found,) = ask(chat, [query(BLOCK)], stages=1)
    assert (len(chat.asked), len(found.stages), found.ok) == (1, 1, True)


def test_the_image_is_embedded_once_for_both_stages_and_all_votes() -> None:
    cutter = Counting()
    ask(stages(said(BLOCK), said(BLOCK)), [query(BLOCK), query(WRONG, number=1)], cutter, votes=3)
    assert cutter.images == 2


def test_a_batch_gives_what_single_queries_give() -> None:
    samples = [query(BLOCK, number=n, size=size) for n, size in enumerate((112, 96, 140))]
    together = ask(TruthChat(), samples, GrabCut())
    for sample, found in zip(samples, together, strict=True):
        (alone,) = ask(TruthChat(), [sample], GrabCut())
        np.testing.assert_array_equal(found.mask, alone.mask)
        assert (found.boxes, found.points) == (alone.boxes, alone.points)


@pytest.mark.parametrize("size", [96, 112, 150])
def test_with_true_words_nothing_is_lost_on_the_way(size: int) -> None:
    asked = query(BLOCK, (70, 10, 90, 25), size=size)
    (found,) = ask(TruthChat(points=3), [asked], GrabCut())
    (ceiling,) = Oracle("grabcut", points=3).predict([asked])
    np.testing.assert_array_equal(found.mask, ceiling.mask)


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("I see nothing.", "no_answer"),
        ("<think>so</think><answer>[{]</answer>", "no_items"),
        (Reply("", "timeout", "no word in 60 s"), "timeout"),
        (Reply("<think>and on and on", "cut_off"), "cut_off"),
    ],
)
def test_a_first_answer_that_cannot_be_read_is_a_failure(first: str | Reply, status: str) -> None:
    chat = stages(first, said(BLOCK))
    (found,) = ask(chat, [query(BLOCK)])
    assert (found.status, found.mask, len(chat.asked)) == (status, None, 1)
    assert found.texts == [first if isinstance(first, str) else first.text]


def test_the_released_code_looks_again_all_the_same() -> None:
    (found,) = ask(stages("I see nothing.", said(BLOCK)), [query(BLOCK)], behaviour="released")
    assert found.ok
    assert found.boxes == [BLOCK]


def test_an_empty_list_says_that_nothing_is_there() -> None:
    chat = stages("<think>no</think><answer>[]</answer>", said(BLOCK))
    (found,) = ask(chat, [query()])
    assert found.mask is not None
    assert (found.status, bool(found.mask.any()), len(chat.asked)) == ("ok", False, 1)


def test_a_second_answer_that_cannot_be_read_is_a_failure_that_keeps_the_first_mask() -> None:
    (found,) = ask(stages(said(BLOCK), "hm"), [query(BLOCK)])
    assert (found.status, found.mask) == ("second_no_answer", None)
    assert found.stages[0].mask is not None
    assert found.stages[0].mask.sum() == 1600


def test_what_is_left_out_of_an_answer_is_in_the_notes() -> None:
    text = '<think>a</think><answer>[{"bbox_2d": [20, 30, 60, 70]}, {"bbox_2d": [1]}]</answer>'
    (found,) = ask(Chat(lambda _: text), [query(BLOCK)], stages=1)
    assert found.ok
    assert "item 2" in " ".join(found.stages[0].notes)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"stage": 1}, "unknown key 'stage'; did you mean stages"),
        ({"family": "socioreasonner"}, "no family .* did you mean socioreasoner"),
        ({"prompts": {"locate": "$query"}}, "no text `refine`"),
        ({"prompts": {"locate": "$query"}, "stages": 1, "rounds": 2}, "no text `more`"),
        ({"votes": 0}, "votes = 0"),
        ({"frame": "relativ"}, "no frame rule 'relativ'"),
    ],
)
def test_settings_that_cannot_be_are_named(settings: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        ask(stages("", ""), [query()], **settings)


def test_votes_at_temperature_zero_are_refused() -> None:
    chat = stages("", "")
    chat.temperature = 0.0  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="temperature 0"):
        reasoner(chat, votes=3)
