"""The log: appended to, whole, one writer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from socioseg.bench.log import LOG, Line, open_log, read_log
from socioseg.bench.rle import decode_mask, encode_mask
from socioseg.errors import OutputError
from socioseg.metrics.runs import decode
from socioseg.models.base import Prediction, Stage
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20))


@given(masks)
def test_masks_survive(mask: NDArray[np.bool_]) -> None:
    code = encode_mask(mask)
    np.testing.assert_array_equal(decode_mask(code), mask)
    np.testing.assert_array_equal(decode({"size": code.size, "counts": code.counts}), mask)
    area = coco.area({"size": list(code.size), "counts": code.counts.encode()})
    assert int(area) == mask.sum()


@given(masks, st.lists(st.text()), st.text())
def test_lines_survive(mask: NDArray[np.bool_], texts: list[str], detail: str) -> None:
    seconds = {"chat": 0.25}
    prediction = Prediction(
        "name_1", mask, "ok", detail, [(0, 1, 2, 3)], [[(0.5, 1)]], texts, seconds
    )
    stages = (Stage("first", mask, notes=texts), Stage("second"))
    for one in (prediction, replace(prediction, stages=stages, confidence=0.0)):
        _survives(Line.of(one, Level.NAME))


def _survives(line: Line) -> None:
    data = line.to_bytes()
    assert data.count(b"\n") == 1
    assert data.isascii()
    assert Line.model_validate_json(data) == line


def _line(number: int) -> Line:
    return Line.of(Prediction(f"class_{number}", np.eye(9, dtype=np.bool_)), Level.CLASS)


def _log(run: Path, *numbers: int) -> Path:
    with open_log(run) as log:
        log.append(map(_line, numbers))
    return run / LOG


@pytest.mark.parametrize("tail", [b'{"id": "cl', b"\0\0\0\0", b"{}\n", b"\xff\n\n", b'{"id"\n{"id'])
def test_what_a_crash_leaves_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    path = _log(tmp_path, 1, 2)
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    assert [line.id for line in read_log(tmp_path)] == ["class_1", "class_2"]
    with open_log(tmp_path) as log:
        assert log.done == {"class_1", "class_2"}
        log.append([_line(3)])
    assert path.read_bytes() == whole + _line(3).to_bytes()


@given(st.data())
def test_any_cut_keeps_the_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    run = tmp_path_factory.mktemp("run")
    path = _log(run, 1, 2, 3)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    with open_log(run) as log:
        assert len(log.done) == whole[:cut].count(b"\n")
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[: len(log.done)])


def test_damage_in_the_middle_is_not_hidden(tmp_path: Path) -> None:
    path = _log(tmp_path, 1, 2, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:-9] + b"\n" + lines[2])
    with pytest.raises(OutputError, match="line 2 is damaged"):
        list(read_log(tmp_path))
    with pytest.raises(OutputError, match="line 2 is damaged"), open_log(tmp_path):
        pass


def test_the_last_line_of_a_sample_counts(tmp_path: Path) -> None:
    failed = Line.of(Prediction("class_1", None, "timeout"), Level.CLASS)
    with open_log(tmp_path) as log:
        log.append([failed, _line(2)])
        assert (log.done, log.failed) == ({"class_1", "class_2"}, {"class_1"})
        log.append([_line(1)])
        assert (log.done, log.failed) == ({"class_1", "class_2"}, set())
    assert list(read_log(tmp_path)) == [_line(2), _line(1)]
    with open_log(tmp_path) as log:
        log.append([failed])
        assert log.failed == {"class_1"}
    assert [line.ok for line in read_log(tmp_path)] == [True, False]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with (
        open_log(tmp_path),
        pytest.raises(OutputError, match="another process"),
        open_log(tmp_path),
    ):
        pass


def test_a_run_without_a_log_has_no_lines(tmp_path: Path) -> None:
    assert list(read_log(tmp_path)) == []
