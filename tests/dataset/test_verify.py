"""verify finds nothing in a sound dataset, and every kind of damage to its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tiny import make_dataset, make_row

from socioseg.dataset.problem import Problem
from socioseg.dataset.report import read_report, write_report
from socioseg.dataset.schema import ARROW_SCHEMA
from socioseg.dataset.verify import verify
from socioseg.files import Receipt
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ONE = "data/socio_class/test-00000-of-00001.parquet"


def whats(root: Path) -> str:
    return "\n".join(map(str, verify(root)))


def with_new_receipt(root: Path, name: str) -> None:
    """State in the report what the file `name` is now."""
    report = read_report(root)
    files = [
        file.model_copy(update=Receipt.of(root / name, file.rows)._asdict())
        if file.path == name
        else file
        for file in report.files
    ]
    write_report(root, report.model_copy(update={"files": files}))


def rewrite(root: Path, change: Callable[[pa.Table], pa.Table], **options: Any) -> None:  # noqa: ANN401
    """Write `ONE` anew, with a receipt that fits."""
    pq.write_table(change(pq.read_table(root / ONE)), root / ONE, **options)
    with_new_receipt(root, ONE)


def edit_report(root: Path, **changes: object) -> None:
    write_report(root, read_report(root).model_copy(update=changes))


def test_sound_dataset_has_no_problem_and_progress_ends_at_the_total(sound: Path) -> None:
    steps: list[tuple[int, int]] = []
    assert verify(sound, progress=lambda done, total: steps.append((done, total))) == []
    assert steps[-1] == (12, 12)


def test_dataset_of_one_level_and_split_is_sound(tmp_path: Path) -> None:
    make_dataset(tmp_path, [("test", make_row(Level.CLASS, "test"))])
    assert verify(tmp_path) == []


def test_what_the_hub_adds_to_a_download_is_no_problem(town: Path) -> None:
    (town / ".gitattributes").write_text("")
    (town / ".cache" / "huggingface").mkdir(parents=True)
    (town / ".cache" / "huggingface" / "x.lock").write_text("")
    assert verify(town) == []


def test_an_unfinished_build_is_one_problem(town: Path) -> None:
    (town / ".build" / "shards").mkdir(parents=True)
    for name in ("lock", "shards/00000.parquet"):
        (town / ".build" / name).touch()
    (problem,) = verify(town)
    assert (problem.file, "not finished: run it again" in problem.what) == (".build", True)


def test_missing_folder(tmp_path: Path) -> None:
    assert "no such folder" in whats(tmp_path / "x")


def test_empty_folder(tmp_path: Path) -> None:
    assert [problem.file for problem in verify(tmp_path)] == ["report.json"]


@pytest.mark.parametrize("name", ["README.md", "LICENSE-DATA.md", "plan.jsonl", ONE])
def test_missing_files(town: Path, name: str) -> None:
    (town / name).unlink()
    assert Problem(name, "", "file is missing") in verify(town)


def test_files_that_do_not_belong(town: Path) -> None:
    (town / "data" / "socio_class" / "test-00001-of-00002.parquet").write_bytes(b"")
    (town / "data" / ".train.part").write_bytes(b"")
    assert "test-00001-of-00002.parquet: file does not belong" in whats(town)
    assert ".train.part: left behind by an interrupted write" in whats(town)


def test_changed_file_does_not_fit_its_receipt(town: Path) -> None:
    data = bytearray((town / ONE).read_bytes())
    data[100] ^= 1
    (town / ONE).write_bytes(data)
    (problem,) = verify(town)
    assert problem == Problem(ONE, "", "size or sha256 differ from the receipt in report.json")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" * 30, b"x" * 1000])
def test_corrupt_parquet_is_a_problem(town: Path, data: bytes) -> None:
    (town / ONE).write_bytes(data or b"\0")
    with_new_receipt(town, ONE)
    assert "not a sound Parquet file" in whats(town)


@pytest.mark.parametrize("at", range(50, 6000, 500))
def test_damaged_pages_never_crash(town: Path, at: int) -> None:
    data = bytearray((town / ONE).read_bytes())
    data[-at : -at + 40] = b"\xff" * 40
    (town / ONE).write_bytes(data)
    with_new_receipt(town, ONE)
    assert all(isinstance(problem, Problem) for problem in verify(town))


def test_missing_column(town: Path) -> None:
    rewrite(town, lambda table: table.drop_columns("gsd"))
    assert "columns are missing, foreign or out of order: gsd" in whats(town)


def test_columns_out_of_order(town: Path) -> None:
    rewrite(town, lambda table: table.select(table.column_names[::-1]))
    assert "out of order: order" in whats(town)


def test_wrong_column_type(town: Path) -> None:
    at = ARROW_SCHEMA.get_field_index("zoom")
    rewrite(town, lambda table: table.set_column(at, "zoom", table["zoom"].cast(pa.int64())))
    assert "column zoom is int64; it must be int32" in whats(town)


def test_missing_feature_metadata(town: Path) -> None:
    rewrite(town, lambda table: table.replace_schema_metadata(None))
    assert "metadata lack the features" in whats(town)


def test_row_groups_of_too_many_rows(town: Path) -> None:
    rewrite(town, lambda table: pa.concat_tables([table] * 101))
    assert "row group 0 has 101 rows; 100 is the most" in whats(town)
    assert "101 rows; the receipt says 1" in whats(town)


def test_nulls(town: Path) -> None:
    empty = pa.array([None], pa.string())
    at = ARROW_SCHEMA.get_field_index("region")
    rewrite(town, lambda table: table.set_column(at, "region", empty))
    assert "null in region" in whats(town)


def test_id_in_two_files(tmp_path: Path) -> None:
    rows = [("train", make_row(Level.CLASS, "train")), ("test", make_row(Level.CLASS, "test"))]
    rows[1][1]["id"] = rows[0][1]["id"]
    make_dataset(tmp_path, rows)
    found = whats(tmp_path)
    assert "id stands in data/socio_class/train-00000-of-00001.parquet already" in found
    assert "planned 2 times" in found


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "line 1 is not a JSON object with an id"),
        ('["id"]', "line 1 is not a JSON object with an id"),
        ('{"id": 3}', "line 1 is not a JSON object with an id"),
        ('{"id": "new"}', "plan.jsonl, new: planned, but neither a row nor a reason"),
    ],
)
def test_plan_lines(town: Path, line: str, what: str) -> None:
    lines = (town / "plan.jsonl").read_text().splitlines()
    (town / "plan.jsonl").write_text("\n".join([line, *lines[1:]]))
    assert what in whats(town)
    assert "a row that was not planned" in whats(town)


def test_plan_that_is_no_text(town: Path) -> None:
    (town / "plan.jsonl").write_bytes(b"\xff\xfe\x00")
    assert "plan.jsonl: cannot be read" in whats(town)


def test_failed_samples(town: Path) -> None:
    row_id = json.loads((town / "plan.jsonl").read_text().splitlines()[0])["id"]
    failed = dict.fromkeys([row_id, "other"], read_report(town).failed["class_lost"])
    edit_report(town, failed=failed)
    found = whats(town)
    assert f"{row_id}: said to have failed, but it is a row" in found
    assert "other: a failed sample that was not planned" in found
    assert "class_lost: planned, but neither" in found


@pytest.mark.parametrize("name", ["planned", "ok", "negatives", "by_reason"])
def test_counts_of_the_report(town: Path, name: str) -> None:
    counts = read_report(town).counts
    wrong = {"tired": 1} if name == "by_reason" else 7
    edit_report(town, counts=counts.model_copy(update={name: wrong}))
    assert f"report.json: counts.{name} is {wrong}; the data gives" in whats(town)


def test_shares_of_the_report(town: Path) -> None:
    splits = read_report(town).splits
    shares = splits.shares | {"test": 0.3}
    edit_report(town, splits=splits.model_copy(update={"shares": shares}))
    assert "report.json: splits.shares.test is 0.300; it is 0.250" in whats(town)


def test_file_listed_twice(town: Path) -> None:
    files = read_report(town).files
    edit_report(town, files=[*files, files[0]])
    assert "are not numbered 0 to 1" in whats(town)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("test-00000", "test-00007", "configs in its YAML head"),
        ("- odbl\n", "", "license in its YAML head"),
        ("num_examples: 6", "num_examples: 5", "dataset_info in its YAML head"),
        ("---\n", "", "its YAML head cannot be read"),
        ("license:", "license: [", "its YAML head cannot be read"),
    ],
)
def test_card_that_does_not_fit(town: Path, old: str, new: str, what: str) -> None:
    text = (town / "README.md").read_text()
    (town / "README.md").write_text(text.replace(old, new))
    assert what in whats(town)


def test_card_may_be_edited_elsewhere(town: Path) -> None:
    text = (town / "README.md").read_text()
    edited = text.replace("SocioSeg Tiny Town", "My Town") + "\nA word of thanks.\n"
    (town / "README.md").write_text(edited)
    assert verify(town) == []


def test_synthetic_must_be_said(town: Path) -> None:
    imagery = [
        source.model_copy(update={"synthetic": True}) for source in read_report(town).imagery
    ]
    edit_report(town, imagery=imagery)
    assert "tags do not say that the images are synthetic" in whats(town)


@pytest.mark.parametrize("phrase", ["© OpenStreetMap contributors", "odbl/1-0", "Test Survey"])
def test_licence_file_must_name_all(town: Path, phrase: str) -> None:
    text = (town / "LICENSE-DATA.md").read_text()
    (town / "LICENSE-DATA.md").write_text(text.replace(phrase, "x"))
    assert "LICENSE-DATA.md: does not name" in whats(town)
