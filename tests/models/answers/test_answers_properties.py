"""What holds of any text: it is read without raising, in time that grows with its length."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from answercheck import MODES, check, check_written
from hypothesis import given
from hypothesis import strategies as st

from socioseg.models.answers import GRAMMARS, MAX_TEXT, Item, parse, schema_of, write
from socioseg.models.answers.notes import Notes
from socioseg.models.answers.reader import read_whole

grammars = st.sampled_from(sorted(GRAMMARS))
coordinates = st.floats(0, 4096).map(lambda v: round(v, 2)) | st.integers(0, 4096).map(float)

sides = st.integers(1, 900) | st.floats(0.01, 2)


@st.composite
def items(draw: st.DrawFn) -> Item:
    x0, y0 = draw(coordinates), draw(coordinates)
    width, height = draw(sides), draw(sides)
    points = draw(st.lists(st.tuples(coordinates, coordinates), max_size=4))
    labels = tuple(draw(st.integers(0, 1)) for _ in points)
    return Item((x0, y0, x0 + width, y0 + height), tuple(points), labels)


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, str]:
    """An answer of a grammar that has met with some accidents."""
    grammar = draw(grammars)
    text = write(draw(st.lists(items(), max_size=4)), grammar, draw(st.integers(1, 2)), "why")
    for _ in range(draw(st.integers(0, 4))):
        at, more = draw(st.integers(0, len(text))), draw(st.integers(0, 6))
        text = text[:at] + draw(st.sampled_from(_PIECES) | st.text(max_size=3)) + text[at + more :]
    return grammar, text


_PIECES = [*"[]{}()\"',:\\ \0", "```json", "<answer>", "</think>", "NaN", "-1e400", "“", "\ud800"]


@given(grammars, st.text())
def test_any_text_is_read(grammar: str, text: str) -> None:
    check(text, grammar)


@given(mutants())
def test_any_broken_answer_is_read_the_same_again_once_it_is_written(
    given_: tuple[str, str],
) -> None:
    grammar, text = given_
    answer = check(text, grammar)
    assert answer == parse(text, grammar)
    check_written(answer, grammar)


@given(st.lists(items(), max_size=5))
def test_what_is_written_is_read(objects: list[Item]) -> None:
    written = [item._replace(labels=(1,) * len(item.points)) for item in objects]
    text = write(written, "socioreasoner", stage=2, thinking="why")
    for mode in MODES:
        answer = parse(text, "socioreasoner", mode)
        assert (list(answer.items), answer.problem, answer.thinking) == (written, "", "why")


scalars = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text()
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(values) | st.dictionaries(st.text(), values), st.sampled_from([None, 0, 1]))
def test_the_lenient_reader_reads_json_as_json_is_read(
    value: list[Any] | dict[str, Any], indent: int | None
) -> None:
    notes = Notes()
    assert read_whole(json.dumps(value, indent=indent), notes) == value
    assert read_whole(json.dumps(value, ensure_ascii=False), notes) == value
    assert not notes.repairs


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "{",
        '"',
        '\\"',
        "'",
        "<answer>",
        "</think>",
        "[1,",
        '{"a":',
        "[]",
        "{}",
        "<bbox>[",
        "1e",
    ],
)
def test_time_grows_with_the_length(piece: str) -> None:
    text = (piece * MAX_TEXT)[: MAX_TEXT // 8]
    start = time.process_time()
    for grammar in GRAMMARS:
        for mode in MODES:
            parse(text, grammar, mode)
    assert time.process_time() - start < 15  # where each character were met with each, minutes


def _valid(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Any value that is valid under one of our schemas."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema["type"]
    if kind == "string":
        return st.text(st.characters(codec="utf-8"), max_size=schema["maxLength"])
    if kind == "integer":
        whole = st.integers(schema["minimum"], schema["maximum"])
        return whole | whole.map(float)  # 1.0 is an integer to JSON schema
    if kind == "object":
        return st.fixed_dictionaries({k: _valid(v) for k, v in schema["properties"].items()})
    if "prefixItems" in schema:
        return st.tuples(*map(_valid, schema["prefixItems"])).map(list)
    most = min(schema["maxItems"], 6)
    return st.lists(_valid(schema["items"]), min_size=schema["minItems"], max_size=most)


JSON = sorted(set(GRAMMARS) - {"segr1"})


@given(st.sampled_from(JSON), st.integers(1, 2), st.sampled_from([None, 0, 2]), st.data())
def test_what_is_valid_under_the_schema_is_read_strictly(
    grammar: str, stage: int, indent: int | None, data: st.DataObject
) -> None:
    value = data.draw(_valid(schema_of(grammar, stage, limit=999)))
    text = json.dumps(value, indent=indent)
    text = f"<answer>{text}</answer>" if GRAMMARS[grammar].tags else text
    for thought in ("", "<think>why</think>"):
        answer = parse(thought + text, grammar, "strict", thinking=bool(thought))
        assert not answer.dropped
        assert not answer.problem
        check(thought + text, grammar)


@pytest.mark.parametrize("stage", [1, 2])
@pytest.mark.parametrize("grammar", JSON)
def test_a_library_of_constrained_decoding_takes_the_schema(grammar: str, stage: int) -> None:
    llguidance = pytest.importorskip("llguidance")
    schema = json.dumps(schema_of(grammar, stage))
    compiled = llguidance.LLMatcher.grammar_from_json_schema(schema)
    assert not llguidance.LLMatcher.validate_grammar(compiled)
