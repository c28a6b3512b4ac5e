"""Time of two stages of reasoning and segmenting, against the plain way of doing the same.

Random weights of the real architectures (Qwen2.5-VL, SAM 2) at the real size (3B, hiera-large) or
tiny; samples of 768 x 768 pixels with three objects each. In each stage exactly `--tokens` tokens
are decoded, whatever they say; then the engine says what is true, so that the segmenter's work is
real as well.

plain     one sample at a time, each image encoded by SAM in both stages, one SAM call per object
batched   `Reasoner` as it is: batches, and every image encoded once
light     the light recipe: no thinking part (`--light-tokens`), no second look where the first is
          sure, which is every sample here

All three run in turn, `--rounds` times, and the medians count. The masks of plain and batched must
agree. What the parts take is timed in a round of its own; the GPU's idle share is that of the
profiler, which slows down what the CPU does. Targets, of one H200 at the real size: batched takes a
tenth of plain, and no more than 0.25 s a sample; the GPU idles for no more than 5 % of the time.

    python benchmarks/speed/inference.py --device cpu                         # tiny
    python benchmarks/speed/inference.py --size real --samples 64 --batch 32  # on a GPU
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from inferparts import ForcedChat, OneByOne, samples
from infertable import IDLE, PARTS, RATIO, SECONDS, table
from ledger import Ledger, stopwatch, watch_parts
from roofline import Rates, Work, bytes_needed, idle_share, measured_rates
from torch.utils.flop_counter import FlopCounterMode

from socioseg.models import devices
from socioseg.models.reason.reasoner import Reasoner
from socioseg.models.sam2 import Sam2
from socioseg.models.untrained import SIZES, write_qwen, write_sam2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.base import Prediction
    from socioseg.sample import Query

AGREE = {"cpu": 0.9999, "cuda": 0.99}
"""Share of pixels in which plain and batched agree at least: kernels round by the batch's size."""
STEPS = 5
"""Tokens that are decoded to count operations."""


class Way(NamedTuple):
    """One way of going about the samples, and its parts."""

    name: str
    model: Reasoner
    chat: ForcedChat
    cutter: Any
    batch: int
    stages: int

    def run(self, queries: Sequence[Query]) -> list[Prediction]:
        """Predict all of `queries`, a batch at a time."""
        starts = range(0, len(queries), self.batch)
        batches = (queries[start : start + self.batch] for start in starts)
        return [found for batch in batches for found in self.model.predict(batch)]


class Made:
    """Parts as a recipe names them: loaded once, shared by the ways."""

    chat: ForcedChat
    cutter: Any


def made_chat() -> ForcedChat:
    """The engine of the way that is being made."""
    return Made.chat


def made_cutter() -> Any:  # noqa: ANN401 - a segmenter
    """The segmenter of the way that is being made."""
    return Made.cutter


def make_way(name: str, chat: ForcedChat, cutter: Any, batch: int, **options: Any) -> Way:  # noqa: ANN401 - a segmenter
    """A reasoner of these parts."""
    Made.chat, Made.cutter = chat, cutter
    model = Reasoner(
        {"name": f"{__name__}:made_chat"}, {"name": f"{__name__}:made_cutter"}, **options
    )
    return Way(name, model, chat, cutter, batch, 1 if "sure" in options else 2)


def make_ways(given: argparse.Namespace, folder: Path, device: str) -> list[Way]:
    """All three, with weights that are drawn first."""
    dtype = devices.precision("auto", device)
    drawn = {"device": device, "dtype": str(dtype).removeprefix("torch.")}
    qwen = str(write_qwen(folder / "qwen", given.size, **drawn))
    sam2 = str(write_sam2(folder / "sam2", given.size, device=device))
    common = {"weights": qwen, "device": device}
    plain = ForcedChat(**common, batch_size=1, max_tokens=given.tokens)
    batched = ForcedChat(
        **common, batch_size=given.batch, max_tokens=given.tokens, cache=given.cache
    )
    light = ForcedChat(
        **common, batch_size=given.batch, max_tokens=given.light_tokens, cache=given.cache
    )
    cutter = Sam2(weights=sam2, device=device)
    return [
        make_way("plain", plain, OneByOne(weights=sam2, device=device), 1),
        make_way("batched", batched, cutter, given.batch),
        make_way("light", light, cutter, given.batch, prompts="light", constrain=True, sure=0.0),
    ]


def wait(device: str) -> None:
    """Until the GPU has done what it was told."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def timed(way: Way, queries: Sequence[Query], device: str) -> float:
    """Seconds a sample."""
    start = time.perf_counter()
    way.run(queries)
    wait(device)
    return (time.perf_counter() - start) / len(queries)


def by_part(way: Way, queries: Sequence[Query], device: str) -> dict[str, float]:
    """Seconds a sample of each part; what is left is the CPU's alone."""
    ledger = stopwatch(device)
    watch_parts(ledger, way.chat, way.cutter)
    try:
        whole = timed(way, queries, device)
    finally:
        ledger.release()
    found = {name: seconds / len(queries) for name, seconds in ledger.totals().items()}
    return {**{part: found.get(part, 0.0) for part in PARTS}, "CPU": whole - sum(found.values())}


