"""Devices: where a model runs, with which numbers, and whether it fits there."""

from __future__ import annotations

from typing import Any

from socioseg.errors import CheckpointError, UsageError

_ROOM = 1.15
"""GPU memory that loading takes, as a multiple of the weights': what runs needs some too."""


def device(choice: str = "auto") -> str:
    """`choice`, or for "auto" CUDA, else Apple's GPU, else the CPU.

    Raises
    ------
    UsageError
        If torch has no such device here.
    """
    import torch  # noqa: PLC0415 - an extra

    if choice == "auto":
        apple = "mps" if torch.backends.mps.is_available() else "cpu"
        return "cuda" if torch.cuda.is_available() else apple
    try:
        torch.empty(0, device=choice)
    except (AssertionError, RuntimeError) as error:
        raise UsageError(f"There is no device {choice!r} here: use auto, cpu or cuda.") from error
    return choice


def precision(name: str, target: str) -> Any:  # noqa: ANN401 - a type of torch
    """The type of torch that `name` means; "auto" is bfloat16 on a GPU and float32 on the CPU.

    Raises
    ------
    UsageError
        If torch has no such type of real numbers.
    """
    import torch  # noqa: PLC0415 - an extra

    if name == "auto":
        return torch.float32 if target == "cpu" else torch.bfloat16
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise UsageError(f"dtype {name!r} is none of auto, float32, bfloat16, float16.")
    return found


def room_for(size: float) -> float:
    """The least GPU memory with which weights of `size` can run, in the same unit."""
    return size * _ROOM


def require_memory(what: str, needed: float, target: str) -> None:
    """Refuse to load `needed` bytes of weights where they do not fit into the GPU's memory.

    Raises
    ------
    CheckpointError
        With what is needed, what is free, and what to do.
    """
    import torch  # noqa: PLC0415 - an extra

    if not target.startswith("cuda"):
        return
    free, _ = torch.cuda.mem_get_info(target)
    if room_for(needed) > free:
        raise CheckpointError(
            f"{what} needs about {room_for(needed) / 1e9:.1f} GB of GPU memory and"
            f" {free / 1e9:.1f} GB are free: end what else runs there, take dtype=bfloat16 or"
            " smaller weights, or run with device=cpu."
        )
