"""Models by name, by recipe file, or by class of anybody's package."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from socioseg.errors import UsageError
from socioseg.files import is_there, sha256_file
from socioseg.models.options import changed
from socioseg.recipe import Strict, find_recipe, hint, parse_recipe, read_recipe, recipe_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from socioseg.models.base import Model

_IMPORT_PATH = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
FOLDER_RECIPE = "model.yaml"
"""What makes a folder a model: its recipe. The class gets the folder as its `checkpoint`."""
_ALIASES = {
    "grabcut": "socioseg.models.grabcut:GrabCut",
    "fill": "socioseg.models.segmenters:Fill",
    "sam": "socioseg.models.sam:Sam",
    "sam2": "socioseg.models.sam2:Sam2",
    "local": "socioseg.models.chat.local:LocalChat",
    "openai": "socioseg.models.chat.remote:RemoteChat",
    "scripted": "socioseg.models.chat.scripted:Scripted",
    "truth": "socioseg.models.chat.truth:TruthChat",
}
"""Segmenters and chat engines by the short names that a recipe may use."""


class ModelRecipe(Strict):
    """A file of `baselines/`: which class, which weights, with which settings.

    `model` is `package.module:Class`; `options` are that class's arguments, among them the
    settings of generation; `revision` names the weights; `seed` is for models that draw.
    `train` is for `socioseg train`: the method, and that method's settings.
    """

    title: str = ""
    model: Annotated[str, Field(pattern=_IMPORT_PATH)]
    revision: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    batch_size: int = Field(default=1, ge=1)
    seed: int = 0
    train: dict[str, Any] = Field(default_factory=dict)


class LoadedModel(NamedTuple):
    """A model that is ready, and what its answers depend on."""

    name: str
    model: Model
    recipe: ModelRecipe
    revision: str
    """Of the weights, and of the code: what differs in either never passes for this model."""
    needs_truth: bool


def find_model(spec: str, options: Mapping[str, Any] | None = None) -> tuple[str, ModelRecipe]:
    """Name and recipe of the model that `spec` means; nothing of the model is imported.

    Parameters
    ----------
    spec
        The name of a file in `baselines/`, a YAML file, a folder that holds `model.yaml`, as
        `socioseg train` leaves it, or `package.module:Class`.
    options
        Arguments of the model's class that take the place of the recipe's; their names may be
        dotted, as in `chat.temperature`.

    Raises
    ------
    UsageError, RecipeError
        If there is no such model, or its recipe is wrong.
    """
    path, folder = find_recipe("baselines", spec), trained_folder(spec)
    if path:
        name, recipe = path.stem, read_recipe(path, ModelRecipe)
    elif folder:
        name, recipe = folder.resolve().name, read_recipe(folder / FOLDER_RECIPE, ModelRecipe)
    elif ":" in spec:
        name, recipe = spec, parse_recipe({"model": spec}, ModelRecipe, spec)
    else:
        known = recipe_files("baselines")
        raise UsageError(
            "A model is a baseline's name, a YAML file, a trained model's folder or"
            f" package.module:Class; there is none called {spec!r}{hint(spec, known)}"
        )
    return name, recipe.model_copy(update={"options": changed(recipe.options, options or {})})


def load_model(spec: str, options: Mapping[str, Any] | None = None) -> LoadedModel:
    """Import and make the model that `spec` means; see `find_model`.

    Raises
    ------
    UsageError, RecipeError
        If there is no such model, its package is missing, or its options are wrong.
    """
    name, recipe = find_model(spec, options)
    make = import_class(recipe.model, f"model {name}")
    # The folder is not of the recipe: a model that is moved stays the same model.
    folder = None if find_recipe("baselines", spec) else trained_folder(spec)
    place = {"checkpoint": str(folder)} if folder else {}
    model = build(make, {**place, **recipe.options}, f"model {name}")
    if not callable(getattr(model, "predict", None)):
        raise UsageError(f"model {name}: {recipe.model} has no method `predict`.")
    weights = recipe.revision or str(getattr(model, "revision", ""))
    return LoadedModel(
        name=name,
        model=model,
        recipe=recipe,
        revision=f"{weights}+{_code_hash(make)}".strip("+"),
        needs_truth=bool(getattr(model, "needs_truth", False)),
    )


def trained_folder(spec: str) -> Path | None:
    """The folder of a trained model that `spec` means; None where it means none."""
    return Path(spec) if spec and is_there(f"{spec}/{FOLDER_RECIPE}") else None


def load_part(spec: str | Mapping[str, Any], what: str) -> Any:  # noqa: ANN401 - any class's object
    """A part of a model, such as its segmenter, as a recipe's options name it.

    Parameters
    ----------
    spec
        A short name ("grabcut"), `package.module:Class`, or a mapping with one of these as
        `name` and the class's arguments beside it.
    what
        What the part is, for errors.

    Raises
    ------
    UsageError
        If there is no such part, its package is missing, or its options are wrong.
    """
    options = {"name": spec} if isinstance(spec, str) else dict(spec)
    name = str(options.pop("name", ""))
    path = _ALIASES.get(name, name)
    if ":" not in path:
        raise UsageError(f"There is no {what} {name!r}{hint(name, _ALIASES)}")
    return build(import_class(path, what), options, f"{what} {name}")


def import_class(path: str, what: str) -> Callable[..., Any]:
    """The class `package.module:Class`; the folder one stands in is searched last.

    Raises
    ------
    UsageError
        If there is no such module or class; `what` begins the sentence.
    """
    module_name, _, class_name = path.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UsageError(
            f"{what}: {module_name} cannot be imported ({error}); check the name or install it."
        ) from error
    found: Callable[..., Any] | None = getattr(module, class_name, None)
    if not callable(found):
        classes = [name for name, value in vars(module).items() if inspect.isclass(value)]
        raise UsageError(f"{what}: {module_name} has no {class_name!r}{hint(class_name, classes)}")
    return found


def build(make: Callable[..., Any], options: Mapping[str, Any], what: str) -> Any:  # noqa: ANN401 - any class's object
    """`make(**options)`.

    Raises
    ------
    UsageError
        If `make` does not take these options; `what` begins the sentence.
    """
    try:
        inspect.signature(make).bind(**options)
    except TypeError as error:
        known = ", ".join(inspect.signature(make).parameters) or "none"
        raise UsageError(f"{what}: {error}; its options: {known}.") from error
    return make(**options)


def _code_hash(make: Callable[..., Any]) -> str:
    """Of the file that the class stands in; empty where it stands in none."""
    try:
        source = inspect.getsourcefile(make)
    except TypeError:
        source = None
    return sha256_file(Path(source))[:12] if source else ""
