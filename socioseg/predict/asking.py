"""Ask a model every query about every square that it is about, and keep what it says."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from socioseg.bench.ask import ask
from socioseg.bench.log import Line
from socioseg.bench.rle import decode_mask
from socioseg.predict.grid import square_around
from socioseg.predict.merge import Finding
from socioseg.sample import Query

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.models.registry import LoadedModel
    from socioseg.predict.grid import Square
    from socioseg.predict.journal import Journal, Said
    from socioseg.predict.mapimage import MapImage
    from socioseg.predict.queries import Wanted
    from socioseg.predict.raster import Sat
    from socioseg.progress import Progress


class Failure(NamedTuple):
    """A question to which there is no answer: which query about which square, and why."""

    query: str
    window: str
    status: str
    detail: str


@dataclass
class Answers:
    """All that a model said.

    Attributes
    ----------
    findings
        For each query, by its number, what was found square by square.
    failures
        Questions that were asked and not answered.
    outside
        Numbers of the queries whose place the imagery does not show.
    asked
        How many questions were asked, before a stop too.
    no_imagery
        How many squares hold no valid pixel; no question is asked about them.
    """

    findings: dict[int, list[Finding]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    outside: list[int] = field(default_factory=list)
    asked: int = 0
    no_imagery: int = 0


class _Question(NamedTuple):
    query: Query
    valid: NDArray[np.bool_]


Plan = dict["Square", list[int]]
"""Squares in the order in which they are read, and the numbers of the queries about each."""


def plan(
    wanted: Sequence[Wanted], sat: Sat, squares: Sequence[Square], size: int
) -> tuple[Plan, list[int]]:
    """Which queries are about which squares, and the queries whose place lies outside of `sat`.

    A query with a point is about the one square of side `size` around it, any other about all
    of `squares`.
    """
    everywhere = [number for number, query in enumerate(wanted) if query.point is None]
    found: Plan = {square: list(everywhere) for square in squares if everywhere}
    outside = []
    for number, query in enumerate(wanted):
        if query.point is None:
            continue
        column, row = sat.grid.pixel_of(*query.point)
        if sat.grid.holds(column, row):
            found.setdefault(square_around(sat.grid, column, row, size), []).append(number)
        else:
            outside.append(number)
    return found, outside


def answers(
    loaded: LoadedModel,
    wanted: Sequence[Wanted],
    todo: tuple[Plan, list[int]],
    images: tuple[Sat, MapImage],
    journal: Journal,
    progress: Progress,
) -> Answers:
    """Ask `loaded` all that `todo`, from `plan`, says and that `journal` has no answer to.

    Raises
    ------
    SocioSegError
        Where the imagery or the map cannot be read, or the model can say nothing at all.
    OutputError
        If the journal cannot be written.
    """
    squares, outside = todo
    total = sum(map(len, squares.values()))
    found = Answers(outside=outside)
    questions = _questions(squares, wanted, images, loaded.recipe.seed, journal.said, found)
    while batch := list(islice(questions, loaded.recipe.batch_size)):
        journal.append(_lines(loaded, batch))
        progress("windows", len(journal.said), total)
    for square, numbers in squares.items():
        for number in numbers:
            if said := journal.said.get(_name(number, square)):
                _keep(number, square, said, wanted[number].text, found)
    return found


def _name(number: int, square: Square) -> str:
    """Of the question about `square` that the query `number` asks."""
    return f"{number}/{square.id}"


def _questions(
    squares: Mapping[Square, Sequence[int]],
    wanted: Sequence[Wanted],
    images: tuple[Sat, MapImage],
    seed: int,
    said: Container[str],
    found: Answers,
) -> Iterator[_Question]:
    """The questions, square by square, so that each is read once and few are held at a time."""
    sat, map_image = images
    for square, numbers in squares.items():
        open_ = [number for number in numbers if _name(number, square) not in said]
        if not open_:
            continue
        pixels, valid = sat.read(square)
        if not valid.any():
            found.no_imagery += 1
            continue
        drawn = map_image.read(square)
        for number in open_:
            text, level = wanted[number][:2]
            name = _name(number, square)
            dice = zlib.crc32(f"{seed}/{name}".encode())
            yield _Question(Query(name, level, text, pixels, drawn, dice), valid)


def _lines(loaded: LoadedModel, batch: Sequence[_Question]) -> list[Line]:
    """What `loaded` says to `batch`; of masks, the part that has imagery."""
    lines = []
    predictions = ask(loaded.model, [question.query for question in batch])
    for question, prediction in zip(batch, predictions, strict=True):
        mask = prediction.mask
        kept = prediction if mask is None else replace(prediction, mask=mask & question.valid)
        lines.append(Line.of(kept, question.query.level))
    return lines


def _keep(number: int, square: Square, said: Said, query: str, found: Answers) -> None:
    found.asked += 1
    if said.mask is None:
        found.failures.append(Failure(query, square.id, said.status, said.detail))
        return
    mask = decode_mask(said.mask)
    finding = Finding.of(square, mask, said.confidence)
    found.findings.setdefault(number, []).append(finding)
