"""The command line: results to stdout, logs to stderr, one sentence for what goes wrong."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer
from rich.logging import RichHandler

from socioseg import __version__
from socioseg.commands import bench, build, listing, predict, redraw, report, score, train
from socioseg.commands.shell import stderr
from socioseg.errors import SocioSegError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Socio-semantic segmentation: datasets, benchmarks and models of urban places.",
)
app.add_typer(build.app)
app.add_typer(redraw.app)
app.add_typer(bench.app)
app.add_typer(score.app)
app.add_typer(train.app)
app.add_typer(report.app)
app.add_typer(predict.app)
app.add_typer(listing.app, name="list")
log = logging.getLogger("socioseg")
INTERRUPTED = 130


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
