"""The command line: one thin function per command; results to stdout, logs to stderr."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from socioseg import __version__, listing
from socioseg.errors import SocioSegError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Socio-semantic segmentation: datasets from OpenStreetMap and imagery.",
)
list_app = typer.Typer(no_args_is_help=True, help="List what there is.")
app.add_typer(list_app, name="list")
log = logging.getLogger("socioseg")
stderr = Console(stderr=True)
INTERRUPTED = 130

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def main() -> None:
    """Run the command line; exit code 0 done, 1 failed, 2 misused."""
    try:
        app()
    except SocioSegError as error:
        stderr.print(f"[bold red]error:[/] {_plain(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer's word for Ctrl-C, of which it says nothing
            stderr.print("stopped: run the same command again to go on.")
        raise


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


@app.callback(invoke_without_command=True)
def setup(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings.")] = False,
) -> None:
    """Set up logging for every command."""
    handler = RichHandler(console=stderr, show_path=False, show_time=False, markup=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    log.setLevel(logging.WARNING if quiet else logging.INFO)
    if version:
        typer.echo(__version__)
        raise typer.Exit


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=stderr, disable=not stderr.is_terminal
    ) as bars:
        tasks: dict[str, Any] = {}

        def show(part: str, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = bars.add_task(part, total=total)
            bars.update(tasks[part], completed=done, total=total)

        yield show


@app.command(
    epilog="Example: socioseg build --region 4.88,52.36,4.92,52.38 --imagery nl-pdok --out out/ams"
)
def build(  # noqa: PLR0913 - one argument for each option
    region: Annotated[
        str,
        typer.Option(help="Recipe name or file, place name, W,S,E,N, polygon file, or OSM file."),
    ],
    osm: Annotated[str | None, typer.Option(help="OSM file, vector file, or 'overpass'.")] = None,
    imagery: Annotated[
        list[str] | None,
        typer.Option(
            help="Raster files, XYZ template, provider (see list providers), or 'synthetic'."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Output folder; default out/REGION/socioseg.")
    ] = None,
    zoom: Annotated[int | None, typer.Option(help="Web Mercator zoom of the windows.")] = None,
    split: Annotated[str | None, typer.Option(help="auto, blocks or random.")] = None,
    style: Annotated[str | None, typer.Option(help="Map style: standard, grey, night.")] = None,
    language: Annotated[str | None, typer.Option(help="Names and labels, e.g. en.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any recipe key, as in limits.min_share=0.01."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Local processes.")] = 1,
    max_failed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of failed samples that is tolerated.")
    ] = 0.05,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Plan and count; make nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a dataset of a region. Run it again to go on after a stop."""
    from socioseg.build.options import overrides  # noqa: PLC0415 - heavy; only for this command
    from socioseg.build.pipeline import BuildRequest, run  # noqa: PLC0415 - likewise

    changes = overrides(osm, imagery, zoom, split, style, language, setting)
    with _progress() as progress:
        request = BuildRequest.of(region, out, changes, workers, progress)
        result = run(request, max_failed=max_failed, dry_run=dry_run)
    _show(result, as_json=as_json)


@app.command(epilog="Example: socioseg verify out/demo/socioseg")
def verify(
    folder: Annotated[Path, typer.Argument(help="Dataset folder.")], as_json: Json = False
) -> None:
    """Check every promise of the dataset format; exit 1 with a list of what breaks one."""
    from socioseg.dataset.verify import verify as check  # noqa: PLC0415 - heavy

    with _progress() as progress:
        problems = check(folder, progress=lambda done, total: progress("rows", done, total))
    if as_json:
        typer.echo(json.dumps([problem._asdict() for problem in problems]))
    else:
        for problem in problems:
            typer.echo(str(problem))
        typer.echo(f"{folder}: {len(problems)} problems" if problems else f"{folder}: sound")
    raise typer.Exit(1 if problems else 0)


