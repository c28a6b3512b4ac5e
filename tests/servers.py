"""A local HTTP server for tests that answers as told: well, badly, slowly, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What the server does; `length` is the Content-Length it claims, -1 to claim none."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    hang: bool = False
    drip: float = 0.0
    """Seconds between single bytes of the body."""


Respond = Callable[[Request], Answer]


class FaultServer:
    """Answers on 127.0.0.1 in threads of its own and keeps every request: a context manager."""

    def __init__(self, respond: Respond, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"respond": staticmethod(respond), "owner": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # the default of 5 drops connections that come at once


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    respond: Respond
    owner: FaultServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, dict(self.headers), body)
        self.owner.requests.append(request)
        answer = self.respond(request)
        if answer.hang:
            self.owner.closing.wait(10)
            self.close_connection = True
            return
        try:
            self._send(answer)
        except ConnectionError:  # the client has gone, as it may
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        length = len(answer.body) if answer.length is None else answer.length
        self.send_response(answer.status)
        lengths = {} if length < 0 else {"Content-Length": str(length)}
        for name, value in {**lengths, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not answer.drip:
            self.wfile.write(answer.body)
        for byte in answer.body if answer.drip else b"":
            self.wfile.write(bytes([byte]))
            if self.owner.closing.wait(answer.drip):
                break
        self.close_connection = length != len(answer.body)

    do_GET = do_POST = do_PUT = do_HEAD = _serve  # noqa: N815 - names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's word
        """Stay quiet."""
