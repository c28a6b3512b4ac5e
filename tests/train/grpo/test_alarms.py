"""A training that stops learning is told of once for each cause."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from models.reason.scripted import query
from train.grpo.talking import TalkingChat, rollout
from train.grpo.trainings import a_request

from socioseg.models.chat.engine import CUT, Reply
from socioseg.train.grpo.alarms import CAUSES, PATIENCE, Alarms
from socioseg.train.grpo.crew import Crew
from socioseg.train.grpo.measures import measures
from socioseg.train.methods import train
from socioseg.train.rewards import REWARDS, Reward

if TYPE_CHECKING:
    from pathlib import Path

LINE = {
    "tokens_stage1": 100.0,
    "equal_stage1": 0.1,
    "invalid_stage1": 0.1,
    "cut_stage1": 0.0,
    "kl_stage1": 0.01,
    "tokens_stage2": 80.0,
}


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"equal_stage1": 1.0}, "rewards that are all equal"),
        ({"invalid_stage1": 0.95}, "nearly no answer can be read"),
        ({"tokens_stage1": 10.0}, "far shorter than they were"),
        ({"cut_stage1": 1.0}, "raise max_tokens"),
        ({"kl_stage1": 2.0}, "lower learning_rate or raise kl"),
        ({"kl_stage2": float("nan")}, "moved far"),
        ({"gradient_stage1": float("inf")}, "no step is taken"),
        ({"gradient_stage2": float("nan")}, "no step is taken"),
        ({"equal_stage2": 1.0}, "rewards that are all equal"),
        ({"invalid_stage2": 1.0}, "nearly no answer can be read"),
        ({"tokens_stage2": 1.0}, "far shorter than they were"),
    ],
)
def test_each_alarm_is_told_once(
    change: dict[str, float], cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    alarms = Alarms()
    with caplog.at_level(logging.WARNING):
        for step in range(1, 9):
            assert alarms.look(step, LINE) == []
        for step in range(9, 9 + PATIENCE - 1):
            assert alarms.look(step, LINE | change) == []
        assert alarms.look(20, LINE) == []  # it got better in time
        rung = [alarms.look(step, LINE | change) for step in range(21, 21 + 3 * PATIENCE)]
    assert sum(map(len, rung)) == 1
    (record,) = caplog.records
    assert cause in record.getMessage()
    assert record.getMessage().startswith(f"Step {20 + PATIENCE}, stage ")


def test_a_stage_that_is_not_reached_is_not_complained_of() -> None:
    alarms = Alarms()
    line = {name: value for name, value in LINE.items() if name.endswith("1")}
    assert [alarms.look(step, line) for step in range(1, 20)] == [[]] * 19


def test_causes_are_told_before_what_they_bring_about(caplog: pytest.LogCaptureFixture) -> None:
    alarms = Alarms()
    alarms.look(1, LINE)
    gone = {"kl": 9.0, "tokens": 0.0, "invalid": 1.0, "equal": 1.0, "cut": 1.0}
    line = {f"{name}_stage1": value for name, value in (gone | {"gradient": float("nan")}).items()}
    with caplog.at_level(logging.WARNING):
        rung = [alarms.look(step, line) for step in range(2, 20)]
    assert [name for names in rung for name in names] == list(CAUSES)
    assert [record.getMessage().split(": ", 1)[1] for record in caplog.records] == [
        f"{cause}." for cause in CAUSES.values()
    ]


def test_a_training_that_goes_on_knows_what_it_was_and_what_was_told() -> None:
    short, equal = {**LINE, "tokens_stage1": 10.0}, {**LINE, "equal_stage1": 1.0}
    alarms = Alarms()
    alarms.recall([{"giou": 0.1}, LINE, *[equal] * PATIENCE])
    assert [alarms.look(step, equal) for step in range(9)] == [[]] * 9
    rung = [alarms.look(step, short) for step in range(9)]
    assert [name for names in rung for name in names] == ["short"]


def test_one_warning_over_all_sessions_of_a_training(
    recipe: str,
    colours: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(REWARDS, "letters", lambda _: Reward(0.0, 0.0, 0.0, 0.5, {}))
    settings = {"steps": PATIENCE + 2, "evaluations": 1, "group": 2, "learning_rate": 1e-9}
    request = a_request(recipe, colours, tmp_path / "out", settings=settings, limit_minutes=0)
    for _ in range(PATIENCE + 2):
        train(request)
    told = [record for record in caplog.records if CAUSES["equal"] in record.getMessage()]
    assert [record.getMessage().split(",")[0] for record in told] == [f"Step {PATIENCE}"]


@pytest.mark.parametrize(("tokens", "cut"), [([], 0.0), ([1] * 9, 1.0)])
def test_a_reply_of_no_token_is_invalid_and_not_cut(tokens: list[int], cut: float) -> None:
    """Padding, where it is the first that a model writes, leaves no token and no end."""
    reply = Reply("", CUT, "no end within 9 tokens", tokens=len(tokens))
    groups = rollout(TalkingChat(lambda _: reply)).first([query((2, 2, 20, 20))])
    turns = [
        [replace(turn, written=turn.written._replace(tokens=tokens)) for turn in group]
        for group in groups.turns
    ]
    found = measures(groups._replace(turns=turns), 1, Crew(cpu=True))
    assert found["tokens_stage1"] == len(tokens)
    assert found["invalid_stage1"] == 1
    assert found["cut_stage1"] == cut
