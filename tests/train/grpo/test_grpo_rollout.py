"""Groups: what each completion earns, what is handed over, and in whose pixels it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from models.reason.scripted import query, reasoner, said, stages
from train.grpo.talking import TalkingChat, rollout

from socioseg.errors import UsageError
from socioseg.train.grpo.judge import Judge
from socioseg.train.grpo.rollout import Groups
from socioseg.train.grpo.settings import GrpoSettings

if TYPE_CHECKING:
    from socioseg.models.chat.engine import Prompt

TRUTH = (20, 30, 60, 70)
FAR = (80, 80, 100, 100)
POINTS = [[[30, 40], [50, 60]]]


def number(prompt: Prompt) -> int:
    """Which completion of its group `prompt` asks for."""
    assert prompt.about is not None
    return prompt.about.look.draw


def talking(*firsts: str) -> TalkingChat:
    """Says `firsts` in turn in the first stage, and the same in the second, with two points."""
    return TalkingChat(
        lambda prompt: (
            firsts[number(prompt)]
            if prompt.about and prompt.about.stage == 1
            else said(TRUTH, points=POINTS)
        )
    )


def second_prompts(chat: TalkingChat) -> list[Prompt]:
    return [prompt for prompt in chat.asked if prompt.about and prompt.about.stage == 2]


def test_a_group_is_judged_against_its_own_mean() -> None:
    chat = talking(said(FAR), "what?", said(TRUTH))
    groups = rollout(chat).first([query(TRUTH), query(TRUTH, number=1)])
    for group in groups.turns:
        assert [turn.reward.total for turn in group] == [2, 0, 3]  # form, count; all three
        assert [turn.advantage for turn in group] == pytest.approx([1 / 3, -5 / 3, 4 / 3])
    seeds = {prompt.seed for prompt in chat.asked}
    assert len(seeds) == len(chat.asked) == 6


def test_the_best_is_handed_over_to_the_whole_group() -> None:
    chat = talking(said(FAR), "what?", said(TRUTH))
    sampling = rollout(chat)
    groups = sampling.second(sampling.first([query(TRUTH)]))
    prompts = second_prompts(chat)
    assert [number(prompt) for prompt in prompts] == [0, 1, 2]
    assert {prompt.text for prompt in prompts} == {prompts[0].text}
    assert str(list(TRUTH)) in prompts[0].text
    assert len({tuple(map(id, prompt.images)) for prompt in prompts}) == 1  # drawn once
    assert len({prompt.seed for prompt in prompts}) == 3
    assert [turn.reward.total for turn in groups.flat()] == [3, 3, 3]
    assert [turn.advantage for turn in groups.flat()] == [0, 0, 0]


def test_each_completion_may_be_handed_over_to_its_own() -> None:
    chat = talking(said(FAR), "what?", said(TRUTH))
    sampling = rollout(chat, behaviour="released")
    groups = sampling.second(sampling.first([query(TRUTH)]))
    assert ["80" in prompt.text for prompt in second_prompts(chat)] == [True, False, False]
    assert len({tuple(map(id, prompt.images)) for prompt in second_prompts(chat)}) == 3
    assert [len(group) for group in groups.turns] == [3]


def test_the_one_that_is_drawn_is_more_often_a_better_one() -> None:
    chat = talking(said(FAR), "what?", said(TRUTH))
    sampling = rollout(chat, hand_over="drawn")
    samples = [query(TRUTH, number=i) for i in range(60)]
    sampling.second(sampling.first(samples))
    drawn = ["80" in prompt.text for prompt in second_prompts(chat)][::3]
    assert 3 < sum(drawn) < 30  # exp(2) to exp(3), and a text that cannot be read ends it


def test_where_nothing_can_be_read_there_is_no_second_look() -> None:
    chat = talking("what?", "who?", "why?")
    sampling = rollout(chat)
    assert sampling.second(sampling.first([query(TRUTH)])) == Groups(
        [], [], pytest.approx({"rollout": 0, "segment": 0, "reward": 0}, abs=1)
    )
    assert second_prompts(chat) == []


def test_true_boxes_are_judged_in_the_models_frame() -> None:
    """Those of a 768 pixel image are 756 / 768 as large there: no bias is taught."""
    truth = (600, 600, 760, 760)
    scale = 756 / 768
    right = [round(value * scale, 3) for value in truth]
    model = reasoner(stages(said(right), ""), behaviour="paper", stages=1)
    settings = GrpoSettings(behaviour="released", reward="socioreasoner-released")
    judge = Judge(model, settings)
    (look,) = model.looks([query(truth, size=768)])
    assert (look.frame.width, look.frame.height) == (756, 756)
    (found,) = model.locate([look], model.embed([look]))
    assert judge(found).accuracy == pytest.approx(1)  # IoU, and nearer than 10 pixels, less 1
    biased = reasoner(stages(said(truth), ""), stages=1)
    (found,) = biased.locate([look], biased.embed([look]))
    assert judge(found).accuracy == pytest.approx(0)  # off by 9.4 to 11.9 pixels


@pytest.mark.parametrize(
    ("family", "answer"),
    [
        ("visionreasoner", '[{"bbox_2d": [150, 225, 450, 525], "point_2d": [300, 375]}]'),
        (
            "seg-zero",
            '{"bbox": [150, 225, 450, 525], "points_1": [300, 375], "points_2": [310, 380]}',
        ),
    ],
)
def test_relatives_of_one_stage_have_their_own_rewards(family: str, answer: str) -> None:
    right = f"<think>so</think><answer>{answer}</answer>"
    chat = TalkingChat(lambda prompt: right if number(prompt) else "no")
    model = reasoner(chat, family=family)
    judge = Judge(model, GrpoSettings())
    assert judge.stages == 1
    (turn, *others) = rollout(chat, family).first([query(TRUTH)]).flat()
    assert turn.reward.total < 2 <= min(other.reward.accuracy for other in others)


def test_a_family_without_a_published_reward_needs_one_by_name() -> None:
    model = reasoner(talking(), family="remotereasoner")
    with pytest.raises(UsageError, match="No reward was published for the family remotereasoner"):
        Judge(model, GrpoSettings())
    with pytest.raises(UsageError, match="There is no reward 'visionreasonr'; did you mean"):
        Judge(model, GrpoSettings(reward="visionreasonr"))
