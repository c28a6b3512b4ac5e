"""Options of a model: what the recipe says, changed by what the user says."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Options = dict[str, Any]
_OURS = ("local", "openai")
_OF_BOTH = ("max_tokens", "temperature", "top_p", "top_k", "stop")
"""Options of a chat engine that outlive a change from one of ours to the other."""


class Parts(NamedTuple):
    """The parts of a reasoning model that a command may change; None leaves one as it is.

    `engine` and `segmenter` are names; `weights` are those of the language model, a folder, a Hub
    id, or a server's name of them; `base_url` is the server's address.
    """

    engine: str | None = None
    base_url: str | None = None
    weights: str | None = None
    segmenter: str | None = None
    prompts: str | None = None
    stages: int | None = None


def changed(options: Mapping[str, Any], changes: Mapping[str, Any]) -> Options:
    """`options` with `changes`, whose keys may be dotted: `chat.temperature`.

    A part that is named by a text alone, as in `chat: local`, becomes a mapping when one of its
    options is changed.

    Raises
    ------
    UsageError
        If a key leads through a value that has no keys.
    """
    result = deepcopy(dict(options))
    for key, value in changes.items():
        *path, last = key.split(".")
        place = result
        for step in path:
            place = _opened(place, step, key)
        place[last] = deepcopy(value)  # which a later change may lead into
    return result


def with_parts(options: Mapping[str, Any], parts: Parts) -> Options:
    """`options` of a reasoning model with the `parts` that a command names.

    Raises
    ------
    UsageError
        If the model has no such part.
    """
    asked = {name: value for name, value in parts._asdict().items() if value is not None}
    if asked and "chat" not in options:
        raise UsageError(f"--{next(iter(asked)).replace('_', '-')}: this model has no such part.")
    result = deepcopy(dict(options))
    if parts.engine:
        result["chat"] = _other_engine(result["chat"], parts.engine)
    chat = "chat.model" if _name(result.get("chat")) == "openai" else "chat.weights"
    keys = {"base_url": "chat.base_url", "weights": chat}
    own = {keys.get(name, name): value for name, value in asked.items() if name != "engine"}
    return changed(result, own)


def _opened(place: Options, step: str, key: str) -> Options:
    """The mapping under `step` of `place`, made where there is none."""
    inner = place.setdefault(step, {})
    if isinstance(inner, str):
        inner = place[step] = {"name": inner}
    if not isinstance(inner, dict):
        raise UsageError(f"{key}: {step} is {inner!r}, which has no keys.")
    return inner


def _other_engine(chat: Any, engine: str) -> Options:  # noqa: ANN401 - a name or a mapping
    """What is left of the options `chat` for another engine; its weights become its model."""
    known = chat if isinstance(chat, dict) else {"name": chat}
    if known.get("name") == engine:
        return dict(known)
    if engine not in _OURS:
        return {"name": engine}
    kept = {name: known[name] for name in _OF_BOTH if name in known}
    if engine == "openai" and "weights" in known:
        kept["model"] = known["weights"]
    return {"name": engine, **kept}


def _name(part: Any) -> str:  # noqa: ANN401 - a name or a mapping
    return str(part.get("name", "")) if isinstance(part, dict) else str(part)
