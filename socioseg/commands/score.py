"""Commands that score what models answered, and compare it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from socioseg import listing
from socioseg.commands.shell import Json
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from socioseg.bench.tables import Block

app = typer.Typer()
EVERY = "all"
WIDTH = 80
NO_GROUND = " (a sample each, as the dataset does not say where: limits may be too narrow)"


Format = Annotated[
    str | None, typer.Option("--format", help="A table for papers: md, latex or csv.")
]


@app.command(epilog="Example: socioseg score runs/unet runs/centre --format latex --published main")
def score(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    convention: Annotated[
        str, typer.Option(help="How to count, or all: see docs/conventions.md.")
    ] = "socioseg",
    form: Format = None,
    published: Annotated[
        list[str] | None,
        typer.Option(help="With --format: a table of benchmarks/published, apart from ours."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score runs from their logs and the dataset; write scores.json beside each log."""
    from socioseg.bench.compare import check_same_data
    from socioseg.bench.paper import paper_blocks
    from socioseg.bench.score import score as count
    from socioseg.bench.sidebyside import side_by_side
    from socioseg.bench.tables import render

    runs = list(dict.fromkeys(runs))
    theirs = _published(published or (), form, as_json=as_json)
    if form:
        check_same_data(runs)
    results = [side_by_side(run) if convention == EVERY else count(run, convention) for run in runs]
    if form:
        typer.echo(
            render([*paper_blocks(runs, results, every=form == "csv"), *theirs], form), nl=False
        )
        return
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


@app.command(epilog="Example: socioseg compare runs/unet runs/centre")
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(help="Folder of a run on the same samples.")],
    convention: Annotated[
        str, typer.Option(help="How to count: see docs/conventions.md.")
    ] = "socioseg",
    form: Format = None,
    as_json: Json = False,
) -> None:
    """Tell the difference of two runs on the samples of both from chance: a paired bootstrap."""
    from socioseg.bench.compare import compare as differ
    from socioseg.bench.paper import compare_block
    from socioseg.bench.tables import render

    _published((), form, as_json=as_json)
    result = differ(first, second, convention)
    if as_json:
        typer.echo(json.dumps(result))
    elif form:
        typer.echo(render([compare_block(result)], form), nl=False)
    else:
        _show_differences(result)


def _published(names: Sequence[str], form: str | None, *, as_json: bool) -> list[Block]:
    """The published tables asked for; refuses options that do not go together."""
    from socioseg.bench.paper import published_block
    from socioseg.bench.tables import check_form

    if form is None and names:
        raise UsageError("--published stands in a table for papers: give --format as well.")
    if form is not None and as_json:
        raise UsageError("--format and --json are two forms of one result: give one of them.")
    if form is not None:
        check_form(form)
    return [published_block(name) for name in names]


def _show_differences(result: Mapping[str, Any]) -> None:
    from socioseg.bench.compare import compare_rows
    from socioseg.bench.score import FEW_CLUSTERS

    whole = result["levels"]["all"]
    for which in ("first", "second"):
        only = result[f"only_{which}"]
        more = f", {only} more samples that the other run has not" if only else ""
        say(f"{which}: {result[which]['model']}, {result[which]['run']}{more}")
    typer.echo(listing.table(compare_rows(result)))
    places = {name: level["clusters"] for name, level in result["levels"].items()}
    counts = ", ".join(f"{count} of {name}" for name, count in places.items())
    few = min(places.values()) < FEW_CLUSTERS
    warning = f"; with fewer than {FEW_CLUSTERS}, limits are too narrow" if few else ""
    warning = warning if result["ground_known"] else NO_GROUND
    say(
        f"percent; first less second on the {result['shared']} samples of both; p is of each row"
        f" alone; places: {counts}{warning}"
    )
    smallest = whole["metrics"].get("giou", {}).get("detectable")
    if smallest and whole["clusters"] >= FEW_CLUSTERS:
        say(
            "in four of five cases so many samples show a difference in gIoU of"
            f" {100 * smallest:.1f} or more"
        )


def _show_scores(result: Mapping[str, Any]) -> None:
    from socioseg.bench.score import FEW_CLUSTERS, score_rows

    typer.echo(listing.table(score_rows(result)))
    whole = result["counts"]["all"]["all"]
    few = " (few, so they are too narrow)" if whole["clusters"] < FEW_CLUSTERS else ""
    few = few if result["ground_known"] else NO_GROUND
    say(
        f"percent, with 95 % limits over {whole['clusters']} places{few}; {whole['samples']}"
        f" answers, {whole['failed']} failed, {whole['empty']} empty; scores.json holds more"
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
