"""Commands that run models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from socioseg.commands.parts import (
    BaseUrl,
    Engine,
    Prompts,
    Segmenter,
    Stages,
    Weights,
    options_of,
)
from socioseg.commands.shell import Json, Settings, progress, show_result

app = typer.Typer()


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
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask again where the answer was a failure.")
    ] = False,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Queries at a time.")] = None,
    engine: Engine = None,
    base_url: BaseUrl = None,
    weights: Weights = None,
    segmenter: Segmenter = None,
    prompts: Prompts = None,
    stages: Stages = None,
    setting: Settings = None,
    as_json: Json = False,
) -> None:
    """Run a model on a dataset and log every answer. Run it again to go on after a stop."""
    from socioseg.bench.run import BenchRequest
    from socioseg.bench.run import bench as run
    from socioseg.bench.suite import requests_of

    parts = (engine, base_url, weights, segmenter, prompts, stages)
    with progress() as report:
        request = BenchRequest(
            *(model, dataset or "", out, split, level, ids or (), limit, shard),
            retry_failed=retry_failed,
            batch_size=batch_size,
            options=options_of(model, parts, setting),
            progress=report,
        )
        results = [run(part) for part in requests_of(suite, request)]
    for result in results:
        show_result(result, as_json=as_json)


@app.command(epilog="Example: socioseg merge runs/a runs/b --out runs/whole")
def merge(
    runs: Annotated[list[Path], typer.Argument(help="Folders of the shards of one run.")],
    out: Annotated[Path, typer.Option(help="Folder of the whole run.")],
    as_json: Json = False,
) -> None:
    """Put the shards of a run together."""
    from socioseg.bench.merge import merge as put_together

    show_result(put_together(runs, out), as_json=as_json)
