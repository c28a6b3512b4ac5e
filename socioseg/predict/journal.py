"""What a model has said so far, on disk beside the polygons, to go on with after a stop."""

from __future__ import annotations

import json
import logging
import shutil
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.bench.log import RUN, open_log, read_log
from socioseg.errors import OutputError
from socioseg.files import json_bytes, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from socioseg.bench.log import Line, Log
    from socioseg.bench.rle import Rle
    from socioseg.predict.queries import Wanted
    from socioseg.predict.run import PredictRequest

log = logging.getLogger(__name__)
_SUFFIX = ".answers"
_NOT_ASKED = ("crs", "simplify")
"""What polygons are made with, and no answer depends on."""


class Said(NamedTuple):
    """Of an answer what polygons are made of; fields as in `Line`."""

    status: str
    detail: str
    mask: Rle | None
    confidence: float | None


class Journal:
    """What was said so far.

    Attributes
    ----------
    said
        By the name of the question.
    """

    def __init__(self, log: Log, lines: Iterable[Line] = ()) -> None:
        self._log = log
        self.said: dict[str, Said] = {}
        self._note(lines)

    def append(self, lines: Sequence[Line]) -> None:
        """Write `lines`; when this returns they are on the disk.

        Raises
        ------
        OutputError
            If the disk is full or the like.
        """
        self._log.append(lines)
        self._note(lines)

    def _note(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.said[line.id] = Said(line.status, line.detail, line.mask, line.confidence)


def key_of(
    request: PredictRequest, about: Mapping[str, Any], wanted: Sequence[Wanted]
) -> dict[str, Any]:
    """All that answers depend on: what is said `about` the whole, the files, and the queries."""
    kept = {name: value for name, value in about.items() if name not in _NOT_ASKED}
    files = {f"{name} file": _stamp(getattr(request, name)) for name in ("sat", "map", "osm")}
    drawn = {"style": request.style, "language": request.language}
    return kept | files | drawn | {"list of queries": zlib.crc32(repr(wanted).encode())}


def _stamp(name: str | None) -> list[int]:
    """Tells a file from what it was before; the same for all that is no file here."""
    path = Path(name or "")
    if not path.is_file():
        return []
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


@contextmanager
def open_journal(out: Path, key: Mapping[str, Any]) -> Iterator[Journal]:
    """The journal of the polygons `out`.

    It is deleted when the body ends; if that raises, it is kept if it holds an answer. Questions
    that were not answered are asked again.

    Raises
    ------
    OutputError
        If it holds answers that depend on another `key`, another process writes there, or it
        cannot be written.
    """
    folder = out.with_name(out.name + _SUFFIX)
    with open_log(folder) as written:
        journal = Journal(written, (line for line in read_log(folder) if line.ok))
        if journal.said:
            _check_same(folder, key)
            log.info("going on after %d answers in %s", len(journal.said), folder)
        else:
            write_json(folder / RUN, key)
        ended = False
        try:
            yield journal
            ended = True
        finally:
            if ended or not journal.said:
                shutil.rmtree(folder, ignore_errors=True)


def _check_same(folder: Path, key: Mapping[str, Any]) -> None:
    try:
        found = dict(json.loads((folder / RUN).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise OutputError(f"{folder / RUN} is damaged: delete {folder}.") from error
    for name, value in json.loads(json_bytes(key)).items():
        if found.get(name) != value:
            raise OutputError(
                f"{folder} holds answers of a prediction that was stopped, with another {name}:"
                " give the same options to go on with it, delete it, or choose another --out."
            )
