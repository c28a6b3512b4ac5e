"""What a server's answer, or its failure, amounts to: a reply, or the end of the run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from socioseg.models.chat.engine import CUT, Reply
from socioseg.models.chat.request import dress

if TYPE_CHECKING:
    from openai import APIError, APIStatusError

    from socioseg.models.chat.engine import Constraint

FILTERED = {"content_filter", "content_policy_violation"}
WORDS = {403: "refused", 408: "timeout", 429: "rate_limited"}
LONGEST = 300
"""Characters of a server's message that are kept."""


def reply_of(completion: Any, constraint: Constraint | None) -> Reply:  # noqa: ANN401 - whatever came
    """`completion` as a reply; nothing that a server sends raises here."""
    choices = getattr(completion, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    if message is None:
        return Reply("", "bad_answer", "the server's answer holds no message")
    usage = getattr(completion, "usage", None)
    return replace(
        _read(message, getattr(choice, "finish_reason", None), constraint),
        prompt_tokens=_count(usage, "prompt_tokens"),
        tokens=_count(usage, "completion_tokens"),
    )


def _read(message: Any, finish: Any, constraint: Constraint | None) -> Reply:  # noqa: ANN401 - whatever came
    text, refusal = _text(message, "content"), _text(message, "refusal")
    thoughts = _text(message, "reasoning_content") or _text(message, "reasoning")
    if finish == "content_filter":
        return Reply("", finish, "the server's filter stopped the reply")
    if refusal:
        return Reply("", "refused", refusal[:LONGEST])
    if finish == "length":
        return Reply(dress(text, thoughts, None), CUT, "the token budget ended it")
    if not isinstance(getattr(message, "content", None), str):
        return Reply("", "no_text", f"finished by {finish}")
    return Reply(dress(text, thoughts, constraint))


def _text(message: Any, name: str) -> str:  # noqa: ANN401 - whatever came
    value = getattr(message, name, None)
    return value if isinstance(value, str) else ""


def _count(usage: Any, name: str) -> int:  # noqa: ANN401 - whatever came
    value = getattr(usage, name, None)
    return value if isinstance(value, int) else 0


def failed_reply(error: APIStatusError) -> Reply:
    """The failure of one request, as a reply that says so."""
    word = WORDS.get(error.status_code, f"http_{error.status_code}")
    return Reply("", "content_filter" if error.code in FILTERED else word, words_of(error))


def words_of(error: APIError) -> str:
    """The server's own words, on one line and not too many."""
    body = error.body
    if isinstance(body, dict):
        body = body.get("message") or body.get("detail") or body
    return " ".join(str(body or error.message).split())[:LONGEST]
