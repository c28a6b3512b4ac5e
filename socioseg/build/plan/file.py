"""`plan.jsonl`: one line a planned sample, written before any image is touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from socioseg.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.build.plan.samples import Planned

PLAN = "plan.jsonl"


def write_plan(path: Path, samples: Sequence[Planned], splits: Sequence[str | None]) -> None:
    """Write the plan to `path`; `split` is null for a sample given up to keep splits apart."""
    lines = [_line(sample, split) for sample, split in zip(samples, splits, strict=True)]
    atomic_write(path, "".join(lines).encode())


def _line(sample: Planned, split: str | None) -> str:
    content = {
        "id": sample.id,
        "level": sample.level.value,
        "problem": sample.problem,
        "socio_name": sample.socio_name,
        "socio_class": sample.socio_class,
        "socio_function": sample.socio_function,
        "window": sample.window._asdict(),
        "osm_ids": sample.osm_ids,
        "split": split,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"
