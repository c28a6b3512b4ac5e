"""RemoteReasoner: think and answer tags, a bare list of boxes; [] says that there is nothing.

Released (1e12Leon/RemoteReasoner): a Python literal; a text that does not begin and end with the
tags is itself tried as the answer; one flat box counts as a list of it; other entries are left out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.blocks import exact_parts
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer
from socioseg.models.answers.notes import Notes
from socioseg.models.answers.reader import read_whole
from socioseg.models.answers.released import released_box, thought
from socioseg.models.answers.schemas import box_schema, list_schema, plain, to_json
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.values import Json

_PYTHON = {"tuple", "trailing comma", "single quotes"}
"""What JSON lacks and a Python literal may have."""


def _strict(text: str, thinking: bool) -> Answer:  # noqa: FBT001 - one signature for all grammars
    return exact.exact_answer(text, _exact, thinking=thinking)


def _exact(value: Json) -> Answer:
    return exact.items_answer(_nested(exact.a_list(value)), lambda v: Item(exact.exact_box(v)))


def _nested(value: list[Json]) -> list[Json]:
    """The training data of the original hold one flat box where there is one object."""
    return [value] if len(value) == 4 and not any(isinstance(v, list) for v in value) else value


def _released(text: str) -> Answer:
    parts = exact_parts(text, thinking=True)
    answer = exact.read_or_say(lambda: _literal(text if parts is None else parts[1]))
    return answer._replace(thinking=thought(text))


def _literal(text: str) -> Answer:
    notes = Notes()
    value = read_whole(text.strip(), notes)
    if value is None or set(notes.repairs) - _PYTHON:
        raise exact.Wrong("bad_json")
    return exact.items_answer(_nested(exact.a_list(value)), lambda v: Item(released_box(v)))


def _write(items: Sequence[Item], _stage: int) -> str:
    return to_json([plain(item.box) for item in items if item.box])


def _schema(_stage: int, limit: int) -> dict[str, Json]:
    return list_schema(box_schema(limit))


REMOTEREASONER = Grammar(
    _strict, partial(loose_answer, rules=Rules(bare=True)), _released, _write, _schema
)
