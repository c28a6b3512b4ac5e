from __future__ import annotations

import numpy as np
import pytest

from socioseg.city.naming import LATIN, Namer, scripts

LETTERS = {
    "greek": "GREEK", "cyrillic": "CYRILLIC", "arabic": "ARABIC", "hebrew": "HEBREW",
    "georgian": "GEORGIAN", "armenian": "ARMENIAN", "chinese": "CJK", "devanagari": "DEVANAGARI",
}  # fmt: skip


@pytest.mark.parametrize("script", scripts())
def test_names_never_repeat(script: str) -> None:
    namer = Namer(np.random.default_rng(1))
    names = [namer.place("school", script)["name"] for _ in range(60)]
    names += [namer.street(script)["name"] for _ in range(60)]
    assert len(set(names)) == 120


@pytest.mark.parametrize(("script", "letters"), LETTERS.items())
def test_a_name_is_in_its_script_and_in_english(script: str, letters: str) -> None:
    import unicodedata

    tags = Namer(np.random.default_rng(2)).place("school", script)
    words = {unicodedata.name(letter).split()[0] for letter in tags["name"] if letter.isalpha()}
    assert words == {letters}
    assert tags["name:en"].isascii()
    assert tags[f"name:{scripts()[script].language}"] == tags["name"]


def test_a_kind_without_a_word_in_a_script_is_named_in_latin() -> None:
    tags = Namer(np.random.default_rng(3)).place("tank_farm", "greek")
    assert tags["name"].isascii()
    assert "name:el" not in tags


def test_names_never_run_out() -> None:
    namer = Namer(np.random.default_rng(4))
    names = [namer.place("zoo", LATIN)["name"] for _ in range(1100)]
    assert len(set(names)) == 1100
    assert names[-1].startswith("Zoo ")


def test_chains_do_repeat() -> None:
    namer = Namer(np.random.default_rng(5))
    names = [namer.chain("bank")["name"] for _ in range(20)]
    assert 1 < len(set(names)) < 6
