"""Replies written in steps of one shape are those that `generate` writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pictures import PROMPTS

from socioseg.models.chat.captured import ROOM, Step
from socioseg.models.chat.engine import Constraint, Prompt
from socioseg.models.chat.local import LocalChat

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch")
SEEN = [prompt for prompt in PROMPTS if prompt.images]
SCHEMA = {"type": "array", "items": {"type": "integer"}, "maxItems": 4}
HELD = [replace(prompt, constraint=Constraint(SCHEMA)) for prompt in SEEN]


def outcomes(engine: LocalChat, prompts: list[Prompt]) -> list[tuple[str, str, int]]:
    return [(reply.text, reply.status, reply.tokens) for reply in engine.ask(prompts)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 1.0, "top_p": 0.8, "top_k": 100},
        {"temperature": 2.0},
        {"stop": ["ool", "s."]},
        {"max_tokens": 1},
        {"batch_size": 1},
    ],
)
@pytest.mark.parametrize("prompts", [SEEN, HELD, [SEEN[0], HELD[1]]])
def test_replies_are_those_of_generate(
    qwen: Path, settings: dict[str, Any], prompts: list[Prompt]
) -> None:
    settings = {"max_tokens": 70} | settings
    grown, captured = (LocalChat(str(qwen), cache=c, **settings) for c in ("dynamic", "captured"))  # type: ignore[arg-type]
    for _ in range(2):  # the second time with the same memory
        assert outcomes(captured, prompts) == outcomes(grown, prompts)


def test_early_ends_are_noticed(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    plain = Step.follow
    monkeypatch.setattr(
        Step, "follow", lambda self, token: (steps.append(1), plain(self, token))[1]
    )
    engine = LocalChat(str(qwen), cache="captured", max_tokens=200)
    word = engine.ask(SEEN[:1])[0].text[4:7]
    steps.clear()
    stopped = LocalChat(str(qwen), cache="captured", max_tokens=200, stop=[word]).ask(SEEN[:1])
    assert len(steps) < 20
    assert stopped[0].text in engine.ask(SEEN[:1])[0].text


def test_a_step_serves_all_prompts_that_fit(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[tuple[int, int]] = []
    plain = Step.__init__

    def made(self: Step, model: object, rows: int, room: int) -> None:
        rooms.append((rows, room))
        plain(self, model, rows, room)

    monkeypatch.setattr(Step, "__init__", made)
    engine = LocalChat(str(qwen), cache="captured", max_tokens=5)
    for text in ("Where?", "Where is it?", "Where is the school by the park?"):
        engine.ask([replace(SEEN[0], text=text)])
    assert rooms == [(1, ROOM)]
    engine.ask([replace(SEEN[0], text="Where? " * 200)] * 2)
    assert len(rooms) == 2
    assert rooms[1][0] == 2
    assert rooms[1][1] % ROOM == 0


def test_prompts_without_images_are_written_as_before(qwen: Path) -> None:
    prompts = [prompt for prompt in PROMPTS if not prompt.images] or [Prompt("Where is it?")]
    engine = LocalChat(str(qwen), cache="captured", max_tokens=20)
    assert outcomes(engine, prompts) == outcomes(LocalChat(str(qwen), max_tokens=20), prompts)
