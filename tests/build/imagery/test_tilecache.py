from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.imagery.tilecache import Tile, TileCache
from socioseg.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

TILES = st.integers(0, 22).flatmap(
    lambda z: st.tuples(st.just(z), *[st.integers(0, (1 << z) - 1)] * 2)
)
WRITER = """
import sys
from pathlib import Path
from socioseg.build.imagery.tilecache import TileCache
with TileCache(Path(sys.argv[1])) as cache:
    for n in range(int(sys.argv[2]), 100_000):
        cache.put("s", (20, n, n), n.to_bytes(4, "big") * 1000)
        print(n, flush=True)
"""


def writer(path: Path, first: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE, text=True
    )


def stop(process: subprocess.Popen[str]) -> list[int]:
    """Kill a writer; the tiles that it said it had put and nobody read of yet."""
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate()
    return [int(n) for n in said.split()]


@given(st.lists(st.tuples(st.sampled_from("ab"), TILES, st.binary())))
def test_what_was_put_last_is_got(puts: list[tuple[str, Tile, bytes]]) -> None:
    with TileCache(":memory:") as cache:  # type: ignore[arg-type]
        for put in puts:
            cache.put(*put)
        for source, tile, data in {put[:2]: put for put in puts}.values():
            assert cache.get(source, tile) == data


def test_missing_keeps_order_and_names_each_once(tmp_path: Path) -> None:
    with TileCache(tmp_path / "c.mbtiles") as cache:
        cache.put("s", (2, 1, 1), b"x")
        wanted = [(2, 3, 3), (2, 1, 1), (2, 0, 0), (2, 3, 3)]
        assert cache.missing("s", wanted) == [(2, 3, 3), (2, 0, 0)]
        assert cache.missing("other", [(2, 1, 1)]) == [(2, 1, 1)]
        assert cache.get("other", (2, 1, 1)) is None


def test_the_table_is_that_of_mbtiles_with_rows_from_the_south(tmp_path: Path) -> None:
    path = tmp_path / "c.mbtiles"
    with TileCache(path) as cache:
        cache.put("s", (3, 5, 1), b"x", '"tag"')
    database = sqlite3.connect(path)
    columns = "zoom_level, tile_column, tile_row, tile_data, source, etag, length(fetched_at)"
    rows = database.execute(f"SELECT {columns} FROM tiles").fetchall()
    database.close()
    assert rows == [(3, 5, 6, b"x", "s", '"tag"', 25)]


def test_kill_9_loses_nothing_that_was_put(tmp_path: Path) -> None:
    path, last = tmp_path / "c.mbtiles", -1
    for _ in range(3):
        process = writer(path, last + 1)
        assert process.stdout
        read = [int(process.stdout.readline()) for _ in range(50)]
        last = [*read, *stop(process)][-1]
        with TileCache(path) as cache:
            assert cache.missing("s", [(20, n, n) for n in range(last + 1)]) == []
            assert cache.get("s", (20, last, last)) == last.to_bytes(4, "big") * 1000


def test_readers_see_whole_tiles_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "c.mbtiles"
    with TileCache(path) as one, TileCache(path) as two:
        process = writer(path)
        assert process.stdout
        for _ in range(100):
            n = int(process.stdout.readline())
            data = n.to_bytes(4, "big") * 1000
            assert one.get("s", (20, n, n)) == two.get("s", (20, n, n)) == data
        stop(process)


def test_several_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c.mbtiles"
    writers = [writer(path, 1000 * n) for n in range(4)]
    for process in writers:
        assert process.stdout
        assert process.stdout.readline()
    for process in writers:
        stop(process)
    with TileCache(path) as cache:
        assert cache.missing("s", [(20, 1000 * n, 1000 * n) for n in range(4)]) == []


def filled(path: Path) -> Path:
    with TileCache(path) as cache:
        for n in range(50):
            cache.put("s", (9, n, n), bytes(5000))
    return path


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "c.mbtiles"
    path.write_bytes(b"this is no database at all" * 50)
    with pytest.raises(OutputError, match=r"c\.mbtiles is damaged: delete it"):
        TileCache(path)


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = filled(tmp_path / "c.mbtiles")
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(OutputError, match="is damaged: delete it"), TileCache(path) as cache:
        cache.get("s", (9, 1, 1))


def test_a_truncated_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = filled(tmp_path / "c.mbtiles")
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(OutputError, match="is damaged: delete it"), TileCache(path) as cache:
        cache.missing("s", [(9, n, n) for n in range(50)])


def test_another_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE mine (a)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(OutputError, match="is not a tile cache"):
        TileCache(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be used \(unable to open"):
        TileCache(tmp_path / "absent" / "c.mbtiles")


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with TileCache(tmp_path / "c.mbtiles") as cache:
        cache._db.execute("PRAGMA max_page_count = 10")
        with pytest.raises(OutputError, match=r"full.*free space"):
            cache.put("s", (0, 0, 0), bytes(100_000))


def test_closing_twice_does_nothing(tmp_path: Path) -> None:
    cache = TileCache(tmp_path / "c.mbtiles")
    cache.close()
    cache.close()
    with pytest.raises(OutputError, match="closed"):
        cache.get("s", (0, 0, 0))
