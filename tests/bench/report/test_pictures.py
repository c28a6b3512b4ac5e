"""Pictures of the gallery."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from socioseg.bench.report.pictures import SIDE, write_picture
from socioseg.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


def _file(kind: str, side: int = 64, mode: str = "RGB") -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg")])
def test_a_small_file_is_written_as_it_is(tmp_path: Path, kind: str, suffix: str) -> None:
    data = _file(kind)
    name = write_picture(data, tmp_path / "00001-sat")
    assert name == f"00001-sat{suffix}"
    assert (tmp_path / name).read_bytes() == data


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_a_large_file_becomes_a_small_jpeg(tmp_path: Path, mode: str) -> None:
    data = _file("PNG", 1500, mode)
    name = write_picture(data, tmp_path / "large")
    with Image.open(tmp_path / name) as image:
        assert (name, image.format, max(image.size)) == ("large.jpg", "JPEG", SIDE)
    assert (tmp_path / name).stat().st_size < len(data)


@pytest.mark.parametrize("data", [b"", b"<svg onload='alert(1)'/>", _file("PNG")[:20], b"GIF89a"])
def test_what_is_no_image_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DatasetError, match="not a sound image"):
        write_picture(data, tmp_path / "x")
    assert not list(tmp_path.iterdir())
