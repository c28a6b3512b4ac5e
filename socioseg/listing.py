"""What there is: recipes, classes and providers, as rows for people and programs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from socioseg.recipe import read_recipe, read_yaml, recipe_files
from socioseg.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from socioseg.models.catalogue import Needed
    from socioseg.models.registry import ModelRecipe

Row = dict[str, Any]
NOTES = ("reason", "note")
"""Columns that stand below the table, where they say something."""
SHOWN = 3
"""Values of a list that a table shows; `--json` gives all."""
HIDDEN = ("title", "kind", "checked_on", "model", "revision", "weights")
"""Columns that only `--json` gives: the terminal is narrow."""


def baselines() -> list[Row]:
    """The models that have a recipe, what their weights take, and whether these are here.

    Sizes are 10^9 bytes; `gpu_gb` is the least that the weights take of a GPU's memory.
    """
    from socioseg.models.registry import ModelRecipe  # noqa: PLC0415 - only for this list

    found = {
        name: read_recipe(path, ModelRecipe) for name, path in recipe_files("baselines").items()
    }
    return [_baseline(name, recipe) for name, recipe in found.items()]


def _baseline(name: str, recipe: ModelRecipe) -> Row:
    from socioseg.models.catalogue import needed  # noqa: PLC0415 - only for this list

    weights = [_weights(part) for part in needed(recipe.options)]
    here = {each["here"] for each in weights}
    return {
        "name": name,
        "what": recipe.title,
        "model": recipe.model,
        "revision": recipe.revision,
        "disk_gb": _sum(weights, "disk_gb"),
        "gpu_gb": _sum(weights, "gpu_gb"),
        "licence": list(dict.fromkeys(each["licence"] for each in weights)),
        "here": "" if not here else "part" if len(here) > 1 else "yes" if here == {True} else "no",
        "note": "; ".join(f"{w['weights']} is {w['note']}" for w in weights if w["note"]),
        "weights": weights,
    }


def _weights(part: Needed) -> Row:
    from socioseg.models import weights  # noqa: PLC0415 - only for this list
    from socioseg.models.catalogue import published  # noqa: PLC0415
    from socioseg.models.devices import room_for  # noqa: PLC0415

    known, path = published().get(part.weights), weights.find(part.weights, part.revision)
    size = weights.size_of(path) / 1e9 if path else known.gigabytes if known else None
    return {
        "part": part.part,
        "weights": part.weights,
        "revision": part.revision,
        "licence": known.licence if known else "not known",
        "note": known.note if known else "",
        "disk_gb": size,
        "gpu_gb": room_for(size) if size else None,
        "here": path is not None,
    }


def _sum(weights: list[Row], key: str) -> float | None:
    """The sum over all weights; None where there are none, or one is not known."""
    sizes = [each[key] for each in weights]
    return round(sum(sizes), 2) if sizes and None not in sizes else None


def benchmarks() -> list[Row]:
    """The suites: name, title, the datasets of their parts."""
    from socioseg.bench.suite import load_suite  # noqa: PLC0415 - only for this list

    found = {name: load_suite(name) for name in recipe_files("benchmarks")}
    return [
        {"name": name, "what": suite.title, "parts": list(suite.parts)}
        for name, suite in found.items()
    ]


def builders() -> list[Row]:
    """The region recipes: name, title, imagery, where they lie."""
    found = {name: read_yaml(path) for name, path in recipe_files("builders").items()}
    return [
        {
            "name": name,
            "place": content.get("title", ""),
            "imagery": content.get("imagery") or _best(content),
        }
        for name, content in found.items()
    ]


def _best(content: Row) -> str:
    """The open provider that a recipe without imagery gets."""
    from socioseg.build.imagery.providers import best_provider  # noqa: PLC0415 - only for this list

    west, south, east, north = map(float, content["region"].split(","))
    best = best_provider((west, south, east, north), content.get("zoom", 17))
    return best.id if best else "none known: give --imagery"


def classes() -> list[Row]:
    """The socio-classes: name, function, OSM tags, in the order in which they match."""
    taxonomy = load_taxonomy()
    return [
        {"class": c.name, "function": c.function, "tags": taxonomy.rules(c.name)}
        for c in taxonomy.classes
    ]


def providers() -> list[Row]:
    """The imagery providers, open ones and refused ones."""
    from socioseg.build.imagery.providers import provider_rows  # noqa: PLC0415 - only for this list

    return provider_rows()


def table(rows: list[Row]) -> str:
    """`rows` as a plain table that fits the terminal, long texts below it."""
    if not rows:
        return "none"
    notes = [key for key in rows[0] if key in NOTES]
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    shown = [key for key in rows[0] if key not in HIDDEN and key not in notes]
    for key in shown:
        numbers = any(isinstance(row[key], float) for row in rows)
        grid.add_column(
            key.replace("_gb", "\nGB"),
            overflow="fold",
            no_wrap=key == "name",
            justify="right" if numbers else "left",
        )
    for row in rows:
        grid.add_row(*(_cell(row[key]) for key in shown))
    console = Console(file=io.StringIO(), highlight=False)
    with console.capture() as capture:
        console.print(grid)
        for note, names in _noted(rows, shown[0], notes).items():
            console.print(f"{', '.join(names)}: {note}.", soft_wrap=False)
    return capture.get().rstrip()


def _noted(rows: list[Row], first: str, notes: list[str]) -> dict[str, list[str]]:
    """The notes of `rows`, each with what the column `first` calls the rows that have it."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for note in filter(None, (row[key] for key in notes)):
            found.setdefault(note, []).append(row[first])
    return found


def text(value: object) -> str:
    """`value` in words: shares in percent, several values with commas, nothing as "none"."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {text(part)}" for key, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        return " ".join(map(text, value)) or "none"
    return f"{value:.1%}" if isinstance(value, float) else str(value) or "not known"


def _cell(value: object) -> str:
    """`value` short enough for a column, with places where it may be broken."""
    if isinstance(value, list | tuple):
        more = f"; {len(value) - SHOWN} more" if len(value) > SHOWN else ""
        value = "; ".join(map(str, value[:SHOWN])) + more
    if isinstance(value, float):
        value = f"{value:.1f}"
    return "" if value is None else str(value).replace("|", " | ").removeprefix("LicenseRef-")
