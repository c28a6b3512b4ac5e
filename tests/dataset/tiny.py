"""A tiny good dataset of two places, to be loaded, damaged and published."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from socioseg.dataset.card import write_card
from socioseg.dataset.report import Report, write_report
from socioseg.dataset.schema import SPLITS, rows_to_table
from socioseg.dataset.store import write_split
from socioseg.instances import instance_boxes
from socioseg.sample import CRS, Level, Window

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.dataset.report import DataFile

Row = tuple[str, dict[str, Any]]
"""Split and sample."""
ZOOM, SIZE = 17, 64
PLACES = {
    "train": ("Oak School", "school", "Educational"),
    "validation": ("First Bank", "bank", "Commercial service"),
    "test": ("City Zoo", "zoo", "Park and greenspace"),
}
"""Name, class and function of what each split shows."""


def encode(pixels: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def square_mask(offset: int = 8) -> NDArray[np.uint8]:
    mask = np.zeros((SIZE, SIZE), dtype=np.uint8)
    mask[offset : offset + 20, 4:30] = 255
    return mask


def make_row(
    level: Level,
    split: str,
    number: int = 0,
    mask: NDArray[np.uint8] | None = None,
    **changes: object,
) -> dict[str, Any]:
    """One sound sample, then changed; windows of the splits lie 1000 pixels apart."""
    mask = square_mask(8 + number) if mask is None else mask
    east = 1000 * SPLITS.index(split) + 100 * number
    window = Window(ZOOM, 9_000_000 + east, 12_000_000, SIZE)
    name, kind, function = PLACES[split]
    texts = {"name": f"{name} {number}", "class": kind, "function": function}
    digest = hashlib.sha256(f"{level}{split}{number}".encode()).hexdigest()[:16]
    noise = np.random.default_rng(number).integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)
    row = {
        "id": f"{level}_{digest}",
        "problem": texts[level],
        "map_image": encode(noise),
        "sat_image": encode(noise[::-1], "JPEG"),
        "mask_label": encode(mask),
        "level": str(level),
        "socio_name": texts["name"] if level is Level.NAME else "",
        "socio_class": "" if level is Level.FUNCTION else kind,
        "socio_function": function,
        "boxes": instance_boxes(mask > 0),
        "instances": len(instance_boxes(mask > 0)),
        "region": "tiny",
        "crs": CRS,
        "transform": window.transform,
        "zoom": ZOOM,
        "gsd": window.gsd,
        "osm_ids": [f"way/{10 * SPLITS.index(split) + number}"] if mask.any() else [],
        "osm_timestamp": "2025-01-02T03:04:05Z",
        "image_source": "test-photo",
        "image_license": "CC-BY-4.0",
        "image_attribution": "Test Survey",
        "map_style": "standard",
    }
    return row | changes


def good_rows() -> list[Row]:
    """(split, row): two samples of each level in `train`, one in the other splits."""
    counts = {"train": 2, "validation": 1, "test": 1}
    return [
        (split, make_row(level, split, number))
        for level in Level
        for split in SPLITS
        for number in range(counts[split])
    ]


def make_report(rows: list[Row], files: list[DataFile], **changes: object) -> Report:
    splits = [split for split, _ in rows]
    imagery = {
        "id": "test-photo",
        "license": "CC-BY-4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "attribution": "Test Survey",
        "redistribute": "yes",
        "date": "2024",
    }
    content = {
        "fingerprint": "0" * 16,
        "socioseg": "0.1.0",
        "recipe": {"zoom": ZOOM, "size": SIZE},
        "region": {"name": "Tiny Town", "bounds": (1.0, 2.0, 3.0, 4.0)},
        "splits": {
            "method": "blocks",
            "requested": {"train": 0.6, "validation": 0.1, "test": 0.3},
            "shares": {split: splits.count(split) / max(1, len(splits)) for split in SPLITS},
            "given_up": 0.02,
            "class_distance": 0.03,
            "details": {"block_metres": 900},
        },
        "counts": {
            "planned": len(rows) + 1,
            "ok": len(rows),
            "negatives": sum(not row["instances"] for _, row in rows),
            "by_reason": {"too_small": 1},
        },
        "failed": {"class_lost": {"reason": "too_small", "detail": "4 pixels"}},
        "osm": {"source": "tiny.osm.pbf", "timestamp": "2025-01-02T03:04:05Z"},
        "imagery": [imagery],
        "files": files,
    }
    return Report.model_validate(content | changes)


def make_dataset(root: Path, rows: list[Row] | None = None, **changes: object) -> Report:
    """A dataset folder of `rows`, sound unless they are not; `changes` go to the report."""
    rows = good_rows() if rows is None else rows
    files = []
    for level in Level:
        for split in SPLITS:
            wanted = [row for where, row in rows if (where, row["level"]) == (split, level)]
            files += write_split(root, level, split, [rows_to_table(wanted)])
    report = make_report(rows, files, **changes)
    plan = [{"id": row["id"]} for _, row in rows] + [{"id": "class_lost"}]
    lines = (json.dumps(line, sort_keys=True) for line in plan)
    (root / "plan.jsonl").write_text("".join(f"{line}\n" for line in lines))
    write_report(root, report)
    write_card(root, report)
    return report
