"""Names of places and streets, each given once, in the script of its quarter."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import Field

from socioseg.recipe import Strict

if TYPE_CHECKING:
    from numpy.random import Generator

LATIN = "latin"
_WORDS = Path(__file__).parent / "words.yaml"


class Script(Strict):
    """How names are put together in one script; `words.yaml` says what each field means."""

    language: str
    place: str
    street: tuple[str, ...]
    street_en: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    stems: dict[str, str] = Field(default_factory=dict)
    terms: dict[str, str | tuple[str, ...]]

    def all_stems(self) -> list[tuple[str, str]]:
        """Every stem with its form in Latin letters."""
        made = [a + b for a in self.first for b in self.second]
        return [(stem, stem) for stem in made] + list(self.stems.items())

    def term(self, key: str) -> tuple[str, ...]:
        """Words for the kind of place `key`; none where the script has none."""
        found = self.terms.get(key, ())
        return (found,) if isinstance(found, str) else found


@cache
def scripts() -> dict[str, Script]:
    """Every script by name."""
    return {
        name: Script.model_validate(words) for name, words in _read().items() if name != "chains"
    }


@cache
def chains() -> dict[str, tuple[str, ...]]:
    """Names that several shops share, by kind of shop."""
    return {key: tuple(names) for key, names in _read()["chains"].items()}


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return found


class Namer:
    """Gives names, none twice; a script that has no more names to give yields to Latin."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng
        self._taken: set[str] = set()
        self._stems = {key: script.all_stems() for key, script in scripts().items()}

    def place(self, term: str, script: str) -> dict[str, str]:
        """Tags `name` and, in scripts other than Latin, `name:en` and the local `name:xx`."""
        words, english = scripts()[script], scripts()[LATIN].term(term)
        for own in words.term(term):
            for stem, latin in self._shuffled(script):
                choice = english[0] if script != LATIN else own
                tags = _tags(
                    words,
                    words.place.format(stem=stem, term=own),
                    scripts()[LATIN].place.format(stem=latin, term=choice),
                )
                if self._take(tags):
                    return tags
        return self.place(term, LATIN) if script != LATIN else self._numbered(english[0])

    def street(self, script: str) -> dict[str, str]:
        """Tags of a street's name, as for a place."""
        words = scripts()[script]
        order = self._rng.permutation(len(words.street))
        for stem, latin in self._shuffled(script):
            for index in order:
                own = words.street[index]
                foreign = words.street_en[index] if words.street_en else own
                tags = _tags(words, own.format(stem=stem), foreign.format(stem=latin))
                if self._take(tags):
                    return tags
        return self.street(LATIN) if script != LATIN else self._numbered("Street")

    def chain(self, key: str) -> dict[str, str]:
        """Tags of one of the chains of `key`; these names do repeat."""
        name = str(self._rng.choice(chains()[key]))
        return {"name": name, "brand": name}

    def _shuffled(self, script: str) -> list[tuple[str, str]]:
        stems = self._stems[script]
        return [stems[i] for i in self._rng.permutation(len(stems))]

    def _numbered(self, term: str) -> dict[str, str]:
        number = next(n for n in range(1, len(self._taken) + 2) if f"{term} {n}" not in self._taken)
        tags = {"name": f"{term} {number}"}
        self._take(tags)
        return tags

    def _take(self, tags: dict[str, str]) -> bool:
        names = {tags["name"], tags.get("name:en", tags["name"])}
        if names & self._taken:
            return False
        self._taken |= names
        return True


def _tags(words: Script, name: str, english: str) -> dict[str, str]:
    if name == english:
        return {"name": name}
    return {"name": name, f"name:{words.language}": name, "name:en": english}
