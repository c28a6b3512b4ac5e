"""Commands that score what models answered, and compare it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from socioseg import listing
from socioseg.commands.shell import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

app = typer.Typer()
EVERY = "all"
WIDTH = 80


@app.command(epilog="Example: socioseg score runs/centre")
def score(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    convention: Annotated[
        str, typer.Option(help="How to count, or all: see docs/conventions.md.")
    ] = "socioseg",
    as_json: Json = False,
) -> None:
    """Score runs from their logs and the dataset; write scores.json beside each log."""
    from socioseg.bench.score import score as count
    from socioseg.bench.sidebyside import side_by_side

    results = [side_by_side(run) if convention == EVERY else count(run, convention) for run in runs]
    for run, result in zip(runs, results, strict=True):
        if as_json:
            typer.echo(json.dumps(result))
            continue
        if len(runs) > 1:
            typer.echo(f"{run}:")
        if isinstance(result, list):
            _show_conventions(result)
        else:
            _show_scores(result)


def _show_scores(result: Mapping[str, Any]) -> None:
    from socioseg.bench.score import FEW_CLUSTERS, score_rows

    typer.echo(listing.table(score_rows(result)))
    whole = result["counts"]["all"]["all"]
    few = " (few, so they are too narrow)" if whole["clusters"] < FEW_CLUSTERS else ""
    say(
        f"percent, with 95 % limits over {whole['clusters']} places{few}; {whole['failed']} of"
        f" {whole['samples']} answers failed, {whole['empty']} are empty; scores.json holds more"
    )


def _show_conventions(result: Sequence[Mapping[str, Any]]) -> None:
    from socioseg.bench.sidebyside import side_rows

    typer.echo(listing.table(side_rows(result)))
    typer.echo("percent; what has the same name need not be the same; --json gives more\n")
    for each in result:
        say(f"{each['convention']}: {each['differs']}.")


def say(sentence: str) -> None:
    """Print `sentence` in lines that fit the terminal."""
    typer.echo(textwrap.fill(sentence, WIDTH, subsequent_indent="  ", break_long_words=False))
