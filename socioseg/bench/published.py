"""Published numbers: the tables of papers as data, never mixed with scores computed here."""

from __future__ import annotations

from collections import Counter
from datetime import date  # noqa: TC003 - pydantic reads it at run time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from socioseg.errors import RecipeError
from socioseg.recipe import Strict, folders, read_recipe

if TYPE_CHECKING:
    from pathlib import Path

Column = Literal["name", "class", "function", "all"]
"""A level, or the whole split."""
Unit = Literal["percent", "seconds"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
Text = Annotated[str, Field(min_length=1)]
Value = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]


class Source(Strict):
    """Where the numbers were read: paper, its version and date, and the place in it."""

    title: Text
    arxiv: Annotated[str, Field(pattern=r"^\d{4}\.\d{5}$")]
    version: Annotated[str, Field(pattern=r"^v\d+$")]
    date: date
    where: Text
    url: Annotated[str, Field(pattern=r"^https://")]

    @property
    def label(self) -> str:
        """The source in a few words, to stand below a table."""
        return f"arXiv {self.arxiv}{self.version}, {self.where}"


class Row(Strict):
    """One system: what it sees, what its numbers rest on, and its value by column and metric."""

    id: Slug
    name: Text
    inputs: Literal["satellite", "map+satellite"]
    note: Text
    values: Annotated[dict[Column, dict[str, Value]], Field(min_length=1)]


class Table(Strict):
    """Numbers of one source on one split.

    Attributes
    ----------
    id : str
        Name of the file, without its suffix.
    split : str
        `test`, `map_style` or `new_region`.
    convention : str
        Whose definitions the metrics follow: an id of `docs/conventions.md`. Tables of different
        conventions cannot be compared, whatever their metrics are called.
    metrics : dict of str to str
        Metric names, in the order of the source, and the unit of each.
    """

    id: Slug
    title: Text
    source: Source
    dataset: Text
    split: Slug
    convention: Slug
    metrics: Annotated[dict[Text, Unit], Field(min_length=1)]
    notes: tuple[Text, ...] = ()
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]


def load_published(folder: Path | None = None) -> tuple[Table, ...]:
    """Every published table, by id.

    Parameters
    ----------
    folder : Path, optional
        Where the YAML files lie. By default the `published` folders of the user's `benchmarks`,
        the repository's and the package's; the first of them that has a file's name wins.

    Raises
    ------
    RecipeError
        If there is no table, or naming file and key where one is wrong or says again what
        another says.
    """
    places = [folder] if folder else [place / "published" for place in folders("benchmarks")]
    files: dict[str, Path] = {}
    for place in places:
        for path in place.glob("*.yaml"):
            files.setdefault(path.stem, path)
    if not files:
        where = " or ".join(map(str, places)) or "any benchmarks folder"
        raise RecipeError(f"{where}: holds no published table; add a YAML file or reinstall.")
    tables = tuple(_read(path) for _, path in sorted(files.items()))
    _refuse_repeats(tables, files)
    return tables


def _read(path: Path) -> Table:
    table = read_recipe(path, Table)
    if table.id != path.stem:
        raise RecipeError(f"{path}: id = {table.id!r} must be the file's name, {path.stem!r}.")
    for row in table.rows:
        for column, cell in row.values.items():
            if problem := _problem(table, cell):
                raise RecipeError(f"{path}: rows.{row.id}.values.{column} {problem}")
    return table


def _problem(table: Table, cell: dict[str, float]) -> str:
    """What is wrong with the values of one row and column, as the end of a sentence."""
    if set(cell) != set(table.metrics):
        return f"names {', '.join(cell)}; name each of {', '.join(table.metrics)} once."
    above = [name for name, unit in table.metrics.items() if unit == "percent" and cell[name] > 100]
    return f"has more than 100 percent as {above[0]}; correct it." if above else ""


def _refuse_repeats(tables: tuple[Table, ...], files: dict[str, Path]) -> None:
    """Refuse a system's metric that stands twice: one fact has one place."""
    facts = Counter(_facts(tables))
    for table in tables:
        for fact in _facts((table,)):
            if facts[fact] > 1:
                raise RecipeError(
                    f"{files[table.id]}: rows.{fact[-2]} gives {fact[-1]} on the split "
                    f"{table.split!r} a second time; keep one, or give the other row its own id."
                )


def _facts(tables: tuple[Table, ...]) -> list[tuple[str, ...]]:
    """Dataset, split, convention, row and metric of every series of numbers in `tables`."""
    return [
        (table.dataset, table.split, table.convention, row.id, metric)
        for table in tables
        for row in table.rows
        for metric in table.metrics
    ]
