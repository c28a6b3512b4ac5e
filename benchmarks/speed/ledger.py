"""What each part of a run takes: a stopwatch around methods, exact where parts are nested."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Ledger:
    """Adds up by part what a meter shows, without what parts inside it take.

    Parameters
    ----------
    read
        Makes a mark: a time, a CUDA event, a count.
    between
        What lies between two marks; asked for when all is done, so that nothing waits before.
    closed
        Whether no mark may be made just now.
    """

    def __init__(
        self,
        read: Callable[[], Any],
        between: Callable[[Any, Any], float],
        closed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._read, self._between, self._closed = read, between, closed
        self._done: list[tuple[str, str | None, Any, Any]] = []
        self._open: list[str] = []
        self._kept: list[tuple[Any, str, bool, Any]] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What runs inside counts for `name`."""
        if self._closed():
            yield
            return
        outer = self._open[-1] if self._open else None
        self._open.append(name)
        begin = self._read()
        try:
            yield
        finally:
            self._done.append((name, outer, begin, self._read()))
            self._open.pop()

    def watch(self, owner: Any, method: str, name: Callable[..., str]) -> None:  # noqa: ANN401 - any object
        """Count each call of `owner.method` for the part that `name` makes of its arguments."""
        plain = getattr(owner, method)

        @functools.wraps(plain)
        def watched(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the method
            with self.part(name(*args, **options)):
                return plain(*args, **options)

        self._kept.append((owner, method, method in vars(owner), plain))
        setattr(owner, method, watched)

    def release(self) -> None:
        """Let every method be as it was."""
        for owner, method, own, plain in reversed(self._kept):
            if own:
                setattr(owner, method, plain)
            else:
                delattr(owner, method)
        self._kept.clear()

    def totals(self) -> dict[str, float]:
        """By part."""
        found: defaultdict[str, float] = defaultdict(float)
        for name, outer, begin, end in self._done:
            amount = self._between(begin, end)
            found[name] += amount
            if outer is not None:
                found[outer] -= amount
        return dict(found)


def stopwatch(device: str) -> Ledger:
    """Seconds: of the GPU's own clock where there is one, without making anything wait."""
    if not device.startswith("cuda"):
        return Ledger(time.perf_counter, lambda begin, end: end - begin)
    import torch  # noqa: PLC0415 - an extra

    def read() -> Any:  # noqa: ANN401 - a CUDA event
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(begin: Any, end: Any) -> float:  # noqa: ANN401 - CUDA events
        return float(begin.elapsed_time(end)) / 1000

    return Ledger(read, seconds, torch.cuda.is_current_stream_capturing)


def watch_parts(ledger: Ledger, chat: Any, cutter: Any) -> None:  # noqa: ANN401 - an engine, a segmenter
    """Tell the parts of a reasoner: vision, prefill, decode, SAM; what is left is the CPU's."""

    def forward(*args: Any, **options: Any) -> str:  # noqa: ANN401 - the model's
        ids = options.get("input_ids", args[0] if args else None)
        return "decode" if ids is not None and ids.shape[1] == 1 else "prefill"

    ledger.watch(chat, "write", lambda *_, **__: "decode")
    ledger.watch(chat.model, "forward", forward)
    ledger.watch(chat.model.model.visual, "forward", lambda *_, **__: "vision")
    for method in ("embed", "segment"):
        ledger.watch(cutter, method, lambda *_, **__: "SAM")
