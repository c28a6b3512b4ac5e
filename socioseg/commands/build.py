"""Commands that make, check and publish a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from socioseg.commands.shell import Json, progress, show_result

app = typer.Typer()


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
    from socioseg.build.options import overrides
    from socioseg.build.pipeline import BuildRequest, run

    changes = overrides(osm, imagery, zoom, split, style, language, setting)
    with progress() as report:
        request = BuildRequest.of(region, out, changes, workers, report)
        result = run(request, max_failed=max_failed, dry_run=dry_run)
    show_result(result, as_json=as_json)


@app.command(epilog="Example: socioseg verify out/demo/socioseg")
def verify(
    folder: Annotated[Path, typer.Argument(help="Dataset folder.")], as_json: Json = False
) -> None:
    """Check every promise of the dataset format; exit 1 with a list of what breaks one."""
    from socioseg.dataset.verify import verify as check

    with progress() as report:
        problems = check(folder, progress=lambda done, total: report("rows", done, total))
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
    from socioseg.dataset.publish import publish as push

    typer.echo(push(folder, repo, private=private, permission=permission))
