"""The writer of OSM files: a full disk is an exception, not the end of the process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import osmium
import pytest
from osmium.osm import mutable

from socioseg.osmwriter import osm_writer

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import gc, resource, sys
from pathlib import Path
from osmium.osm.mutable import Node
from socioseg.osmwriter import osm_writer
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with osm_writer(Path(sys.argv[1])) as writer:
        for number in range(int(sys.argv[2])):
            writer.add_node(Node(id=number, location=(1, 2)))
except OSError as error:
    print(error)
writer = None
gc.collect()
"""


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.osm.pbf"
    with osm_writer(path) as writer:
        writer.add_node(mutable.Node(id=7, location=(1, 2)))
    assert [item.id for item in osmium.FileProcessor(path)] == [7]


def test_an_error_of_the_body_is_not_the_disks(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="my own"), osm_writer(tmp_path / "a.osm"):
        raise RuntimeError("my own")
    with pytest.raises(FileNotFoundError), osm_writer(tmp_path / "no" / "a.osm"):
        pass


@pytest.mark.parametrize("nodes", [500, 200_000])  # it fails at the end, or on the way
def test_a_file_that_cannot_grow_is_an_exception(tmp_path: Path, nodes: int) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "town.osm"), str(nodes)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "File too large" in ended.stdout
