"""Work in threads comes back in its order."""

from __future__ import annotations

import threading

import pytest

from socioseg.models.reason import abreast as module
from socioseg.models.reason.abreast import abreast


@pytest.fixture(params=[1, 4])
def cores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module.os, "cpu_count", lambda: request.param)
    return int(request.param)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
@pytest.mark.usefixtures("cores")
def test_results_stand_in_the_order_of_the_items(count: int) -> None:
    assert abreast(lambda item: item * item, range(count)) == [item**2 for item in range(count)]


def test_several_items_are_worked_on_at_once(cores: int) -> None:
    meeting = threading.Barrier(2 if cores > 1 else 1)
    assert abreast(lambda item: (meeting.wait(timeout=20), item)[1], [5, 6]) == [5, 6]


@pytest.mark.usefixtures("cores")
def test_an_error_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        abreast(lambda item: 1 / item, [1, 0, 1])
