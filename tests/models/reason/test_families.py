"""Relatives of SocioReasoner: what each makes of an answer in its own form."""

from __future__ import annotations

import numpy as np
import pytest
from models.reason.scripted import Chat, ask, query, stages

from socioseg.errors import UsageError
from socioseg.models.answers import Item, write
from socioseg.models.chat.truth import TruthChat
from socioseg.models.reason.families import FAMILIES, find_family

BLOCK, OTHER = (20, 30, 60, 70), (70, 10, 90, 25)
ONE_OBJECT = {"seg-zero", "sam-r1"}


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("size", [112, 150])
def test_every_family_reaches_the_truth_in_its_own_form_and_pixels(name: str, size: int) -> None:
    boxes = [BLOCK] if name in ONE_OBJECT else [BLOCK, OTHER]
    asked = query(*boxes, size=size)
    assert asked.truth is not None
    (found,) = ask(TruthChat(points=2), [asked], family=name)
    assert found.ok, found.detail
    assert found.mask is not None
    off = np.count_nonzero(found.mask ^ asked.truth.mask)
    assert off <= (2 * (40 + 40 + 20 + 15) if name == "seg-r1" else 0)  # which says whole pixels
    assert len(found.stages) == len(FAMILIES[name].grammars)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_prompts_that_show_both_images(name: str) -> None:
    chat = Chat(lambda _: "hm")
    (found,) = ask(chat, [query(BLOCK)], family=name)
    assert not found.ok
    prompt = chat.asked[0]
    family = FAMILIES[name]
    assert "school" in prompt.text
    shown = family.sees((112, 112))
    assert [image.shape for image in prompt.images] == 2 * [(shown.height, shown.width, 3)]


def everest(*items: Item, stage: int) -> str:
    return write(items, "everest", stage, "scan")


def test_everest_drops_adjusts_and_keeps_by_number() -> None:
    a, b, c, d = BLOCK, OTHER, (0, 0, 10, 10), (100, 100, 110, 110)
    first = everest(*(Item(box, id=n) for n, box in enumerate((a, b, c, d), 1)), stage=1)
    point = ((5.0, 5.0),)
    second = everest(
        Item(OTHER, id=1, action="drop"),
        Item((70, 10, 80, 20), id=2, action="adjust"),
        Item((50, 50, 60, 60), point, (1,), 3, "keep"),
        stage=2,
    )
    (found,) = ask(stages(first, second), [query()], family="everest")
    assert found.boxes == [(70, 10, 80, 20), c, d]
    assert found.points == [[], [(5, 5)], []]


def test_seg_r1_leaves_points_outside_their_box_to_others() -> None:
    text = (
        "<think>a</think><bbox>[0, 0, 10, 10]</bbox>,<points>[[5, 5], [90, 90]]</points>,"
        "<labels>[1, 0]</labels>"
    )
    (found,) = ask(Chat(lambda _: text), [query(size=768)], family="seg-r1")
    assert found.points == [[(5, 5)]]


def test_remotereasoner_adds_the_centre() -> None:
    text = "<think>a</think><answer>[[0, 0, 10, 20]]</answer>"
    (found,) = ask(Chat(lambda _: text), [query()], family="remotereasoner")
    assert found.points == [[(5, 10)]]


def test_a_family_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean everest"):
        find_family("everst")
