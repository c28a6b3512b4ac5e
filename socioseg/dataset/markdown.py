"""Tables in Markdown, safe against what names and credits may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ESCAPES = str.maketrans({"|": r"\|", "<": "&lt;", ">": "&gt;", "`": "'"})


def cell(text: str) -> str:
    """`text` on one line, without what would end a cell or begin HTML."""
    return " ".join(text.split()).translate(_ESCAPES)


def table(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Markdown table; columns of numbers are aligned right."""
    body = [[str(value) for value in row] for row in rows]
    numeric = [bool(body) and all(row[i].isdigit() for row in body) for i in range(len(head))]
    rule = ["--:" if is_number else "---" for is_number in numeric]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(head), rule, *body])
