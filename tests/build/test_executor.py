"""The executor: the same results here and in other processes."""

from __future__ import annotations

import operator
import os

import pytest

from socioseg.build.executor import run_jobs
from socioseg.errors import ServiceError


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_comes_back_with_its_result(workers: int) -> None:
    assert sorted(run_jobs(operator.neg, range(20), workers)) == [(i, -i) for i in range(20)]
    assert list(run_jobs(operator.neg, [], workers)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_job_is_raised(workers: int) -> None:
    with pytest.raises(TypeError):
        list(run_jobs(operator.neg, ["a", "b"], workers))


def test_a_worker_that_dies_is_told() -> None:
    with pytest.raises(ServiceError, match="run the same command again"):
        list(run_jobs(os._exit, [3, 3], 2))
