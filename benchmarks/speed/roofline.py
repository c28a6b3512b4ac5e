"""What the machine can do at best, and what a part of a model asks of it."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferparts import ForcedChat

    from socioseg.models.sam2 import Sam2


class Rates(NamedTuple):
    """Operations and bytes a second, as measured here."""

    operations: float
    bytes: float


class Work(NamedTuple):
    """Operations and bytes at least, of one sample."""

    operations: float
    bytes: float

    def seconds(self, rates: Rates) -> float:
        """The least that it takes."""
        return max(self.operations / rates.operations, self.bytes / rates.bytes)


def measured_rates(device: str, dtype: torch.dtype) -> Rates:
    """Of a large product of matrices, and of a large copy."""
    gpu = device.startswith("cuda")
    side, length = (8192, 2**31) if gpu else (1024, 2**27)
    one, other = torch.randn(2, side, side, device=device).to(dtype)
    there, here = torch.zeros(2, length, dtype=torch.uint8, device=device)
    products = _median(lambda: one @ other, device)
    copies = _median(lambda: here.copy_(there), device)
    return Rates(2 * side**3 / products, 2 * length / copies)


def _median(work: Callable[[], object], device: str) -> float:
    times = []
    for _ in range(9):
        start = time.perf_counter()
        work()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def bytes_needed(
    chat: ForcedChat, cutter: Sam2, batch: int, prompt: float, stages: int
) -> dict[str, float]:
    """Bytes of one sample in a `batch`: all weights once a call, and what decoding looks back at.

    Parameters
    ----------
    prompt
        Tokens of a prompt.
    """
    model, tokens = chat.model, chat.generation.max_tokens
    config = model.config.get_text_config()
    item = next(model.parameters()).element_size()
    width = config.hidden_size // config.num_attention_heads * config.num_key_value_heads
    seen = 2 * config.num_hidden_layers * width * item * (prompt + tokens / 2)
    words = _size(model.model.language_model)
    embed = -(-batch // cutter.batch_size) / batch  # calls of the encoder for each sample
    return {
        "vision": stages * _size(model.model.visual) / batch,
        "prefill": stages * words / batch,
        "decode": stages * (tokens - 1) * (words / batch + seen),
        "SAM": _size(cutter.model) * embed,
    }


def _size(module: Any) -> float:  # noqa: ANN401 - a module of torch
    return float(sum(each.numel() * each.element_size() for each in module.parameters()))


def idle_share(work: Callable[[], object], device: str) -> float | None:
    """The share of the time in which the GPU does nothing; None where there is none."""
    if not device.startswith("cuda"):
        return None
    from torch.profiler import ProfilerActivity, profile  # noqa: PLC0415 - of a GPU only

    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as found:
        work()
        torch.cuda.synchronize()
    spans = sorted(
        (event.time_range.start, event.time_range.end)
        for event in found.events() or []
        if event.device_type == torch.autograd.DeviceType.CUDA
    )
    if not spans:
        return None
    busy, reached = 0.0, spans[0][0]
    for begin, end in spans:
        busy += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return 1 - busy / (reached - spans[0][0])
