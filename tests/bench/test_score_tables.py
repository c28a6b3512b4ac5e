"""Tables as text: what a reader of Markdown, LaTeX or CSV finds in them."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.bench.tables import NOTE, Block, Cell, Row, mark_best, render
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

NASTY = r"a_b & 50% | <script> {x} $1 #2 ~ ^ \ `c` *d* [e]"
ROWS: list[Row] = [
    {"model": NASTY, "level": "all", "samples": 9, "gIoU": Cell(41.234, 38.06, 44.9)},
    {"model": "two\nlines", "level": "all", "samples": 9, "gIoU": Cell(-3.1, None, None)},
    {"model": "none", "level": "all", "samples": 9, "gIoU": Cell(None)},
]
OURS = Block("here", "socioseg", "Ours_1, 100 % here.", ROWS)
THEIRS = Block("arXiv 1", "paper", "Theirs.", [{"model": "A", "F1": Cell(10.0), NOTE: "a, b"}])


def test_markdown_is_a_table_for_each_block() -> None:
    text = render([OURS, THEIRS], "md")
    first, second = text.split("\n\n", 2)[0], text.split("\n\n")[2]
    assert first == r"Ours\_1, 100 % here."
    assert second.startswith("Theirs.")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[0] == "| model | level | samples | gIoU |"
    assert lines[1] == "|---|---|--:|--:|"
    assert lines[2].endswith("| all | 9 | 41.2 [38.1, 44.9] |")
    assert r"50% \| \<script\> {x}" in lines[2]
    assert lines[3] == "| two lines | all | 9 | -3.1 |"
    assert lines[4] == "| none | all | 9 |  |"
    assert lines[5:] == ["| model | F1 | note |", "|---|--:|---|", "| A | 10.0 | a, b |"]


def test_latex_is_booktabs_and_escaped() -> None:
    text = render([OURS, THEIRS], "latex")
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 2
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 2
    assert r"\caption{Ours\_1, 100 \% here.}" in text
    assert r"\begin{tabular}{llrr}" in text
    assert r"a\_b \& 50\% | \textless{}script\textgreater{} \{x\} \$1 \#2" in text
    assert r"\textasciitilde{} \textasciicircum{} \textbackslash{}" in text
    assert r"41.2 {\scriptsize [38.1, 44.9]} \\" in text
    assert r"$-$3.1" in text
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [3] * 4 + [1] * 2


def test_latex_tells_each_note_once_below_the_rows() -> None:
    notes = ("retrained_1", "", "frozen", "retrained_1")
    rows: list[Row] = [
        {"model": f"m{n}", "F1": Cell(1), NOTE: note} for n, note in enumerate(notes)
    ]
    text = render([Block("", "", "x", rows)], "latex")
    marks = [re.findall(r"superscript\{(\d)\}", line) for line in text.splitlines() if "&" in line]
    assert marks == [[], ["1"], [], ["2"], ["1"]]
    _, below = text.split(r"\end{tabular}")
    assert re.findall(r"superscript\{(\d)\} (.*)\. $", below, re.MULTILINE) == [
        ("1", r"retrained\_1"),
        ("2", "frozen"),
    ]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_latex_takes_it_and_it_fits_a_page(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"model": NASTY[:20], "level": "all", "F1": Cell(1, 0, 2), NOTE: f"{NASTY} {n % 7}"}
        for n in range(44)
    ]
    table = render([Block("", "", NASTY, rows)], "latex")
    head = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    (tmp_path / "t.tex").write_text(f"{head}\n{table}\\end{{document}}\n")
    words = ("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex")
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-2000:]
    assert not re.search(r"Overfull \\hbox|too large", said.stdout)


def test_csv_is_one_table_that_tells_origins_apart() -> None:
    rows = list(csv.DictReader(io.StringIO(render([OURS, THEIRS], "csv"))))
    assert [row["origin"] for row in rows] == ["here"] * 3 + ["arXiv 1"]
    assert [row["convention"] for row in rows] == ["socioseg"] * 3 + ["paper"]
    assert rows[0]["model"] == NASTY
    assert (rows[0]["gIoU"], rows[0]["gIoU_low"], rows[0]["gIoU_high"]) == (
        *("41.234", "38.06", "44.9"),
    )
    assert (rows[1]["gIoU"], rows[1]["gIoU_low"], rows[2]["gIoU"]) == ("-3.1", "", "")
    assert (rows[3]["F1"], rows[3]["gIoU"], rows[3]["note"]) == ("10", "", "a, b")


@given(st.text(max_size=30))
def test_any_name_stays_in_its_cell(name: str) -> None:
    block = Block("here", "socioseg", "x", [{"model": name, "level": "all"}])
    (row,) = csv.DictReader(io.StringIO(render([block], "csv")))
    assert (row["model"], row["level"]) == (" ".join(name.split()), "all")
    *_, line = render([block], "md").split("\n")[:-1]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3
    latex = render([block], "latex").split("\n")
    assert len(latex) == 12
    assert len(re.findall(r"(?<!\\)(?:\\\\)*&", latex[7])) == 1


def test_the_best_of_a_level_is_marked_as_it_is_printed() -> None:
    values = {"a": ("all", 50.04), "b": ("all", 49.96), "c": ("all", 49.9), "d": ("name", 7.0)}
    rows: list[Row] = [
        {"model": name, "level": level, "F1": Cell(value)}
        for name, (level, value) in values.items()
    ]
    rows.append({"model": "e", "level": "all", "F1": Cell(None)})
    rows += [{"model": name, "level": "class", "F1": Cell(0.0)} for name in "fg"]
    marked = mark_best(rows, ["F1"], within=["level"])
    best = {str(row["model"]) for row in marked if isinstance(row["F1"], Cell) and row["F1"].best}
    assert best == {"a", "b"}
    assert "**50.0** |" in render([Block("", "", "x", marked)], "md")
    assert r"\textbf{50.0} \\" in render([Block("", "", "x", marked)], "latex")


def test_a_difference_has_its_sign() -> None:
    block = Block("", "", "x", [{"d": Cell(1.25, -0.5, 3.0, digits=2, signed=True)}])
    assert "| +1.25 [-0.50, +3.00] |" in render([block], "md")


def test_blocks_without_rows_are_left_out() -> None:
    empty = Block("here", "socioseg", "x", [])
    assert render([empty], "md") == ""
    assert render([empty, THEIRS], "latex") == render([THEIRS], "latex")


def test_another_form_is_refused() -> None:
    with pytest.raises(UsageError, match="no format 'html': choose one of md, latex, csv"):
        render([OURS], "html")
