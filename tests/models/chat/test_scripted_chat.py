"""Scripts: by function, by list, by file; and what is wrong with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from socioseg.errors import UsageError
from socioseg.models.chat.engine import CUT, OK, Prompt, Reply
from socioseg.models.chat.scripted import Scripted
from socioseg.models.registry import load_part

if TYPE_CHECKING:
    from pathlib import Path


def texts(engine: Scripted, *prompts: str) -> list[str]:
    return [reply.text for reply in engine.ask([Prompt(prompt) for prompt in prompts])]


def test_a_function_sees_the_prompt() -> None:
    engine = Scripted(lambda prompt: prompt.text.upper())
    assert texts(engine, "a", "b") == ["A", "B"]


def test_a_function_may_give_whole_replies() -> None:
    engine = Scripted(lambda prompt: Reply("cut", CUT, tokens=9))
    (reply,) = engine.ask([Prompt("a")])
    assert (reply.status, reply.tokens, reply.written) == (CUT, 9, True)


def test_a_list_answers_in_order_across_calls() -> None:
    engine = load_part({"name": "scripted", "answers": ["one", "two"]}, "chat engine")
    assert texts(engine, "a") == ["one"]
    second, third = engine.ask([Prompt("a"), Prompt("b")])
    assert (second.text, second.status) == ("two", OK)
    assert third.status == "no_answer"
    assert not third.written


def test_what_a_prompt_holds_comes_before_the_order(tmp_path: Path) -> None:
    lines = ["first\u2028", {"text": "a school", "when": "school"}, {"status": "timeout"}]
    file = tmp_path / "script.jsonl"
    file.write_text("\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    engine = Scripted(file=file)
    assert engine.revision == Scripted(lines).revision != Scripted(lines[:1]).revision
    assert texts(engine, "the school", "a park", "a school") == [
        "a school",
        "first\u2028",
        "a school",
    ]
    assert engine.ask([Prompt("lake")])[0].status == "timeout"


def test_a_function_of_anybodys_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "echo_script.py").write_text("def answer(prompt):\n    return prompt.text * 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    engine = Scripted("echo_script:answer")
    assert texts(engine, "ab") == ["abab"]
    assert engine.revision == "echo_script:answer"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "either"),
        ({"answers": ["a"], "file": "b"}, "either"),
        ({"file": "nowhere.jsonl"}, "cannot be read"),
        ({"answers": ["a", {"txt": "b"}]}, "Answer 1"),
        ({"answers": "json:nothing"}, "nothing"),
    ],
)
def test_a_wrong_script_is_told(options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Scripted(**options)


def test_a_line_that_is_not_json_is_told(tmp_path: Path) -> None:
    (tmp_path / "script.jsonl").write_text('"a"\n{"text": \n')
    with pytest.raises(UsageError, match="line 2"):
        Scripted(file=tmp_path / "script.jsonl")
