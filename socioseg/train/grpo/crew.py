"""The processes of a training, each with its share of the queries; through accelerate."""

from __future__ import annotations

import atexit
import faulthandler
import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Crew:
    """What the processes do together; one alone is a crew too.

    Attributes
    ----------
    size, rank
        How many there are, and which this is.
    """

    def __init__(self, *, cpu: bool) -> None:
        from accelerate import Accelerator  # noqa: PLC0415 - an extra

        if torch.distributed.is_available():  # imported later it would keep the group: see `_end`
            import_module("torch.distributed.nn")
        self._accelerator = Accelerator(cpu=cpu)
        self.size: int = self._accelerator.num_processes
        self.rank: int = self._accelerator.process_index
        if self.size > 1:
            faulthandler.enable()  # a library that aborts a process does not say where
            atexit.register(self._end)

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes."""
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        """Where this process computes."""
        device: torch.device = self._accelerator.device
        return torch.device("cpu") if device.type == "cpu" else device  # and not cpu:0

    def share(self, items: Sequence[Any]) -> Sequence[Any]:
        """The part of `items` that is this process's: a run, as long as others' or one longer."""
        base, extra = divmod(len(items), self.size)
        start = self.rank * base + min(self.rank, extra)
        return items[start : start + base + (self.rank < extra)]

    def totals(self, values: Mapping[str, float]) -> dict[str, float]:
        """The sum of each value over all processes, which must bring the same names."""
        row = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        found = self._accelerator.reduce(row, "sum").tolist() if self.size > 1 else row.tolist()
        return dict(zip(values, found, strict=True))

    def most(self, value: float) -> float:
        """The greatest of all processes."""
        found: float = max(self.gather([value]))
        return found

    def gather(self, items: list[Any]) -> list[Any]:
        """The items of all processes, in the order of `share`."""
        if self.size == 1:
            return items
        from accelerate.utils import gather_object  # noqa: PLC0415 - an extra

        found: list[Any] = gather_object(items)
        return found

    def sum_up(self, tensors: Iterable[torch.Tensor]) -> None:
        """Replace each tensor by its sum over all processes."""
        if self.size > 1:
            for tensor in tensors:
                torch.distributed.all_reduce(tensor)

    def wait(self) -> None:
        """Go on when all are here."""
        self._accelerator.wait_for_everyone()

    def _end(self) -> None:
        """End the group and its threads, before the interpreter ends.

        A thread of gloo that lets go of a tensor while the interpreter ends aborts the process
        (https://github.com/pytorch/pytorch/issues/190489). They are waited for when the last hold
        on the group is gone, which may be in a circle of a divided model's parts.
        """
        self._accelerator.end_training()
        gc.collect()
