"""What every command shares: progress on a terminal, results on stdout."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from socioseg import listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

stderr = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="An option of the model, KEY=VALUE.")
]


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give `report(part, done, total)`: bars on a terminal, nothing elsewhere."""
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


def show_result(result: dict[str, Any], *, as_json: bool) -> None:
    """Print `result` for people, or as JSON."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    width = max(map(len, result))
    for key, value in result.items():
        typer.echo(f"{key.replace('_', ' '):<{width}}  {listing.text(value)}")
