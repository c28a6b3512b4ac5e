"""A server on 127.0.0.1 that speaks the part of the Hub's API that an upload needs."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LFS = (".parquet", ".jpg")


class Hub(ThreadingHTTPServer):
    """Records requests, and keeps what was uploaded and committed."""

    def __init__(self, status: int, existing: tuple[str, ...], *, lfs: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.existing = existing
        self.lfs = lfs
        self.requests: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()
        self.created: dict[str, Any] = {}
        self.blobs: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.message = ""
        self.card = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def commit(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.message = value["summary"]
            elif line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                self.files[value["path"]] = self.blobs[value["oid"]]
            else:
                self.deleted.append(value["path"])


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self) -> None:
        body, path = self._read(), self.path.partition("?")[0]
        self.server.requests.append((self.command, path))
        self.server.tokens.add(self.headers.get("Authorization"))
        if self.server.status:
            self._answer({"error": "as the test wants"}, self.server.status)
        elif path == "/api/repos/create":
            self.server.created = json.loads(body)
            self._answer({"url": f"{self.server.url}/datasets/me/town"})
        elif path == "/api/validate-yaml":
            self.server.card = json.loads(body)["content"]
            self._answer({"errors": [], "warnings": []})
        elif "/tree/" in path:
            self._answer([_entry(name) for name in self.server.existing])
        elif "/preupload/" in path:
            self._answer(
                {"files": [self._mode(file["path"]) for file in json.loads(body)["files"]]}
            )
        elif path.endswith("/lfs/objects/batch"):
            self._answer(self._batch(json.loads(body)))
        elif path.startswith("/upload/"):
            assert hashlib.sha256(body).hexdigest() == path.rpartition("/")[2]
            self.server.blobs[path.rpartition("/")[2]] = body
            self._answer({})
        elif "/commit/" in path:
            self.server.commit([json.loads(line) for line in body.splitlines()])
            url = f"{self.server.url}/datasets/me/town/commit/1"
            self._answer({"commitUrl": url, "commitOid": "1" * 40})
        else:
            self._answer({"error": "unknown"}, 404)

    def _batch(self, request: dict[str, Any]) -> dict[str, Any]:
        objects = [
            item | {"actions": {"upload": {"href": f"{self.server.url}/upload/{item['oid']}"}}}
            for item in request["objects"]
        ]
        return {"transfer": "basic", "objects": objects}

    def _mode(self, path: str) -> dict[str, Any]:
        mode = "lfs" if self.server.lfs and path.endswith(LFS) else "regular"
        return {"path": path, "uploadMode": mode, "shouldIgnore": False}

    do_GET = do_POST = do_PUT = _handle  # noqa: N815 - the base's names


def _entry(path: str) -> dict[str, Any]:
    return {"type": "file", "oid": "0" * 40, "size": 1, "path": path}


@contextmanager
def running_hub(
    status: int = 0, existing: tuple[str, ...] = (), *, lfs: bool = True
) -> Iterator[Hub]:
    """A server that answers every request with `status` if it is not 0.

    `existing` files are in the repository already; with `lfs` large kinds of files go by LFS.
    """
    with Hub(status, existing, lfs=lfs) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        yield hub
        hub.shutdown()
        thread.join()
