"""Tables for papers: rows as Markdown, as LaTeX with booktabs, or as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

NOTE = "note"
"""A column of sentences."""
_MARKDOWN = str.maketrans({**{letter: f"\\{letter}" for letter in r"\`*_[]<>|"}, "&": "&amp;"})
_LATEX = str.maketrans(
    {
        **{letter: f"\\{letter}" for letter in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
)


class Cell(NamedTuple):
    """A number with its 95 % limits.

    `best` is whether it is the best of those that it is compared with; it is printed with
    `digits` after the point, and with its sign where `signed`.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    best: bool = False
    digits: int = 1
    signed: bool = False

    def texts(self) -> tuple[str, str]:
        """The number and its limits, each empty where there is none."""
        if self.value is None:
            return "", ""
        form = f"{'+' if self.signed else ''}.{self.digits}f"
        number = format(self.value, form)
        if self.low is None or self.high is None:
            return number, ""
        return number, f"[{self.low:{form}}, {self.high:{form}}]"


Row = dict[str, "str | int | Cell"]
"""Values by the titles of their columns."""


class Block(NamedTuple):
    """Rows of one origin, which stand apart from those of any other.

    All rows have the same columns. `origin` says in a few words who computed them, `convention` by
    whose definitions, `caption` in sentences what they are.
    """

    origin: str
    convention: str
    caption: str
    rows: Sequence[Row]


def mark_best(rows: Sequence[Row], titles: Iterable[str], within: Sequence[str]) -> list[Row]:
    """`rows` with the greatest numbers of some columns marked, as they are printed.

    Only rows that agree in the columns `within` are compared; where all are equal, none is marked.
    """
    marked = [dict(row) for row in rows]
    for title in titles:
        for row in marked:
            others = [other for other in rows if all(other[key] == row[key] for key in within)]
            row[title] = _marked(row[title], [other[title] for other in others])
    return marked


def _marked(cell: str | int | Cell, others: Sequence[str | int | Cell]) -> str | int | Cell:
    if not isinstance(cell, Cell) or cell.value is None:
        return cell
    values = [each.value for each in others if isinstance(each, Cell) and each.value is not None]
    own, least, most = (round(each, cell.digits) for each in (cell.value, min(values), max(values)))
    return cell._replace(best=least < own == most)


def render(blocks: Sequence[Block], form: str) -> str:
    """The blocks as text: tables one below the other, or for "csv" a single one.

    Parameters
    ----------
    form
        "md", "latex" (needs the package booktabs) or "csv".

    Raises
    ------
    UsageError
        If there is no such form.
    """
    check_form(form)
    return _FORMS[form]([block for block in blocks if block.rows])


def check_form(form: str) -> None:
    """Refuse what `render` cannot make.

    Raises
    ------
    UsageError
        If there is no such form.
    """
    if form not in _FORMS:
        raise UsageError(f"There is no format {form!r}: choose one of {', '.join(_FORMS)}.")


def _markdown(blocks: Sequence[Block]) -> str:
    return "\n".join(map(_markdown_table, blocks))


def _markdown_table(block: Block) -> str:
    first = block.rows[0]
    rules = ("---" if isinstance(value, str) else "--:" for value in first.values())
    lines = [
        _in_markdown(block.caption),
        "",
        _line(map(_in_markdown, first)),
        f"|{'|'.join(rules)}|",
        *(_line(map(_markdown_value, row.values())) for row in block.rows),
    ]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_value(value: str | int | Cell) -> str:
    if not isinstance(value, Cell):
        return _in_markdown(str(value))
    number, limits = value.texts()
    return f"{f'**{number}**' if value.best else number} {limits}".strip()


def _in_markdown(text: str) -> str:
    return " ".join(text.split()).translate(_MARKDOWN)


def _latex(blocks: Sequence[Block]) -> str:
    return "\n".join(map(_latex_table, blocks))


def _latex_table(block: Block) -> str:
    """Small, and with notes below its rows, so that it fits on a page."""
    notes = list(dict.fromkeys(str(row[NOTE]) for row in block.rows if row.get(NOTE)))
    titles = [title for title in block.rows[0] if title != NOTE]
    columns = ("l" if isinstance(block.rows[0][title], str) else "r" for title in titles)
    lines = [
        r"\begin{table}",
        r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{_in_latex(block.caption)}}}",
        rf"\begin{{tabular}}{{{''.join(columns)}}}",
        r"\toprule",
        rf"{' & '.join(map(_in_latex, titles))} \\",
        r"\midrule",
        *(_latex_row(row, titles, notes) for row in block.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *_latex_notes(notes),
        r"\end{table}",
    ]
    return "".join(f"{line}\n" for line in lines)


def _latex_row(row: Row, titles: Sequence[str], notes: Sequence[str]) -> str:
    """A row, with the number of its note after what it begins with."""
    cells = [_latex_value(row[title]) for title in titles]
    if note := row.get(NOTE):
        cells[0] += rf"\textsuperscript{{{notes.index(str(note)) + 1}}}"
    return rf"{' & '.join(cells)} \\"


def _latex_notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield r"\par\smallskip\raggedright"
    for number, note in enumerate(notes, 1):
        yield rf"\textsuperscript{{{number}}} {_in_latex(note)}. "


def _latex_value(value: str | int | Cell) -> str:
    if not isinstance(value, Cell):
        return _in_latex(str(value))
    number, limits = (text.replace("-", "$-$") for text in value.texts())
    number = rf"\textbf{{{number}}}" if value.best else number
    return rf"{number} {{\scriptsize {limits}}}" if limits else number


def _in_latex(text: str) -> str:
    return " ".join(text.split()).translate(_LATEX)


def _csv(blocks: Sequence[Block]) -> str:
    rows = [
        {"origin": block.origin, "convention": block.convention, **_csv_values(row)}
        for block in blocks
        for row in block.rows
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv_values(row: Row) -> dict[str, str]:
    values: dict[str, str] = {}
    for title, value in row.items():
        if not isinstance(value, Cell):
            values[title] = " ".join(str(value).split())
            continue
        values[title] = _exact(value.value)
        if value.low is not None or value.high is not None:
            values |= {f"{title}_low": _exact(value.low), f"{title}_high": _exact(value.high)}
    return values


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


_FORMS: Mapping[str, Callable[[Sequence[Block]], str]] = {
    "md": _markdown,
    "latex": _latex,
    "csv": _csv,
}
