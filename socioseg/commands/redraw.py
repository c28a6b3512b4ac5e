"""The command that draws the maps of a dataset anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from socioseg.commands.shell import Json, progress, show_result

app = typer.Typer()


@app.command(
    epilog="Example: socioseg redraw out/demo/socioseg --style night --out out/demo-night/socioseg"
)
def redraw(
    dataset: Annotated[str, typer.Argument(help="Dataset folder, or the name of one built here.")],
    style: Annotated[str, typer.Option(help="Map style: standard, grey, night.")],
    out: Annotated[Path, typer.Option(help="Output folder.")],
    osm: Annotated[
        str | None, typer.Option(help="The OSM data of the dataset, where it is not found.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Local processes.")] = 1,
    as_json: Json = False,
) -> None:
    """Make the same samples with maps in another style. Run it again to go on after a stop."""
    from socioseg.build.redraw import RedrawRequest, run
    from socioseg.cache import cache_folder

    with progress() as report:
        request = RedrawRequest(dataset, style, out, cache_folder(), osm, workers, report)
        result = run(request)
    show_result(result, as_json=as_json)
