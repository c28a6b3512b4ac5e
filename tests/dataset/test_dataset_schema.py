"""Columns, as Arrow and as `datasets`."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest
from datasets import Features, Image, List, Value
from tiny import make_row

from socioseg.dataset.schema import ARROW_SCHEMA, COLUMNS, features, image_path, rows_to_table
from socioseg.sample import Level

UPSTREAM = ["id", "problem", "map_image", "sat_image", "mask_label"]


def test_first_columns_are_those_of_upstream() -> None:
    expected = {"id": Value("string"), "problem": Value("string")}
    expected |= dict.fromkeys(UPSTREAM[2:], Image())
    assert {name: features()[name] for name in COLUMNS[:5]} == expected


def test_metadata_are_what_datasets_itself_writes() -> None:
    own = Features.from_arrow_schema(pa.schema(list(ARROW_SCHEMA))) | {
        name: Image() for name in UPSTREAM[2:]
    }
    own = Features({name: own[name] for name in COLUMNS})
    assert own.arrow_schema.equals(ARROW_SCHEMA, check_metadata=True)


def test_lists_have_their_lengths() -> None:
    assert features()["boxes"] == List(List(Value("int32"), length=4))
    assert features()["transform"] == List(Value("float64"), length=6)


def test_rows_come_back_from_the_table() -> None:
    row = make_row(Level.CLASS, "train")
    table = rows_to_table([row])
    (found,) = table.to_pylist()
    assert table.schema.equals(ARROW_SCHEMA, check_metadata=True)
    assert found["sat_image"] == {"bytes": row["sat_image"], "path": f"{row['id']}_sat.jpg"}
    assert found["boxes"] == [list(box) for box in row["boxes"]]


@pytest.mark.parametrize(
    ("column", "data", "name"),
    [
        ("map_image", b"\x89PNG", "a_map.png"),
        ("sat_image", b"\xff\xd8\xff", "a_sat.jpg"),
        ("mask_label", b"\x89PNG", "a_mask.png"),
    ],
)
def test_image_names(column: str, data: bytes, name: str) -> None:
    assert image_path("a", column, data) == name


@pytest.mark.parametrize("change", [{"boxes": [(1, 2, 3)]}, {"zoom": "x"}, {"transform": [1.0]}])
def test_values_that_do_not_fit_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(pa.ArrowException):
        rows_to_table([make_row(Level.CLASS, "train") | change])


def test_missing_column_is_refused() -> None:
    row = make_row(Level.CLASS, "train")
    del row["gsd"]
    with pytest.raises(KeyError, match="gsd"):
        rows_to_table([row])


def test_light_imports() -> None:
    code = (
        "import sys, socioseg; early = {'pyarrow', 'numpy'} & set(sys.modules);"
        "import socioseg.dataset.store; slow = {'datasets', 'torch'} & set(sys.modules);"
        "sys.exit(str(early | slow) if early | slow else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
