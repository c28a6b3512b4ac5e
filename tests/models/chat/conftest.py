"""Fixtures for chat engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from chatserver import KEY

from socioseg.models.chat.remote import RemoteChat

if TYPE_CHECKING:
    from chatserver import Chat
    from conftest import Serve
    from servers import FaultServer, Respond


@pytest.fixture
def chat(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """`chat(respond, **options)` is an engine and the local server that it asks."""
    monkeypatch.setenv("TEST_KEY", KEY)

    def connect(respond: Respond, **options: object) -> tuple[RemoteChat, FaultServer]:
        server = serve(respond)
        settings: dict[str, Any] = {"key": "TEST_KEY", "max_tokens": 99, "retries": 2, **options}
        return RemoteChat("tiny", f"{server.url}/v1", **settings), server

    return connect
