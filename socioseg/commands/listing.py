"""Commands that list what there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from socioseg import listing
from socioseg.commands.shell import Json

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(no_args_is_help=True, help="List what there is.")


def _lister(kind: str, rows: Callable[[], list[dict[str, Any]]], help_text: str) -> None:
    @app.command(kind, help=help_text, epilog=f"Example: socioseg list {kind} --json")
    def _list(as_json: Json = False) -> None:
        found = rows()
        typer.echo(json.dumps(found, ensure_ascii=False) if as_json else listing.table(found))


_lister("baselines", listing.baselines, "Models that have a recipe.")
_lister("benchmarks", listing.benchmarks, "Suites: which datasets make a benchmark.")
_lister("builders", listing.builders, "Regions that have a recipe.")
_lister("classes", listing.classes, "The taxonomy: classes, functions, OSM tags.")
_lister("providers", listing.providers, "Imagery, its licence, and whether it may be published.")
