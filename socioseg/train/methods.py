"""What `socioseg train` can do: each method by its name, and what it is asked."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socioseg.errors import UsageError
from socioseg.models.registry import find_model, import_class
from socioseg.progress import Progress, quiet
from socioseg.recipe import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from socioseg.models.registry import ModelRecipe

METHODS: dict[str, str] = {
    "supervised": "socioseg.train.supervised:train",
    "warm": "socioseg.train.tinypolicy.train:train",
    "sft": "socioseg.train.sft.train:train",
    "grpo": "socioseg.train.grpo.train:train",
}
"""The function of each method: it takes a `Job` and returns what the command line shows."""
_ALONE = {"supervised", "warm"}
"""Methods of one process, which a launcher of several would have write over each other."""


@dataclass(frozen=True)
class TrainRequest:
    """What to train; the options of `socioseg train`.

    Attributes
    ----------
    model
        A baseline whose recipe has a key `train`; as `socioseg.models.registry.find_model`.
    dataset
        As `socioseg.bench.openset.open_samples` takes it.
    out
        The folder of the training.
    method
        Of `METHODS`, in place of the recipe's.
    settings
        Keys of the recipe's `train`, dotted, in place of the recipe's.
    limit_minutes
        Stop after so long; the same request goes on from there.
    device
        "auto", "cpu", "cuda", ...
    options
        Of the model, dotted, in place of its recipe's; see `find_model`.
    revision
        Of a dataset on the Hub.
    progress
        Called with a word, how many are done, and of how many.
    """

    model: str
    dataset: str
    out: Path
    method: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    limit_minutes: float | None = None
    device: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    progress: Progress = quiet


@dataclass(frozen=True)
class Job:
    """A request whose recipe was found: `name` of the model, `settings` of its method."""

    request: TrainRequest
    name: str
    recipe: ModelRecipe
    settings: dict[str, Any]


def train(request: TrainRequest) -> dict[str, Any]:
    """Train as `request` says; the same request goes on where it was stopped.

    Raises
    ------
    UsageError, RecipeError
        If the model cannot be trained, or a setting is wrong; what the method raises besides.
    """
    name, recipe = find_model(request.model, request.options)
    if not recipe.train:
        raise UsageError(f"{name} has nothing to train: its recipe has no key `train`.")
    method = request.method or str(recipe.train.get("method", ""))
    if method not in METHODS:
        raise UsageError(f"There is no way to train called {method!r}{hint(method, METHODS)}")
    _check_fits(name, method, recipe.train)
    run: Callable[[Job], dict[str, Any]] = import_class(METHODS[method], f"method {method}")
    settings = override(_settings_of(method, recipe.train), request.settings)
    return run(Job(request, name, recipe, settings))


def _check_fits(name: str, method: str, recipe: Mapping[str, Any]) -> None:
    """Refuse a method that the model is not for; a key `train` of one method is for that alone."""
    own = recipe.get("method") or method
    fit = [one for one in METHODS if one != "supervised"] if _of_several(recipe) else [own]
    if method not in fit:
        raise UsageError(f"{name} cannot be trained by {method}: it is for {', '.join(fit)}.")
    if method in _ALONE and "LOCAL_RANK" in os.environ and os.environ.get("WORLD_SIZE", "1") != "1":
        raise UsageError(f"{method} runs in one process: run it without `accelerate launch`.")


def _of_several(recipe: Mapping[str, Any]) -> bool:
    """Whether a key `train` speaks of methods by their names."""
    return any(isinstance(recipe.get(name), dict) for name in METHODS)


def _settings_of(method: str, recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a key `train` says of `method`: under its name, where it speaks of several."""
    if _of_several(recipe):
        return recipe.get(method) or {}
    return {key: value for key, value in recipe.items() if key != "method"}


def override(recipe: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`recipe` with the dotted keys of `changes` set; neither is changed.

    Raises
    ------
    UsageError
        If a key leads through something that is no mapping.
    """
    found = dict(recipe)
    for key, value in changes.items():
        first, dot, rest = key.partition(".")
        inner = found.get(first) or {}
        if dot and not isinstance(inner, dict):
            raise UsageError(f"--set {key}: {first} is a value, not a group of keys.")
        found[first] = override(inner, {rest: value}) if dot else value
    return found
