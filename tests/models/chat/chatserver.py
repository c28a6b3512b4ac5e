"""What a chat server sends, for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from servers import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from servers import FaultServer

    from socioseg.models.chat.remote import RemoteChat

    Chat = Callable[..., tuple[RemoteChat, FaultServer]]

JSON = {"Content-Type": "application/json"}
KEY = "sk-secret-of-the-test"


def says(content: str | None, finish: str = "stop", **message: object) -> Answer:
    """An answer as OpenAI's servers give it."""
    return sends(
        {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "tiny-2026",
            "system_fingerprint": "fp_1",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, **message},
                }
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }
    )


def sends(value: object, status: int = 200, **headers: str) -> Answer:
    return Answer(json.dumps(value).encode(), status, {**JSON, **headers})


def fails(
    status: int, message: str = "no", headers: Mapping[str, str] | None = None, **error: object
) -> Answer:
    return sends({"error": {"message": message, **error}}, status, **(headers or {}))


def asked(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.body)
    return body


def text_of(request: Request) -> str:
    """The text of the user's turn."""
    content = asked(request)["messages"][-1]["content"]
    return str(content[-1]["text"])
