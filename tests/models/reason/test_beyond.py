"""What goes beyond the paper: each switch, by what it does."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from models.reason.scripted import Chat, Counting, ask, query, said, stages

from socioseg.models.reason.vote import vote

BLOCK, OTHER, FAR = (20, 30, 60, 70), (70, 10, 90, 25), (0, 90, 110, 110)


def area(found: object) -> int:
    mask = found.mask  # type: ignore[attr-defined]
    return 0 if mask is None else int(mask.sum())


@pytest.mark.parametrize(
    ("second", "scores", "says"),
    [
        ("hm", (0.9,), "could not be read"),
        (said(BLOCK), (0.9, 0.5), "fell from 0.900 to 0.500"),
        (said(FAR), (0.5, 0.9), "lies outside the first boxes"),
    ],
)
def test_give_up_keeps_the_first_mask_and_says_why(
    second: str, scores: tuple[float, ...], says: str
) -> None:
    (found,) = ask(stages(said(BLOCK), second), [query()], Counting(scores), give_up=True)
    assert (found.status, area(found), found.boxes) == ("ok", 1600, [BLOCK])
    assert says in " ".join(found.stages[-1].notes)


def test_give_up_trusts_a_second_look_that_is_no_worse() -> None:
    chat = stages(said(OTHER, BLOCK), said(BLOCK))
    (found,) = ask(chat, [query()], Counting((0.5, 0.9)), give_up=True)
    assert found.boxes == [BLOCK]


@pytest.mark.parametrize(("score", "asked"), [(0.95, 1), (0.5, 2)])
def test_a_sure_first_stage_needs_no_second(score: float, asked: int) -> None:
    chat = stages(said(BLOCK), said(BLOCK))
    (found,) = ask(chat, [query()], Counting((score,)), sure=0.9)
    assert (len(chat.asked), len(found.stages), area(found)) == (asked, asked, 1600)


def test_rounds_ask_for_what_is_left_until_nothing_new_comes() -> None:
    answers = iter([said(BLOCK), said(BLOCK, OTHER), said(OTHER), "never asked"])
    chat = Chat(lambda _: next(answers))
    (found,) = ask(chat, [query()], stages=1, rounds=9)
    assert found.boxes == [BLOCK, OTHER]
    assert area(found) == 1600 + 300
    assert len(chat.asked) == 3
    assert "still missing" in chat.asked[1].text
    red = chat.asked[1].images[1][50, 40].astype(int) - chat.asked[0].images[1][50, 40]
    assert red[0] > 0 > red[1]


def test_rounds_that_cannot_be_read_change_nothing() -> None:
    answers = iter([said(BLOCK), "hm"])
    (found,) = ask(Chat(lambda _: next(answers)), [query()], stages=1, rounds=3)
    assert (found.status, found.boxes) == ("ok", [BLOCK])


def test_points_by_size_are_asked_for_and_cut_to() -> None:
    big, small = (0, 0, 56, 112), (100, 100, 104, 104)
    many = [[(1, 1)] * 5, [(102, 102)] * 5]
    chat = stages(said(big, small), said(big, small, points=many))
    (found,) = ask(chat, [query()], points="size")
    assert "3 and 1 points, in the order of the boxes," in chat.asked[1].text
    assert [len(points) for points in found.points] == [3, 1]


def test_votes_draw_several_answers_with_seeds_of_their_own() -> None:
    numbers = count()
    answers = [said(BLOCK), said(BLOCK), said(FAR), "hm"]
    chat = Chat(lambda _: answers[next(numbers) % 4])
    (found,) = ask(chat, [query()], votes=4, stages=1)
    assert len({prompt.seed for prompt in chat.asked}) == 4
    assert (found.status, area(found), found.boxes) == ("ok", 1600, [BLOCK])
    assert found.confidence == pytest.approx(2 / 3)
    assert len(found.texts) == 4


def test_votes_that_all_fail_are_one_failure() -> None:
    (found,) = ask(Chat(lambda _: "hm"), [query()], votes=3, stages=1)
    assert (found.status, found.mask, len(found.texts)) == ("no_answer", None, 3)


def test_a_vote_takes_the_pixels_that_half_of_the_masks_hold() -> None:
    masks = [np.array([[True, True, False]]), np.array([[True, False, False]])]
    mask, agreement = vote(masks)
    assert mask.tolist() == [[True, True, False]]
    assert agreement == 0.75
    assert vote([np.zeros((1, 2), dtype=np.bool_)])[1] == 0.0


def test_light_prompts_ask_for_no_thinking_and_hold_the_engine_to_that() -> None:
    chat = stages("<answer>[]</answer>", "")
    (found,) = ask(chat, [query()], prompts="light", constrain=True, reading="strict")
    assert found.ok
    constraint = chat.asked[0].constraint
    assert constraint is not None
    assert not constraint.thinking
    assert constraint.schema["type"] == "array"
    assert "<think>" not in chat.asked[0].text
