"""Fixtures that several parts share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from servers import FaultServer, Respond

# A busy machine is no fault of the code, and a landing should not depend on luck: examples are
# drawn anew on people's machines, and are always the same in CI.
settings.register_profile("socioseg", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("socioseg")

Serve = Callable[[Respond], FaultServer]
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve(respond)` starts a local server that ends with the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as servers:
        yield lambda respond: servers.enter_context(FaultServer(respond))


@pytest.fixture
def shared_data() -> Path:
    """Give the folder of real data; skip the test where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"the real test data is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a cache folder that many builds share, for the towns that they write."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def alone(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder; the services of the network refuse to connect."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOCIOSEG_CACHE", str(cache))
    for name in ("SOCIOSEG_NOMINATIM_URL", "SOCIOSEG_OVERPASS_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
