"""Where a network runs."""

from __future__ import annotations

import torch

from socioseg.errors import UsageError


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is a CUDA device where there is one, else the CPU.

    Raises
    ------
    UsageError
        If there is no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).partition("\n")[0]
        raise UsageError(
            f"device = {name!r} is not to be had ({first}): use cpu or auto."
        ) from error
    return device
