"""Put the shards of a run together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.bench.fit import LEARNT
from socioseg.bench.log import LOG, RUN, Line, read_log
from socioseg.bench.runfile import RunInfo, check_same, read_run
from socioseg.errors import OutputError, UsageError
from socioseg.files import atomic_write, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def merge(runs: Sequence[Path], out: Path) -> dict[str, Any]:
    """Write the runs in the folders `runs`, shards of one, as one run into the new folder `out`.

    The lines stand by level and id; a sample that two runs hold must have ended alike in both.

    Returns
    -------
    dict
        For the command line: where the run is, and of how many samples.

    Raises
    ------
    UsageError
        If there are no runs.
    OutputError
        If the runs are of different models, datasets or settings, say different things of one
        sample, or `out` holds something already or cannot be written.
    """
    if not runs:
        raise UsageError("Give the folders of the runs to merge.")
    if (out / RUN).exists() or (out / LOG).exists():
        raise OutputError(f"{out} holds a run already; choose another --out.")
    infos = [read_run(run) for run in runs]
    for run, info in zip(runs, infos, strict=True):
        check_same(run, info.key, infos[0].key)
    lines = _lines(runs)
    ordered = sorted(lines.values(), key=lambda line: (line.level, line.id))
    sessions = [session for info in infos for session in info.sessions]
    merged = RunInfo(**{**dict(infos[0]), "sessions": sessions})
    write_json(out / RUN, merged.model_dump(mode="json"))
    if (runs[0] / LEARNT).exists():
        atomic_write(out / LEARNT, (runs[0] / LEARNT).read_bytes())
    atomic_write(out / LOG, b"".join(line.to_bytes() for line in ordered))
    return {"run": str(out), "samples": len(ordered)}


def _lines(runs: Sequence[Path]) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for run in runs:
        for line in read_log(run):
            known = found.setdefault(line.id, line)
            if (known.status, known.mask) != (line.status, line.mask):
                raise OutputError(f"{run}: {line.id} ended otherwise in another of these runs.")
    return found
