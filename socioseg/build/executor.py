"""The executor: maps a pure function over jobs, here or in local processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from socioseg.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    function: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[tuple[Job, Result]]:
    """Yield each job with its result, in the order in which they end.

    One worker means this process; more are spawned ones, so that no state is inherited. They end
    with this process, however it ends, and at once if it is interrupted or a job fails.

    Raises
    ------
    ServiceError
        If a worker process died; whatever the function raises.
    """
    if workers == 1 or len(jobs) <= 1:
        for job in jobs:
            yield job, function(job)
        return
    with _pool(min(workers, len(jobs))) as pool:
        try:
            with _interrupts_held():  # workers are started here, and leave Ctrl-C to us
                futures = {pool.submit(function, job): job for job in jobs}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            raise ServiceError(
                "a worker process died, perhaps out of memory: run the same command again to go "
                "on, with fewer --workers if it happens again."
            ) from error


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are ended, not waited for, where the body does not come to its end."""
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    done = False
    with ProcessPoolExecutor(workers, context, initializer=_watch_parent) as pool:
        try:
            yield pool
            done = True
        finally:
            for child in set() if done else set(multiprocessing.active_children()) - others:
                child.terminate()
            pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C for after the body; processes started in it never see it.

    They inherit the mask of this thread. It does not hold a signal off this process, which any
    other thread may take: that needs a handler, which only the main thread can set.
    """
    is_main = threading.current_thread() is threading.main_thread()
    held: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda *_: held.append(1)) if is_main else None
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if is_main:
            signal.signal(signal.SIGINT, handler)
        if held:
            signal.raise_signal(signal.SIGINT)


def _watch_parent() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent has gone; it would wait for the next job for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
