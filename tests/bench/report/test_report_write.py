"""The report's files, and what is refused."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from bench.benchset import run
from bench.report.reportset import EVIL, FEW, MODEL
from commands import refused, say

from socioseg.bench.report.write import write_report
from socioseg.errors import DatasetError, OutputError, UsageError
from socioseg.metrics import CONVENTIONS

if TYPE_CHECKING:
    from pathlib import Path


class _Page(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _data(report: Path) -> dict[str, Any]:
    text = (report / "data.js").read_text(encoding="ascii")
    found: dict[str, Any] = json.loads(text.removeprefix("window.REPORT_DATA=").rstrip(";\n"))
    return found


def test_no_text_of_the_data_becomes_markup(reported: Path) -> None:
    page = _Page((reported / "index.html").read_text(encoding="utf-8"))
    scripts = [attrs.get("src") for tag, attrs in page.tags if tag == "script"]
    assert scripts == ["theme.js", "data.js", "draw.js", "filter.js", "detail.js", "gallery.js"]
    assert "img" not in [tag for tag, _ in page.tags]
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    assert MODEL in page.texts
    assert f"because {EVIL}" in page.texts
    assert "<" not in (reported / "data.js").read_text()


def test_the_page_names_no_address_that_a_browser_would_fetch(reported: Path) -> None:
    page = _Page((reported / "index.html").read_text(encoding="utf-8"))
    links = [attrs.get(key) for _, attrs in page.tags for key in ("src", "href") if key in attrs]
    assert links
    assert not [link for link in links if "//" in (link or "")]
    assert all(
        (reported / str(link)).is_file()
        for link in links
        if not str(link).startswith(("#", "data:"))
    )


def test_the_data_holds_every_sample_with_all_that_the_log_has(reported: Path) -> None:
    data = _data(reported)
    assert [run["oracle"] for run in data["runs"]] == [False, False, True]
    assert len(data["samples"]) == 3 * FEW
    first = data["samples"][0]
    assert (reported / "images" / first["sat_image"]).is_file()
    assert (reported / "images" / first["map_image"]).is_file()
    assert first["query"] == f"0 {EVIL}"
    answer = first["runs"][0]
    assert answer["texts"] == [EVIL, "second"]
    assert (answer["boxes"], answer["points"]) == ([[4, 0, 30, 20]], [[[10, 5]]])
    assert answer["stages"][0]["notes"] == [f"dropped {EVIL}"]
    assert answer["mask"] != answer["stages"][0]["mask"] != ""
    assert first["runs"][1]["mask"] == ""
    assert first["runs"][2]["mask"] == first["truth"]


def test_conventions_and_published_tables_stand_in_the_page(reported: Path) -> None:
    page = _Page((reported / "index.html").read_text(encoding="utf-8"))
    assert set(CONVENTIONS) <= set(page.texts)
    assert "VisionReasoner" in page.texts
    assert any("Survey" in text and "CC-BY-4.0" in text for text in page.texts)


def test_writing_again_gives_the_same_bytes(hostile: Path, tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        write_report([hostile / "chatty"], tmp_path / "report")
        files = sorted(path for path in (tmp_path / "report").rglob("*") if path.is_file())
        found.append([(path.name, path.read_bytes()) for path in files])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("form", "name", "sign"),
    [
        ("md", "table.md", "| model |"),
        ("latex", "table.tex", "\\toprule"),
        ("csv", "table.csv", "origin,"),
    ],
)
def test_the_table_for_papers_has_the_form_asked_for(
    hostile: Path, tmp_path: Path, form: str, name: str, sign: str
) -> None:
    write_report([hostile / "empty"], tmp_path / "report", form=form)
    assert sign in (tmp_path / "report" / name).read_text(encoding="utf-8")
    assert len(list((tmp_path / "report").glob("table.*"))) == 1
    scores = json.loads((tmp_path / "report" / "scores.json").read_bytes())
    assert scores["empty"]["samples"] == 3 * FEW


def test_ceilings_stand_apart_in_the_table_for_papers(reported: Path) -> None:
    above, _, below = (reported / "table.md").read_text().partition("were shown the truth")
    assert ("oracle" in above, "oracle" in below) == (False, True)
    assert ("empty" in above, "empty" in below) == (True, False)


def test_the_runs_stay_as_they_were(hostile: Path, tmp_path: Path) -> None:
    shutil.copytree(hostile / "empty", tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    write_report([tmp_path / "run"], tmp_path / "report")
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_a_small_gallery_spreads_from_the_worst_to_the_best(hostile: Path, tmp_path: Path) -> None:
    result = write_report([hostile / "chatty"], tmp_path / "report", gallery=3)
    assert (result["samples"], result["pictured"]) == (3 * FEW, 3)
    ious = [sample["runs"][0]["iou"] for sample in _data(tmp_path / "report")["samples"]]
    assert (min(ious), max(ious)) == (0, 1)
    assert "3 of 12 samples" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    none = write_report([hostile / "chatty"], tmp_path / "none", gallery=0)
    assert none["pictured"] == 0


def test_runs_of_different_samples_stand_side_by_side(hostile: Path, tmp_path: Path) -> None:
    run(hostile / "data", tmp_path / "names", "full", level="name")
    write_report([hostile / "empty", tmp_path / "names"], tmp_path / "report")
    missing = [
        sample["level"]
        for sample in _data(tmp_path / "report")["samples"]
        if sample["runs"][1] is None
    ]
    assert set(missing) == {"class", "function"}


def test_what_cannot_be_reported_is_one_sentence(hostile: Path, data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "other", "empty")
    out, good = tmp_path / "report", hostile / "empty"
    cases: list[tuple[list[Path], type[Exception], str]] = [
        ([], UsageError, "1 to 8 runs"),
        ([good, good], UsageError, "given twice"),
        ([good, tmp_path / "other"], OutputError, "different datasets"),
        ([tmp_path / "nothing"], OutputError, "is .* the folder of a run"),
    ]
    for runs, kind, sentence in cases:
        with pytest.raises(kind, match=sentence):
            write_report(runs, out)
    with pytest.raises(UsageError, match="no format"):
        write_report([good], out, form="docx")
    assert not out.exists()


def test_a_dataset_that_is_gone_is_said(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "data")
    run(tmp_path / "data", tmp_path / "run", "empty")
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(DatasetError, match=r"its dataset .*data is gone; put it back"):
        write_report([tmp_path / "run"], tmp_path / "report")


@pytest.mark.usefixtures("alone")
def test_the_command(hostile: Path, capfd: pytest.CaptureFixture[str]) -> None:
    refused(say(capfd, "report", "nowhere", "--out", "out"), 1, "is nowhere the folder of a run")
    said = say(capfd, "report", str(hostile / "empty"), "--out", "shown", "--json")
    assert (said.code, json.loads(said.out)["report"]) == (0, "shown/index.html")
