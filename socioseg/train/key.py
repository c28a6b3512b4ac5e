"""What makes two trainings the same one: all that their weights depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from socioseg import __version__
from socioseg.recipe import Strict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_HASHES = {"dataset": "other samples", "weights": "other weights to begin with"}


class TrainKey(Strict):
    """All that the weights depend on, but for the machine.

    Attributes
    ----------
    model, method
        The baseline's name, and how it is trained.
    settings
        All of the method's, with their defaults.
    options
        Of the model, but for the place of its weights; none where the method needs none, or where
        an older version wrote it.
    dataset
        Fingerprint of the dataset's training split.
    socioseg
        Version of this package.
    """

    model: str
    method: str
    settings: dict[str, Any]
    options: dict[str, Any] = Field(default_factory=dict)
    dataset: str
    socioseg: str = __version__


def flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested `values` by dotted names, such as `policy.share`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        place = f"{before}{name}"
        found |= flat(value, f"{place}.") if isinstance(value, dict) else {place: value}
    return found


def difference(found: TrainKey, wanted: TrainKey, free: Collection[str]) -> str:
    """In what `found` is of another training than `wanted`, in words; empty where it is not.

    Parameters
    ----------
    free
        Dotted names of settings that may change while a training goes on.
    """
    return next(_differences(found, wanted, free), "")


def _differences(found: TrainKey, wanted: TrainKey, free: Collection[str]) -> Iterator[str]:
    for name in TrainKey.model_fields:
        old, new = getattr(found, name), getattr(wanted, name)
        if not isinstance(old, dict):
            if old != new:
                yield _HASHES.get(name) or f"{name} {old}, not {new}"
        elif old or name == "settings":
            yield from _of_keys(flat(old), flat(new), free)


def _of_keys(
    old: Mapping[str, Any], new: Mapping[str, Any], free: Collection[str]
) -> Iterator[str]:
    for key in dict.fromkeys((*new, *old)):
        before, now = old.get(key), new.get(key)
        if before != now and key not in free:
            yield _HASHES.get(key) or f"{key} = {before!r}, not {now!r}"
