"""What is asked of an OpenAI-compatible server, and how it may be asked otherwise."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.models.chat.engine import Constraint, Prompt
    from socioseg.models.chat.generation import Generation

WRAPPED = "answer"
"""Key of an answer that is no JSON object itself: servers take schemas of objects only."""


def body_of(prompt: Prompt, settings: Generation) -> dict[str, Any]:
    """Arguments of `chat.completions.create`, but for the model; see `adapt`."""
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    images = [
        {"type": "image_url", "image_url": {"url": data_url(image)}} for image in prompt.images
    ]
    content = [*images, {"type": "text", "text": prompt.text}]
    body: dict[str, Any] = {
        "messages": [*system, {"role": "user", "content": content}],
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
    }
    if settings.temperature:
        body |= {"top_p": settings.top_p, "seed": prompt.seed}
    if settings.temperature and settings.top_k:
        body["extra_body"] = {"top_k": settings.top_k}
    if settings.stop:
        body["stop"] = [*settings.stop]
    if prompt.constraint:
        body["response_format"] = response_format(prompt.constraint)
    return body


def data_url(image: NDArray[np.uint8]) -> str:
    """(H, W, 3) uint8 RGB as a PNG inside a URL: without loss, packed quickly."""
    from PIL import Image  # noqa: PLC0415 - a light import stays light

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def response_format(constraint: Constraint) -> dict[str, Any]:
    """`constraint` as servers know it: the JSON alone, without tags or thoughts."""
    schema = constraint.schema
    if not _is_object(schema):
        schema = {
            "type": "object",
            "properties": {WRAPPED: schema},
            "required": [WRAPPED],
            "additionalProperties": False,
        }
    named = {"name": WRAPPED, "schema": schema, "strict": True}
    return {"type": "json_schema", "json_schema": named}


def _is_object(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object"


def dress(text: str, thoughts: str, constraint: Constraint | None) -> str:
    """What a server sent, in the form that was asked for.

    Parameters
    ----------
    text
        Of the reply; with `constraint`, JSON by its `response_format`, if the server heeds it.
    thoughts
        What it sent apart, as its reasoning.
    constraint
        What the prompt held the reply to.
    """
    answer = None if constraint is None else _json_in(text, constraint)
    if constraint is None or answer is None:  # a free text, or one from a server that heeds nothing
        return f"<think>{thoughts}</think>{text}" if thoughts else text
    answer = f"<answer>{answer}</answer>" if constraint.tags else answer
    return f"<think>{thoughts}</think>{answer}" if constraint.thinking else answer


def _json_in(text: str, constraint: Constraint) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if _is_object(constraint.schema):
        return text
    if isinstance(value, dict) and value.keys() == {WRAPPED}:
        return json.dumps(value[WRAPPED], ensure_ascii=False)
    return text


OTHER_NAMES = {"max_tokens": "max_completion_tokens"}
"""What OpenAI's reasoning models call an argument; they say so, where others ignore new names."""
MAY_GO = ("temperature", "top_p", "top_k", "seed", "stop", "response_format")
"""Arguments without which a server that refuses them can still be asked."""


def changed(body: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, Any]:
    """`body` with arguments renamed, or left out where the new name is None."""
    names = {name: changes.get(name, name) for name in body}
    other = {new: body[name] for name, new in names.items() if new}
    if "top_k" in changes:
        other.pop("extra_body", None)
    return other


def refused_argument(param: str | None, text: str, body: Mapping[str, Any]) -> str | None:
    """Which argument of `body` a server does not take, by the words of its refusal.

    Parameters
    ----------
    param, text
        The argument that the server's error names, if any, and the error in words.
    """
    sent = [*body, *body.get("extra_body", {})]
    known = [name for name in (*OTHER_NAMES, *MAY_GO) if name in sent]
    if param in known:
        return param
    return next((name for name in known if re.search(rf"\b{name}\b(?! tokens)", text)), None)