def operations(way: Way, queries: Sequence[Query]) -> dict[str, float]:
    """Operations a sample of each part, counted with a few tokens and scaled up."""
    tokens, cache = way.chat.generation.max_tokens, way.chat.cache
    way.chat.generation = way.chat.generation.model_copy(update={"max_tokens": STEPS})
    way.chat.cache = "dynamic"  # what is in a graph cannot be counted
    with FlopCounterMode(display=False) as counter:
        ledger = Ledger(counter.get_total_flops, lambda begin, end: end - begin)
        watch_parts(ledger, way.chat, way.cutter)
        way.run(queries[: way.batch])
    ledger.release()
    way.chat.generation = way.chat.generation.model_copy(update={"max_tokens": tokens})
    way.chat.cache = cache
    count = len(queries[: way.batch])
    found = {part: ledger.totals().get(part, 0.0) / count for part in PARTS}
    return found | {"decode": found["decode"] * (tokens - 1) / (STEPS - 1)}


def peak_memory(way: Way, queries: Sequence[Query], device: str) -> float:
    """Bytes on the GPU; without one, of the whole process so far."""
    if not device.startswith("cuda"):
        return 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    torch.cuda.reset_peak_memory_stats()
    way.run(queries)
    return float(torch.cuda.max_memory_allocated())


def agreement(one: Sequence[Prediction], other: Sequence[Prediction]) -> float:
    """Least share of the pixels of a sample in which both say the same."""
    shares = [
        float(np.mean(mine.mask == theirs.mask))
        for mine, theirs in zip(one, other, strict=False)  # plain may have fewer
        if mine.mask is not None and theirs.mask is not None
    ]
    if len(shares) < min(len(one), len(other)):
        sys.exit("A sample has no mask: the figures would mean nothing.")
    return min(shares)


def measure(given: argparse.Namespace, device: str) -> dict[str, Any]:
    """All figures."""
    queries = samples(given.samples)
    with tempfile.TemporaryDirectory() as folder:
        ways = make_ways(given, Path(folder), device)
    counts = {way.name: len(queries) if way.batch > 1 else given.plain for way in ways}
    plain, batched, _ = (way.run(queries[: min(given.batch, counts[way.name])]) for way in ways)
    tell("warm")
    rounds = []
    for number in range(given.rounds):
        rounds.append([timed(way, queries[: counts[way.name]], device) for way in ways])
        tell(f"round {number + 1}: {rounds[-1]}")
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    rates = measured_rates(device, devices.precision("auto", device))
    prompt = batched[0].usage["prompt_tokens"] / 2
    found = {
        way.name: figures(way, seconds, queries[: counts[way.name]], device)
        for way, seconds in zip(ways, medians, strict=True)
    }
    return {
        "settings": vars(given) | {"device": device, "machine": machine(device)},
        "prompt_tokens": prompt,
        "agreement": agreement(plain, batched),
        "rounds": rounds,
        "ratio": medians[0] / medians[1],
        "light_ratio": medians[0] / medians[2],
        "ways": found,
        "rates": rates._asdict(),
        "roofline": roofline(ways[1], queries, prompt, rates),
    }


def figures(way: Way, seconds: float, queries: Sequence[Query], device: str) -> dict[str, Any]:
    """Of one way, which takes so many seconds a sample."""
    some = queries[: way.batch]
    found = {
        "seconds": seconds,
        "tokens_per_second": way.stages * way.chat.generation.max_tokens / seconds,
        "parts": by_part(way, queries, device),
        "peak_bytes": peak_memory(way, some, device),
        "idle": idle_share(lambda: way.run(some), device),
    }
    tell(f"{way.name}: {found}")
    return found


def tell(text: str) -> None:
    """Say how far it is, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def roofline(
    way: Way, queries: Sequence[Query], prompt: float, rates: Rates
) -> dict[str, dict[str, float]]:
    """Of each part of a way: operations, bytes, and the seconds they take at the least."""
    counts = operations(way, queries)
    sizes = bytes_needed(way.chat, way.cutter, way.batch, prompt, way.stages)
    works = {part: Work(counts[part], sizes[part]) for part in PARTS}
    return {part: work._asdict() | {"seconds": work.seconds(rates)} for part, work in works.items()}


def machine(device: str) -> str:
    """What it was measured on."""
    name = torch.cuda.get_device_name() if device.startswith("cuda") else "CPU"
    return f"{name} ({torch.get_num_threads()} thread), torch {torch.__version__}"


def main() -> int:
    """Measure and print; 1 where masks differ, or the real size on a GPU misses a target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="tiny")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--plain", type=int, default=4, help="samples of the plain way")
    parser.add_argument("--batch", type=int, default=8, help="samples at a time")
    parser.add_argument("--tokens", type=int, default=120, help="of each stage")
    parser.add_argument("--light-tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", default="captured", help="of batched and light: see LocalChat")
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--threads", type=int, default=1, help="of torch on the CPU; on a busy machine more wait"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    if given.samples % given.batch or given.plain > given.samples:
        parser.error("--samples is a multiple of --batch, and no less than --plain")
    torch.set_num_threads(given.threads)
    device = devices.device(given.device)
    found = measure(given, device)
    print(json.dumps(found) if given.json else table(found))
    if found["agreement"] < AGREE[torch.device(device).type]:
        tell("The masks differ: plain and batched do not do the same.")
        return 1
    return int(given.size == "real" and device.startswith("cuda") and not meets(found))


def meets(found: dict[str, Any]) -> bool:
    """Whether every target is met."""
    batched = found["ways"]["batched"]
    busy = batched["idle"] is not None and batched["idle"] <= IDLE
    return bool(busy and found["ratio"] >= RATIO and batched["seconds"] <= SECONDS)


if __name__ == "__main__":
    sys.exit(main())
