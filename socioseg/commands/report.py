"""The command that shows what runs scored and said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from socioseg.commands.shell import Json, progress, show_result

app = typer.Typer()


@app.command(epilog="Example: socioseg report runs/unet runs/centre --out report")
def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs on one dataset and split.")],
    out: Annotated[Path, typer.Option(help="Folder of the report; one that is there is replaced.")],
    gallery: Annotated[
        int, typer.Option(min=0, help="At most so many samples have pictures.")
    ] = 1000,
    form: Annotated[
        str, typer.Option("--format", help="Of the table for papers: md, latex or csv.")
    ] = "md",
    as_json: Json = False,
) -> None:
    """Show runs in a folder that a browser opens from disk: scores, charts, every sample."""
    from socioseg.bench.report.write import write_report

    with progress() as show:
        result = write_report(runs, out, gallery=gallery, form=form, progress=show)
    show_result(result, as_json=as_json)
