"""The level of a sample whose dataset does not state it."""

from __future__ import annotations

import functools
from pathlib import Path

from socioseg.recipe import Strict, read_recipe
from socioseg.sample import Level
from socioseg.taxonomy import load_taxonomy

_WORDS = Path(__file__).with_name("paper_words.yaml")


class _Words(Strict):
    functions: tuple[str, ...]
    classes: tuple[str, ...]


def level_of(sample_id: str, problem: str) -> Level:
    """Level that the id begins with, as in `class_12`; else the one that the query looks like.

    A query that is one of the functions asks at that level, one that is the name of a class (of
    the paper's, or of our taxonomy) at that, and any other names a place.
    """
    prefix = sample_id.partition("_")[0]
    if prefix in set(Level) and "_" in sample_id:
        return Level(prefix)
    return _known().get(_plain(problem), Level.NAME)


@functools.cache
def _known() -> dict[str, Level]:
    paper, taxonomy = read_recipe(_WORDS, _Words), load_taxonomy()
    classes = [*paper.classes, *(kind.name for kind in taxonomy.classes)]
    functions = [*paper.functions, *taxonomy.functions]
    return dict.fromkeys(map(_plain, classes), Level.CLASS) | dict.fromkeys(
        map(_plain, functions), Level.FUNCTION
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())