@app.command(epilog="Example: socioseg publish out/demo/socioseg --repo me/socioseg")
def publish(
    folder: Annotated[Path, typer.Argument(help="Dataset folder.")],
    repo: Annotated[str, typer.Option(help="Hub repository, owner/name.")],
    private: Annotated[bool, typer.Option("--private", help="Make it private.")] = False,
    permission: Annotated[
        str, typer.Option(help="Your leave to publish imagery marked 'ask', in words.")
    ] = "",
) -> None:
    """Push a dataset to the Hugging Face Hub; refuses what may not be redistributed."""
    from socioseg.dataset.publish import publish as push  # noqa: PLC0415 - heavy

    typer.echo(push(folder, repo, private=private, permission=permission))


@app.command(
    epilog="Example: socioseg bench --model centre --dataset out/demo/socioseg --out runs/centre"
)
def bench(  # noqa: PLR0913 - one argument for each option
    model: Annotated[str, typer.Option(help="A baseline's name or file, or package.module:Class.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; it goes on where it stopped.")],
    dataset: Annotated[
        str | None, typer.Option(help="Dataset folder, the name of one built here, or Hub id.")
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="In place of --dataset: see list benchmarks.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    level: Annotated[str, typer.Option(help="name, class, function or all.")] = "all",
    ids: Annotated[list[str] | None, typer.Option(help="Only these samples.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    shard: Annotated[str, typer.Option(help="i/n: only the ith of n shares, from 0.")] = "0/1",
    batch_size: Annotated[int | None, typer.Option(min=1, help="Queries at a time.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="An option of the model, KEY=VALUE.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a model on a dataset and log every answer. Run it again to go on after a stop."""
    from socioseg.bench.run import BenchRequest  # noqa: PLC0415 - heavy; only for this command
    from socioseg.bench.run import bench as run  # noqa: PLC0415 - likewise
    from socioseg.bench.suite import requests_of  # noqa: PLC0415 - likewise
    from socioseg.build.recipe import parse_settings  # noqa: PLC0415 - likewise

    with _progress() as progress:
        request = BenchRequest(
            *(model, dataset or "", out, split, level, ids or (), limit, shard, batch_size),
            options=parse_settings(setting or ()),
            progress=progress,
        )
        results = [run(part) for part in requests_of(suite, request)]
    for result in results:
        _show(result, as_json=as_json)


@app.command(epilog="Example: socioseg merge runs/a runs/b --out runs/whole")
def merge(
    runs: Annotated[list[Path], typer.Argument(help="Folders of the shards of one run.")],
    out: Annotated[Path, typer.Option(help="Folder of the whole run.")],
    as_json: Json = False,
) -> None:
    """Put the shards of a run together."""
    from socioseg.bench.merge import merge as put_together  # noqa: PLC0415 - only for this command

    _show(put_together(runs, out), as_json=as_json)


@app.command(epilog="Example: socioseg score runs/centre")
def score(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    convention: Annotated[
        str, typer.Option(help="How to count: see docs/conventions.md.")
    ] = "socioseg",
    as_json: Json = False,
) -> None:
    """Score a run from its log and the dataset; write scores.json beside the log."""
    from socioseg.bench.score import score as count  # noqa: PLC0415 - heavy
    from socioseg.bench.score import score_rows  # noqa: PLC0415 - likewise

    result = count(run, convention)
    if as_json:
        typer.echo(json.dumps(result))
        return
    typer.echo(listing.table(score_rows(result)))
    typer.echo(
        f"percent, with 95 % limits over {result['clusters']} places; {result['samples']} samples"
    )


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    width = max(map(len, result))
    for key, value in result.items():
        typer.echo(f"{key.replace('_', ' '):<{width}}  {listing.text(value)}")


def _lister(kind: str, rows: Callable[[], list[dict[str, Any]]], help_text: str) -> None:
    @list_app.command(kind, help=help_text, epilog=f"Example: socioseg list {kind} --json")
    def _list(as_json: Json = False) -> None:
        found = rows()
        typer.echo(json.dumps(found, ensure_ascii=False) if as_json else listing.table(found))


_lister("baselines", listing.baselines, "Models that have a recipe.")
_lister("benchmarks", listing.benchmarks, "Suites: which datasets make a benchmark.")
_lister("builders", listing.builders, "Regions that have a recipe.")
_lister("classes", listing.classes, "The taxonomy: classes, functions, OSM tags.")
_lister("providers", listing.providers, "Imagery, its licence, and whether it may be published.")
