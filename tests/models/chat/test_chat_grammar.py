"""Replies held to a grammar: whatever the model would rather write, they parse."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import PROMPTS
from tinymodels import tiny_tokenizer

from socioseg.errors import UsageError
from socioseg.models.chat.engine import CUT, OK, Constraint, Prompt
from socioseg.models.chat.grammar import Row, Vocabulary
from socioseg.models.chat.local import LocalChat

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("llguidance")
COORDINATE = {"type": "integer", "minimum": 0, "maximum": 999}
POINT = {"type": "array", "items": COORDINATE, "minItems": 2, "maxItems": 2}
OBJECT = {
    "type": "object",
    "properties": {
        "bbox_2d": {"type": "array", "items": COORDINATE, "minItems": 4, "maxItems": 4},
        "points": {"type": "array", "items": POINT},
        "label": {"type": "string"},
    },
    "required": ["bbox_2d", "points", "label"],
    "additionalProperties": False,
}
OBJECTS = {"type": "array", "items": OBJECT, "minItems": 1}
FORMS = {
    (True, True): r"<think>(?P<thought>.*)</think>\n?<answer>(?P<answer>.*)</answer>",
    (True, False): r"<think>(?P<thought>.*)</think>\n?(?P<answer>.*)",
    (False, True): r"<answer>(?P<answer>.*)</answer>",
    (False, False): r"(?P<answer>.*)",
}


def check(text: str, constraint: Constraint) -> None:
    """That `text` has the form of `constraint` and holds objects of the schema above."""
    found = re.fullmatch(FORMS[constraint.thinking, constraint.tags], text, re.DOTALL)
    assert found
    thought = found.groupdict().get("thought", "")
    assert not re.search("<(/|answer|think)", thought)
    items = json.loads(found["answer"])
    assert items
    for item in items:
        assert item.keys() == {"bbox_2d", "points", "label"}
        assert len(item["bbox_2d"]) == 4
        numbers = [*item["bbox_2d"], *(number for point in item["points"] for number in point)]
        assert all(0 <= number <= 999 for number in numbers)
        assert all(len(point) == 2 for point in item["points"])


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    tokenizer = tiny_tokenizer()
    return Vocabulary(tokenizer, 336, [tokenizer.eos_token_id])  # more logits than tokens


constraints = st.builds(Constraint, st.just(OBJECTS), thinking=st.booleans(), tags=st.booleans())


@settings(max_examples=40)
@given(constraints, st.integers(300, 500), st.integers(0, 2**32 - 1))
def test_a_random_walk_parses(
    vocabulary: Vocabulary, constraint: Constraint, budget: int, seed: int
) -> None:
    row, dice, written = Row(vocabulary, constraint, budget), np.random.default_rng(seed), []
    while not row.done and len(written) <= budget:
        written.append(int(dice.choice(np.flatnonzero(row.allowed()))))
        row.take(written[-1])
    (end,) = vocabulary.tokens.eos_tokens
    check(vocabulary.tokens.decode_str(written[: written.index(end)]), constraint)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 3.0])
def test_replies_of_a_model_parse(qwen: Path, temperature: float) -> None:
    engine = LocalChat(str(qwen), max_tokens=300, temperature=temperature, batch_size=20)
    prompts = [
        replace(prompt, constraint=Constraint(OBJECTS, *form))
        for form in FORMS
        for prompt in PROMPTS[:3]
    ]
    free, replies = engine.ask(PROMPTS[:2]), engine.ask([*prompts, *PROMPTS[:2]])
    assert [reply.text for reply in replies[-2:]] == [reply.text for reply in free]
    assert replies[4].text == engine.ask(prompts[4:5])[0].text
    for prompt, reply in zip(prompts, replies, strict=False):
        assert reply.status == OK
        assert prompt.constraint
        check(reply.text, prompt.constraint)


def test_a_budget_that_is_too_small_is_told(qwen: Path) -> None:
    prompt = Prompt("Where?", constraint=Constraint(OBJECTS))
    (reply,) = LocalChat(str(qwen), max_tokens=12).ask([prompt])
    assert reply.status == CUT


@pytest.mark.parametrize(
    "schema", [{"type": "array", "items": {"type": "nothing"}}, {"$ref": "#/nowhere"}]
)
def test_a_schema_that_cannot_be_held_is_told(
    vocabulary: Vocabulary, schema: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="JSON schema") as caught:
        vocabulary.matcher(Constraint(schema))
    assert "\n" not in str(caught.value)
