"""Suites: files of `benchmarks/` that say which datasets, splits and levels make a benchmark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from socioseg.dataset.load import find_dataset
from socioseg.errors import DatasetError, UsageError
from socioseg.recipe import Strict, find_recipe, hint, read_recipe, recipe_files

if TYPE_CHECKING:
    from socioseg.bench.run import BenchRequest


class Part(Strict):
    """One run of a suite: `build` is the command that makes its dataset, if one does."""

    dataset: str = Field(min_length=1)
    revision: str = ""
    split: Literal["train", "validation", "test"] = "test"
    level: Literal["name", "class", "function", "all"] = "all"
    build: str = ""


class Suite(Strict):
    """A file of `benchmarks/`; `parts` by the name of the folder that each run gets."""

    title: str = ""
    note: str = ""
    parts: dict[str, Part] = Field(min_length=1)


def load_suite(name: str) -> Suite:
    """The suite that `name` means: the name of a file in `benchmarks/`, or a YAML file.

    Raises
    ------
    UsageError, RecipeError
        If there is none, or it has a wrong key or value.
    """
    path = find_recipe("benchmarks", name)
    if path is None:
        known = recipe_files("benchmarks")
        raise UsageError(f"There is no suite {name!r}{hint(name, known)}")
    return read_recipe(path, Suite)


def requests_of(suite: str | None, request: BenchRequest) -> list[BenchRequest]:
    """`request` as it is, or for each part of the suite called `suite`.

    Raises
    ------
    UsageError
        If neither a dataset nor a suite was named, or both.
    """
    if bool(suite) == bool(request.dataset):
        raise UsageError("Say what to run on: either --dataset or --suite.")
    return suite_requests(load_suite(suite), request) if suite else [request]


def suite_requests(suite: Suite, request: BenchRequest) -> list[BenchRequest]:
    """`request` for each part of `suite`; of several, each gets a folder of its own in `out`.

    Dataset, revision, split and level are the suite's.

    Raises
    ------
    DatasetError
        If a dataset that has to be built is not there; says how.
    """
    for part in suite.parts.values():
        if part.build and find_dataset(part.dataset) is None:
            raise DatasetError(f"There is no dataset {part.dataset}: make it with `{part.build}`.")
    return [
        replace(
            request,
            dataset=part.dataset,
            revision=part.revision,
            split=part.split,
            level=part.level,
            out=request.out / name if len(suite.parts) > 1 else request.out,
        )
        for name, part in suite.parts.items()
    ]
