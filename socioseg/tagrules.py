"""Rules over OSM tags: keys to values, and the first of many that a feature's tags fulfil."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ANY = "*"

Values = str | list[str]
Rule = dict[str, Values]
"""Keys to a value, a list of values or "*" (any value but "no"); all keys must match."""
Condition = tuple[str, str]


def parts(value: str) -> list[str]:
    """Split the value of a tag, such as "soccer;basketball", into its parts."""
    return [part.strip() for part in value.split(";")] if ";" in value else [value]


def listed(values: Values) -> list[str]:
    """Values of a rule as a list."""
    return [values] if isinstance(values, str) else values


def among(part: str, values: Values) -> bool:
    """Whether one part of a tag's value is among the `values` of a rule."""
    return part not in ("", "no") if values == ANY else part in listed(values)


def holds(rule: Rule, tags: Mapping[str, str]) -> bool:
    """Whether `tags` fulfil every key of the rule."""
    return all(
        key in tags and any(among(part, values) for part in parts(tags[key]))
        for key, values in rule.items()
    )


def text(rule: Rule) -> str:
    """Rule in one line, such as "leisure=pitch + sport=soccer|football"."""
    return " + ".join(f"{key}={'|'.join(listed(values))}" for key, values in rule.items())


class Matcher:
    """Finds the first of many rules that tags fulfil, by looking up one key of each rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._index: dict[str, dict[str, list[int]]] = {}
        for number, rule in enumerate(rules):
            key, values = next(iter(rule.items()))
            by_value = self._index.setdefault(key, {})
            for value in listed(values):
                by_value.setdefault(value, []).append(number)

    def first(self, tags: Mapping[str, str]) -> int | None:
        """Position of the first rule that holds; None where none does."""
        best = None
        for key, value in tags.items():
            by_value = self._index.get(key)
            if by_value is None:
                continue
            for number in _candidates(by_value, value):
                if (best is None or number < best) and holds(self._rules[number], tags):
                    best = number
        return best


def _candidates(by_value: Mapping[str, list[int]], value: str) -> Iterator[int]:
    for part in parts(value):
        yield from by_value.get(part, ())
        yield from by_value.get(ANY, ())


def singles(rule: Rule) -> Iterator[tuple[Condition, ...]]:
    """Split the rule into one for each combination of its values."""
    for values in itertools.product(*(listed(values) for values in rule.values())):
        yield tuple(zip(rule, values, strict=True))


def covers(single: Sequence[Condition]) -> Iterator[frozenset[Condition]]:
    """Every rule of single values that matches whatever `single` matches."""
    options = [(None, (key, value), (key, ANY)) for key, value in single]
    for choice in itertools.product(*options):
        if any(choice):
            yield frozenset(condition for condition in choice if condition is not None)
