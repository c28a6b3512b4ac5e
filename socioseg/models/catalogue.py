"""Published weights: their pinned commits, licences and sizes; and which of them a recipe needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.recipe import Strict, parse_recipe, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FILE = Path(__file__).with_suffix(".yaml")


class Published(Strict):
    """What is known of weights; the head of `catalogue.yaml` says what each field means."""

    licence: str
    gigabytes: float | None = None
    revision: str = ""
    note: str = ""


class Needed(NamedTuple):
    """Weights that a recipe's options name: for which part, which, and of which revision."""

    part: str
    weights: str
    revision: str


@cache
def published() -> dict[str, Published]:
    """Every entry of the catalogue, by the weights' id or file name."""
    content = read_yaml(_FILE)
    return {name: parse_recipe(entry, Published, name) for name, entry in content.items()}


def pinned(weights: str) -> str:
    """The commit that the catalogue pins for `weights`; empty where it has none."""
    entry = published().get(weights)
    return entry.revision if entry else ""


def needed(options: Mapping[str, Any], part: str = "model") -> Iterator[Needed]:
    """The weights that a model's `options`, or those of its parts, name."""
    weights = options.get("weights")
    if isinstance(weights, str) and weights:
        yield Needed(part, weights, str(options.get("revision") or pinned(weights)))
    for name, value in options.items():
        if isinstance(value, dict):
            yield from needed(value, name)
