"""What there is: recipes, classes and providers, as rows for people and programs."""

from __future__ import annotations

import io
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from socioseg.recipe import read_recipe, read_yaml, recipe_files
from socioseg.taxonomy import load_taxonomy

Row = dict[str, Any]
NOTES = ("reason",)
"""Columns that stand below the table, where they say something."""
SHOWN = 3
"""Values of a list that a table shows; `--json` gives all."""
HIDDEN = ("title", "kind", "checked_on", "model")
"""Columns that only `--json` gives: the terminal is narrow."""


def baselines() -> list[Row]:
    """The models that have a recipe: name, title, class, revision of the weights."""
    from socioseg.models.registry import ModelRecipe  # noqa: PLC0415 - only for this list

    found = {
        name: read_recipe(path, ModelRecipe) for name, path in recipe_files("baselines").items()
    }
    return [
        {"name": name, "what": recipe.title, "model": recipe.model, "revision": recipe.revision}
        for name, recipe in found.items()
    ]


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
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    shown = [key for key in rows[0] if key not in HIDDEN and key not in notes]
    for key in shown:
        grid.add_column(key, overflow="fold")
    for row in rows:
        grid.add_row(*(_cell(row[key]) for key in shown))
    console = Console(file=io.StringIO(), highlight=False)
    with console.capture() as capture:
        console.print(grid)
        for row in rows:
            for key in notes:
                if row[key]:
                    console.print(f"{row[shown[0]]}: {row[key]}.", soft_wrap=False)
    return capture.get().rstrip()


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
    return str(value).replace("|", " | ").removeprefix("LicenseRef-")
