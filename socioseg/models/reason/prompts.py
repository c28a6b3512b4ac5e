"""Prompts: what a model is asked, stage by stage, as texts with places to fill in."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import field_validator

from socioseg.errors import RecipeError
from socioseg.files import is_there
from socioseg.models.reason.upstream import UPSTREAM, read_upstream, upstream_file
from socioseg.recipe import Strict, nearest, parse_recipe, read_recipe

FOLDER = Path(__file__).with_name("prompts")
PLACES = ("query", "boxes", "answer", "points", "width", "height")
"""What a text may have filled in, as `$query` or `${query}`; `$$` is a dollar.

`query` is what is asked for; `boxes` the boxes of the first stage as JSON, in the model's frame;
`answer` the first stage's answer as the model wrote it; `points` how many points each box
deserves, as words; `width` and `height` the size of the images that the model sees.
"""


class Prompts(Strict):
    """The texts of a family.

    Attributes
    ----------
    system
        System message; None leaves what the chat template puts there.
    locate
        First stage, or the only one.
    refine
        Second stage, on images with the first answer drawn in; empty where there is none.
    more
        Asks for what the answers so far leave out, on such images; empty where there is none.
    thinking
        Whether they ask for a thinking part before the answer.
    """

    title: str = ""
    system: str | None = None
    locate: str
    refine: str = ""
    more: str = ""
    thinking: bool = True

    @field_validator("locate", "refine", "more")
    @classmethod
    def _places(cls, text: str) -> str:
        template = string.Template(text)
        if not template.is_valid():
            raise ValueError("a dollar that begins no place must be written $$")
        if unknown := sorted(set(template.get_identifiers()) - set(PLACES)):
            raise ValueError(f"there is no place ${unknown[0]}; known: {', '.join(PLACES)}")
        return text


def fill(text: str, places: Mapping[str, str]) -> str:
    """`text` with its places filled in from `places`, whatever these hold."""
    return string.Template(text).substitute(places)


def load_prompts(spec: str | Mapping[str, Any]) -> Prompts:
    """The prompts that `spec` means.

    Parameters
    ----------
    spec
        A name (a file of the package's prompts), "upstream", a YAML file, the upstream's Python
        file, or a mapping with the keys of `Prompts`.

    Raises
    ------
    RecipeError
        If there are no such prompts, or a key or a place in them is wrong.
    ServiceError
        If the upstream's file has to be fetched and cannot be.
    """
    if isinstance(spec, Mapping):
        return parse_recipe(spec, Prompts, "prompts")
    if spec == UPSTREAM:
        return _upstream(upstream_file())
    if spec.endswith(".py"):
        return _upstream(_file(spec))
    if spec.endswith((".yaml", ".yml")):
        return read_recipe(_file(spec), Prompts)
    known = {path.stem: path for path in FOLDER.glob("*.yaml")}
    if spec not in known:
        names = sorted([*known, UPSTREAM])
        hint = nearest(spec, names) or f"; known: {', '.join(names)}, or give a file."
        raise RecipeError(f"There are no prompts {spec!r}{hint}")
    return read_recipe(known[spec], Prompts)


def _file(name: str) -> Path:
    if not is_there(name):
        raise RecipeError(f"{name}: no such file of prompts; check the path.")
    return Path(name)


def _upstream(path: Path) -> Prompts:
    locate, refine = read_upstream(path)
    return Prompts(title="SocioReasoner, released", locate=locate, refine=refine)
