"""Atomic writes, receipts, JSON."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.errors import OutputError, ServiceError
from socioseg.files import (
    Receipt,
    atomic_path,
    atomic_write,
    is_there,
    json_bytes,
    output_errors,
    remove_parts,
    sha256_file,
    write_json,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_atomic_write_makes_parents_and_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.bin"
    atomic_write(path, b"one")
    atomic_write(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError, SystemExit])
def test_interrupted_write_leaves_the_old_file(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with atomic_path(path) as part:
            part.write_bytes(b"half")
            raise interruption

    with pytest.raises(interruption):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_kill_leaves_no_file_but_a_part_that_is_removed(tmp_path: Path) -> None:
    code = (
        "import os, pathlib; from socioseg.files import atomic_path\n"
        f"with atomic_path(pathlib.Path({str(tmp_path / 'x')!r})) as part:\n"
        "    part.write_bytes(b'half'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert not (tmp_path / "x").exists()
    assert remove_parts(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "free some space"), (errno.EACCES, "permissions")]
)
def test_system_errors_become_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match=f"Cannot write .*x .*{remedy}"):
        atomic_write(tmp_path / "x", b"")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"Not a directory|File exists"):
        atomic_write(tmp_path / "file" / "x", b"")


def test_errors_of_this_package_pass_through(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="gone"), output_errors(tmp_path):
        raise ServiceError("gone")


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()), max_size=5))
def test_json_is_read_back_and_does_not_depend_on_key_order(value: dict[str, object]) -> None:
    assert json.loads(json_bytes(value)) == value
    assert json_bytes(dict(reversed(value.items()))) == json_bytes(value)


def test_written_json_ends_with_a_newline(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"b": 1, "a": "é"})
    assert (tmp_path / "x.json").read_text("utf-8") == '{\n  "a": "é",\n  "b": 1\n}\n'


def test_sha256_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    assert sha256_file(tmp_path / "x").startswith("e3b0c44298fc1c14")


def test_receipt_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "shard.arrow"
    path.write_bytes(b"rows")
    receipt = Receipt.of(path, rows=3)
    receipt.write(path)
    assert Receipt.read(path) == receipt == (3, 4, sha256_file(path))
    assert receipt.matches(path)


def test_receipt_of_a_changed_or_missing_file_does_not_match(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"rows")
    receipt = Receipt.of(path, rows=1)
    path.write_bytes(b"r0ws")
    assert not receipt.matches(path)
    path.unlink()
    assert not receipt.matches(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rows": 1}', '{"rows": null}'])
def test_unreadable_receipt_counts_as_none(tmp_path: Path, text: str) -> None:
    Receipt.path_for(tmp_path / "x").write_text(text)
    assert Receipt.read(tmp_path / "x") is None


def test_a_name_that_no_file_can_have_is_not_there(tmp_path: Path) -> None:
    assert is_there(tmp_path)
    assert not is_there("x" * 5000)
    assert not is_there("nul\0byte")
