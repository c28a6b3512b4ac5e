"""Which samples of a dataset a run is of."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from socioseg.errors import DatasetError, UsageError
from socioseg.recipe import nearest
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.bench.samples import Key, Samples

ALL = "all"


WHOLE = "0/1"
"""The shard that is all."""


def parse_shard(text: str) -> slice:
    """`text` is i/n: of every n samples the one numbered i, from 0 to n - 1.

    Raises
    ------
    UsageError
        If it is not.
    """
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found or int(found[1]) >= int(found[2]):
        raise UsageError(f"--shard {text}: give i/n with i from 0 to n - 1, as in 0/4.")
    return slice(int(found[1]), None, int(found[2]))


def parse_level(text: str) -> tuple[Level, ...]:
    """Levels that `text` means: one, or all of them.

    Raises
    ------
    UsageError
        If there is no such level.
    """
    if text == ALL:
        return tuple(Level)
    if text not in set(Level):
        raise UsageError(f"There is no level {text!r}: choose one of {', '.join([*Level, ALL])}.")
    return (Level(text),)


def choose(
    samples: Samples,
    level: str = ALL,
    *,
    ids: Sequence[str] = (),
    limit: int | None = None,
    shard: str = WHOLE,
) -> list[Key]:
    """Samples to run, in the dataset's order.

    Parameters
    ----------
    level
        A level or "all".
    ids
        Only these samples; all by default.
    limit
        Only the first so many, of those of the levels and ids.
    shard
        i/n: of these, every nth from the ith on, which counts from 0.

    Raises
    ------
    UsageError
        If the level, the shard or an id cannot be.
    DatasetError
        If nothing is left, or an id stands twice in the dataset.
    """
    levels, share = parse_level(level), parse_shard(shard)
    whole = samples.index()
    keys = [key for key in whole if key.level in levels]
    twice = [name for name, count in Counter(key.id for key in keys).items() if count > 1]
    if twice:
        raise DatasetError(f"{samples.root}: the id {twice[0]} stands twice in {samples.split}.")
    if not keys:
        there = ", ".join(sorted({key.level for key in whole})) or "none at all"
        raise DatasetError(
            f"{samples.root} has no samples of level {level} in {samples.split}; it has {there}."
        )
    return _of_ids(keys, ids, samples)[:limit][share]


def _of_ids(keys: list[Key], ids: Sequence[str], samples: Samples) -> list[Key]:
    known, wanted = {key.id for key in keys}, set(ids)
    for name in sorted(wanted - known):
        where = f"{samples.root}, split {samples.split}"
        raise UsageError(f"There is no sample {name!r} in {where}{nearest(name, known) or '.'}")
    return [key for key in keys if key.id in wanted] if ids else keys
