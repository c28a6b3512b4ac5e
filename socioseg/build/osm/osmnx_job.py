"""A request to Overpass or Nominatim: run in a child process with a deadline, cached."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socioseg import errors
from socioseg.errors import ServiceError, UsageError
from socioseg.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Mapping

PAUSE = 5.0
"""Seconds before a request to a busy server is repeated for the first time; doubles each time."""
STAMP = "@osm_base"
"""Column of an answer of Overpass that holds the date of its data."""


def endpoint_for(given: str | None, variable: str, default: str) -> str:
    """Address of a service: the one given, or that of an environment variable, or the default.

    Raises
    ------
    UsageError
        If it is no http(s) address.
    """
    endpoint = (given or os.environ.get(variable) or default).rstrip("/")
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{variable}: {endpoint!r} is no http(s) address; correct it or unset it.")
    return endpoint


def run_job(job: Mapping[str, Any], *, cache: Path, deadline: float, pause: float = PAUSE) -> Path:
    """Path of the answer to `job`: from the cache, or through OSMnx in a child process.

    Parameters
    ----------
    job : mapping
        `kind`, `endpoint` and what the kind needs; it is the key of the cache.
    cache : Path
        Folder of answers; errors are never kept.
    deadline : float
        Seconds after which the child is ended.
    pause : float
        Seconds before a busy server is asked again for the first time.

    Raises
    ------
    ServiceError, RegionError, OsmError
        If there is no answer in time, or none of use.
    """
    key = hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()[:24]
    target: Path = cache / str(job["kind"]) / key
    if not target.exists():
        patience = {"deadline": deadline, "end": time.time() + deadline, "pause": pause}
        atomic_write(target, _answer({**job, **patience}))
    return target


def late(job: Mapping[str, Any]) -> ServiceError:
    """What to raise when a service took too long."""
    return ServiceError(
        f"{_host(job)} did not answer within {job['deadline']:g} s; try again later, or set"
        f" another server with {job['variable']}."
    )


def _answer(job: Mapping[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="socioseg-") as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps(job))
        failure = _run_child(folder, job)
        if (folder / "error.json").exists():
            told = json.loads((folder / "error.json").read_bytes())
            raise getattr(errors, told["error"])(told["message"])
        if not (folder / "result").exists():
            raise ServiceError(f"{_host(job)}: the answer could not be read ({failure}).")
        return (folder / "result").read_bytes()


def _host(job: Mapping[str, Any]) -> str:
    return urlsplit(str(job["endpoint"])).netloc


def _run_child(folder: Path, job: Mapping[str, Any]) -> str:
    """Run the child on `folder`; return the last line that it wrote to stderr.

    -P: a file in the current folder must not stand in for a module.
    """
    command = [sys.executable, "-P", "-m", "socioseg.build.osm.osmnx_child", str(folder)]
    # The child knows the end too and tells more; the margin lets it speak first.
    limit = job["end"] - time.time() + 2
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            command, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise late(job) from error
    return (done.stderr.strip().splitlines() or ["no reason given"])[-1]
