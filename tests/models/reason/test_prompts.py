"""Prompts: named, of a file, of the upstream's source."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from servers import Answer

from socioseg.errors import RecipeError, ServiceError
from socioseg.models.reason import upstream
from socioseg.models.reason.prompts import FOLDER, PLACES, fill, load_prompts

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Serve

EVERY = dict.fromkeys(PLACES, "here")
SOURCE = """
raise RuntimeError("this file is never run")

class Pipeline:
    def format_prompt_1(self, prompt, image):
        question_template = "Where is {prompt}? It costs $5. Say {answer}"
        answer = '[{"box": [1, 2]}]'
        return question_template.format(prompt=prompt, answer=answer)

def format_prompt_2(prompt, bboxs):
    question_template = "Refine {bboxs} of {prompt} as {answer}"
    answer = "[{]"
"""
LITERALS = {
    ("format_prompt_1", "question_template"): "Where is {prompt}? It costs $5. Say {answer}",
    ("format_prompt_1", "answer"): '[{"box": [1, 2]}]',
    ("format_prompt_2", "question_template"): "Refine {bboxs} of {prompt} as {answer}",
    ("format_prompt_2", "answer"): "[{]",
}


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pin the source above in place of the real one."""
    starts = {key: hashlib.sha256(t.encode()).hexdigest()[:16] for key, t in LITERALS.items()}
    monkeypatch.setattr(upstream, "TEXTS", starts)
    monkeypatch.setattr(upstream, "SHA256", hashlib.sha256(SOURCE.encode()).hexdigest())
    monkeypatch.setenv("SOCIOSEG_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_every_prompt_of_the_package_names_the_query_and_nothing_unknown(name: str) -> None:
    prompts = load_prompts(name)
    for text in filter(None, (prompts.locate, prompts.refine, prompts.more)):
        filled = fill(text, EVERY | {"query": "Zoo {0} $x"})
        assert "Zoo {0} $x" in filled


def test_prompts_of_a_file_and_of_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("locate: Find $query for $$5.\n")
    assert fill(load_prompts(str(path)).locate, EVERY) == "Find here for $5."
    assert load_prompts({"locate": "$query"}).refine == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("locate: $who is there", r"no place \$who; known: query"),
        ("locate: costs 5$ only", r"written \$\$"),
        ("refine: $query", "locate"),
        ("locate: $query\nrefin: $query", "refin.*refine"),
    ],
)
def test_wrong_prompts_are_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=says):
        load_prompts(str(path))


@pytest.mark.parametrize("name", ["socioreasone", "no/such.yaml", "no/such.py"])
def test_missing_prompts_are_said(name: str) -> None:
    with pytest.raises(RecipeError, match=r"socioreasoner|no such file"):
        load_prompts(name)


@pytest.mark.usefixtures("pinned")
def test_the_upstream_s_wording_is_fetched_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda _: Answer(SOURCE.encode()))
    monkeypatch.setenv(upstream.URL_VARIABLE, f"{server.url}/infer.py")
    for _ in range(2):
        prompts = load_prompts("upstream")
    assert len(server.requests) == 1
    places = EVERY | {"query": "{zoo}", "answer": "[1]"}
    assert fill(prompts.locate, places) == ('Where is {zoo}? It costs $5. Say [{"box": [1, 2]}]')
    assert fill(prompts.refine, places) == "Refine [1] of {zoo} as [{]"


@pytest.mark.usefixtures("pinned")
def test_a_file_at_hand_needs_no_network(tmp_path: Path) -> None:
    path = tmp_path / "infer.py"
    path.write_text(SOURCE)
    assert load_prompts(str(path)).locate.startswith("Where is ${query}?")
    path.write_text(SOURCE.replace("Where", "There"))
    with pytest.raises(RecipeError, match=r"format_prompt_1\.question_template is not the text"):
        load_prompts(str(path))
    path.write_text("def broken(:")
    with pytest.raises(RecipeError, match="cannot be read as Python"):
        load_prompts(str(path))


@pytest.mark.usefixtures("pinned")
def test_another_file_from_the_network_is_refused_and_not_kept(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda _: Answer(b"something else"))
    monkeypatch.setenv(upstream.URL_VARIABLE, f"{server.url}/infer.py")
    for _ in range(2):
        with pytest.raises(ServiceError, match="SHA-256 differs"):
            load_prompts("upstream")


@pytest.mark.usefixtures("pinned")
def test_without_network_it_says_where_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(upstream.URL_VARIABLE, "http://127.0.0.1:9/infer.py")
    with pytest.raises(ServiceError, match=r"get https://raw.*--prompts FILE\.py"):
        load_prompts("upstream")
