"""What a training goes on from, where the disk is full or its files are damaged."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from train.colours import learn, request

from socioseg.errors import CheckpointError, OutputError
from socioseg.train.methods import train
from socioseg.train.record import WORK, read_log
from socioseg.train.state import read_state, require_whole, weights_errors, write_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_full_disk_is_said_whichever_library_meets_it(tmp_path: Path) -> None:
    values = {"a": torch.zeros(100_000)}
    path = tmp_path / "weights"
    for write in (torch.save, save_file):
        with (
            small_files(1000),
            pytest.raises(OutputError, match="Cannot write") as caught,
            weights_errors(path),
        ):
            write(values, path)
        assert "\n" not in str(caught.value)


def test_a_state_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with small_files(1000), pytest.raises(OutputError, match=r"Cannot write .*state\.pt"):
        write_state(tmp_path / "state.pt", {"values": torch.zeros(100_000)})
    assert not list(tmp_path.iterdir())


def test_the_systems_reason_is_told_where_there_is_one(tmp_path: Path) -> None:
    said = "Error while serializing: I/O error: No space left on device (os error 28)"
    with (
        pytest.raises(OutputError, match=r"\(No space left on device\): free some space"),
        weights_errors(tmp_path),
    ):
        raise SafetensorError(said)


def test_other_errors_are_left_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shapes differ"), weights_errors(tmp_path):
        raise RuntimeError("shapes differ")


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_state(tmp_path / "state.pt", {"step": 3, "weights": torch.arange(4)})
    state = read_state(tmp_path / "state.pt")
    assert (state["step"], state["weights"].tolist()) == (3, [0, 1, 2, 3])
    cut(tmp_path / "state.pt")
    with pytest.raises(CheckpointError, match=r"state\.pt is damaged: delete it"):
        read_state(tmp_path / "state.pt")


def test_a_training_whose_disk_is_full_says_so_and_goes_on_later(
    colours: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with small_files(200_000), pytest.raises(OutputError, match="Cannot write") as caught:
        learn(colours, out)
    assert "\n" not in str(caught.value)
    assert learn(colours, out)["steps"] == "8 of 8"


@pytest.mark.parametrize("pattern", ["*.safetensors", "optimizer.pt", "trainer_state.json"])
def test_a_damaged_checkpoint_is_named(colours: Path, tmp_path: Path, pattern: str) -> None:
    out = tmp_path / "out"
    train(request(colours, out, limit_minutes=0))
    (checkpoint,) = (out / WORK).glob("checkpoint-*")
    require_whole(checkpoint)
    (damaged,) = checkpoint.glob(pattern)
    cut(damaged)
    with pytest.raises(CheckpointError, match=f"{damaged.name} is damaged: delete {checkpoint}"):
        learn(colours, out)
    for path in checkpoint.iterdir():
        path.unlink()
    checkpoint.rmdir()
    assert learn(colours, out)["steps"] == "8 of 8"
    assert len(read_log(out)) == 2
