"""What OSM tags mean: tags -> socio-class -> socio-function, as `taxonomy.yaml` says."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from socioseg import tagrules
from socioseg.errors import RecipeError, UsageError
from socioseg.recipe import Strict, nearest, read_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGED = Path(__file__).with_name("taxonomy.yaml")


class SocioClass(NamedTuple):
    """A category of places, the urban function it serves, and whether its names may be shown."""

    name: str
    function: str
    names: bool


class _Class(Strict):
    name: str = Field(min_length=1)
    names: bool = True
    rules: tuple[tagrules.Rule, ...] = ()
    fallback: tuple[tagrules.Rule, ...] = ()


class _Content(Strict):
    version: int
    functions: tuple[str, ...]
    excluded: tuple[tagrules.Rule, ...] = ()
    former_prefixes: tuple[str, ...] = ()
    reported: tagrules.Rule = Field(default_factory=dict)
    left_out: tagrules.Rule = Field(default_factory=dict)
    classes: dict[str, tuple[_Class, ...]]


class Taxonomy:
    """The classes in the order of their file, and what tells a feature's class from its tags.

    Attributes
    ----------
    classes : tuple of SocioClass
    functions : tuple of str
    version : str
    fingerprint : str
        SHA-256 (hex) of the content, whatever its layout and comments.
    """

    def __init__(self, content: _Content) -> None:
        self._content = content
        self.version = str(content.version)
        self.functions = content.functions
        self.classes = tuple(
            SocioClass(entry.name, function, entry.names) for function, entry in _entries(content)
        )
        text = json.dumps(content.model_dump(), sort_keys=True)
        self.fingerprint = hashlib.sha256(text.encode()).hexdigest()
        by_name = {socio_class.name: socio_class for socio_class in self.classes}
        ranked = _ranked(content)
        self._winners = [by_name[name] for name, _ in ranked]
        self._matcher = tagrules.Matcher([rule for _, rule in ranked])
        self._excluded = tagrules.Matcher(content.excluded)
        self._former = content.former_prefixes

    def classify(self, tags: Mapping[str, str]) -> SocioClass | None:
        """Class of a feature with `tags`; None where it has none or is not in use."""
        number = self._matcher.first(self._usable(tags))
        return None if number is None else self._winners[number]

    def unknown(self, tags: Mapping[str, str]) -> list[str]:
        """Semantic tags of a feature that no rule knows, as "key=value", for a report.

        Empty where the feature has a class, is not in use, or its tags are left out on purpose.
        """
        usable = self._usable(tags)
        if self._matcher.first(usable) is not None:
            return []
        wanted, left_out = self._content.reported, self._content.left_out
        return [
            f"{key}={part}"
            for key, value in usable.items()
            for part in tagrules.parts(value)
            if tagrules.among(part, wanted.get(key, []))
            and not tagrules.among(part, left_out.get(key, []))
        ]

    def rules(self, class_name: str) -> tuple[str, ...]:
        """Rules of a class as text, such as "leisure=pitch + sport=soccer|football".

        Raises
        ------
        UsageError
            There is no such class; the nearest names are offered.
        """
        for _, entry in _entries(self._content):
            if entry.name == class_name:
                return tuple(map(tagrules.text, [*entry.rules, *entry.fallback]))
        near = nearest(class_name, [known.name for known in self.classes])
        hint = near or "; `socioseg list classes` shows all."
        raise UsageError(f"there is no socio-class {class_name!r}{hint}")

    def _usable(self, tags: Mapping[str, str]) -> Mapping[str, str]:
        if self._excluded.first(tags) is not None:
            return {key: tags[key] for key in ("historic",) if key in tags}
        if "building" in tags and any(key.startswith(self._former) for key in tags):
            return {key: value for key, value in tags.items() if key != "building"}
        return tags


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Taxonomy of a YAML file; without one, that of the package (read once).

    Raises
    ------
    RecipeError
        The file cannot be read, has a wrong key or value, names a class twice or a function that
        is not in its list, has a class without a rule, or a rule that can never be reached.
    """
    return _packaged() if path is None else _load(path)


@functools.cache
def _packaged() -> Taxonomy:
    return _load(PACKAGED)


def _load(path: Path) -> Taxonomy:
    content = read_recipe(path, _Content)
    _check_classes(content, path)
    _check_reach(content, path)
    return Taxonomy(content)


def _entries(content: _Content) -> Iterator[tuple[str, _Class]]:
    for function, entries in content.classes.items():
        for entry in entries:
            yield function, entry


def _ranked(content: _Content) -> list[tuple[str, tagrules.Rule]]:
    """Every rule with its class's name, in the order in which they are tried."""
    entries = [entry for _, entry in _entries(content)]
    rules = [(entry.name, rule) for entry in entries for rule in entry.rules]
    return rules + [(entry.name, rule) for entry in entries for rule in entry.fallback]


def _check_classes(content: _Content, path: Path) -> None:
    seen: set[str] = set()
    for function, entry in _entries(content):
        where = f"{path}: classes.{function}: "
        if function not in content.functions:
            known = ", ".join(content.functions)
            raise RecipeError(f"{where}this function is not in `functions`; use one of {known}.")
        if entry.name in seen:
            raise RecipeError(
                f"{where}the class {entry.name!r} stands twice; put its rules into one entry."
            )
        if not (entry.rules or entry.fallback):
            raise RecipeError(
                f"{where}the class {entry.name!r} has no rule; give it `rules` or a `fallback`."
            )
        seen.add(entry.name)


def _check_reach(content: _Content, path: Path) -> None:
    """Refuse rules without a key, and those of which a value is always taken by an earlier one."""
    seen: dict[frozenset[tagrules.Condition], str] = {}
    for name, rule in [*(("excluded", rule) for rule in content.excluded), *_ranked(content)]:
        if not rule or not all(map(tagrules.listed, rule.values())):
            raise RecipeError(f"{path}: a rule of {name!r} is empty; give it a key and a value.")
        for single in tagrules.singles(rule):
            taker = next((seen[cover] for cover in tagrules.covers(single) if cover in seen), None)
            if taker is not None:
                raise RecipeError(
                    f"{path}: the rule {tagrules.text(dict(single))!r} of {name!r} can never be "
                    f"reached, an earlier rule of {taker!r} takes it; remove it or move it up."
                )
            seen[frozenset(single)] = name
