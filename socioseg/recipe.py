"""Recipes: YAML files that say what to run; where they lie, and errors that name file and key."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from socioseg.errors import RecipeError
from socioseg.files import is_there

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["builders", "benchmarks", "baselines"]
MAX_BYTES = 1_000_000
_PACKAGE = Path(__file__).parent


class Strict(BaseModel):
    """A frozen part of a recipe that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def folders(kind: Kind) -> list[Path]:
    """Folders searched for recipes of `kind`: the user's, the repository's, the package's."""
    places = [Path.cwd() / kind, _PACKAGE.parent / kind, _PACKAGE / "_recipes" / kind]
    return [place for place in dict.fromkeys(places) if place.is_dir()]


def recipe_files(kind: Kind) -> dict[str, Path]:
    """Every recipe of `kind` by name; the first folder that has a name wins."""
    found: dict[str, Path] = {}
    for folder in folders(kind):
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find_recipe(kind: Kind, name: str) -> Path | None:
    """File of the recipe that `name` means: a YAML file's path, or a recipe's name."""
    if name.endswith((".yaml", ".yml")):
        if not is_there(name):
            raise RecipeError(f"{name}: no such recipe file; check the path.")
        return Path(name)
    return recipe_files(kind).get(name)


def nearest(word: str, known: Iterable[str]) -> str:
    """Words of `known` that look like `word`, as the end of a sentence; empty where none does."""
    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def hint(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that says that there is no `word`: words like it, else all `known`."""
    every = list(known)
    return nearest(word, every) or (f"; known: {', '.join(every)}." if every else ".")


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a recipe file as a mapping.

    Raises
    ------
    RecipeError
        If the file cannot be read, is too large, or is not a plain YAML mapping.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    if len(raw) > MAX_BYTES:
        raise RecipeError(
            f"{path}: {len(raw)} bytes is too large for a recipe; pass a YAML recipe."
        )
    try:
        text = raw.decode()
        aliases = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text))
        content = None if aliases else yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = " ".join(str(error).split())
        raise RecipeError(f"{path}: is not valid YAML ({line}); mend that line.") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: must be a YAML mapping of keys, without aliases.")
    if twice := _repeated_key(yaml.compose(text)):
        raise RecipeError(f"{path}: the key {twice!r} stands twice; delete one of them.")
    return content


def _repeated_key(node: yaml.Node | None) -> str:
    """A key that stands twice in a mapping of `node`, of which YAML would drop one."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        repeated = [str(key) for key, count in Counter(map(str, keys)).items() if count > 1]
        inner = (_repeated_key(value) for _, value in node.value)
        return next(filter(None, [*repeated, *inner]), "")
    if isinstance(node, yaml.SequenceNode):
        return next(filter(None, map(_repeated_key, node.value)), "")
    return ""


def parse_recipe(content: Mapping[str, Any], model: type[Model], where: str) -> Model:
    """`content` as `model`; `where` names its origin in errors.

    Raises
    ------
    RecipeError
        Naming `where`, the first wrong key, and the remedy.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise RecipeError(f"{where}: {_sentence(error, model)}") from error


def read_recipe(path: Path, model: type[Model]) -> Model:
    """The recipe in the file `path`."""
    return parse_recipe(read_yaml(path), model, str(path))


def _sentence(error: ValidationError, model: type[BaseModel]) -> str:
    first = error.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"]]
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        known = _keys(model, path[:-1])
        hint = nearest(path[-1], known) or f"; known keys: {', '.join(sorted(known))}."
        return f"unknown key {key!r}{hint}"
    given, why = first.get("input"), first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":
        why = f"it is a group of keys: {', '.join(sorted(_keys(model, path)))}"
    if first["type"] in {"list_type", "tuple_type"}:
        why = f"it is a list, as in [{given}]"
    place = f"{key} = {given!r}: " if key else ""
    return f"{place}{why[0].lower()}{why[1:]}; correct it."


def _keys(model: type[BaseModel], path: list[str]) -> set[str]:
    for part in path:
        field = model.model_fields.get(part)
        inner = _model_of(field.annotation) if field else None
        if inner is None:
            break
        model = inner
    return set(model.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any type form
    options = getattr(annotation, "__args__", (annotation,))
    models = (o for o in options if isinstance(o, type) and issubclass(o, BaseModel))
    return next(models, None)
