"""Time and memory of a step of GRPO, against what the engine and the machine can do.

Random weights of the real architectures (Qwen2.5-VL, SAM 2) at the real size (3B, hiera-large) or
tiny; images of 768 x 768 pixels with three objects each. All weights are trained, with the frozen
reference beside them. In each of the two stages every completion has exactly `--tokens` tokens,
whatever they say; then the engine says what is true, so that the segmenter's work and the reward's
is real too. Dice are added to the rewards: equal ones would teach nothing, in gradients of zeros.

The step is that of `socioseg train` without checkpoints, evaluation and log: medians of `--steps`
after one to warm up. The GPU is waited for between the parts. `rollout` is what the chat engine
takes, its preparing of images included, and is compared with `write` alone on the same prompts in
the same batches. The operations of the update are counted as it is done once more; needed are those
that are left without what checkpointing computes anew, and they make its share of the machine's
rate. (torch counts no attention on the CPU.) Targets, of one H200 at the real size: the step fits,
rollout reaches 60 % of the engine's own speed, the update 35 % of the rate of products of matrices.

    python benchmarks/speed/train.py --device cpu   # tiny
    python benchmarks/speed/train.py --size real    # on a GPU of 141 GB
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from inference import machine, make_way, tell, wait
from inferparts import ForcedChat, samples
from ledger import Ledger
from roofline import measured_rates
from torch.utils.flop_counter import FlopCounterMode
from traintable import ENGINE, MEMORY, RATE, table
from transformers.modeling_layers import GradientCheckpointingLayer

from socioseg.models import devices
from socioseg.models.registry import ModelRecipe
from socioseg.models.sam2 import Sam2
from socioseg.models.untrained import SIZES, write_qwen, write_sam2
from socioseg.train.grpo.crew import Crew
from socioseg.train.grpo.judge import Judge
from socioseg.train.grpo.loop import Loop, Parts
from socioseg.train.grpo.sampler import Sampler
from socioseg.train.grpo.settings import GrpoSettings
from socioseg.train.key import TrainKey
from socioseg.train.methods import Job, TrainRequest
from socioseg.train.policy.optimizer import Optimizer
from socioseg.train.policy.policy import Policy
from socioseg.train.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socioseg.models.chat.engine import Prompt
    from socioseg.models.reason.found import Found
    from socioseg.sample import Query
    from socioseg.train.grpo.rollout import Groups, Turn
    from socioseg.train.rewards import Reward

QUERIES, GROUP = {"tiny": 2, "real": 8}, {"tiny": 4, "real": 8}


class ForcedSampler(ForcedChat, Sampler):
    """Writes all of its budget and keeps it, to be learnt from; then says what is true."""


class Dice(Judge):
    """Adds a number from 0 to 1 to each reward."""

    _dice = np.random.default_rng(0)

    def __call__(self, found: Found, first: Found | None = None) -> Reward:
        """See `Judge`."""
        reward = super().__call__(found, first)
        return replace(reward, total=reward.total + float(self._dice.random()))


class Blocks:
    """The samples of `inferparts`, as the store of a training."""

    def __init__(self, count: int) -> None:
        self._known = samples(count)

    def index(self) -> list[int]:
        """All samples."""
        return list(range(len(self._known)))

    def queries(self, keys: Sequence[int], seed: int) -> list[Query]:
        """Those of `keys`, drawn with another seed in each step."""
        return [replace(self._known[key], seed=seed + key) for key in keys]


class Peaks(Ledger):
    """A stopwatch that waits for the GPU, and keeps the most memory that each part had on it."""

    def __init__(self, device: str) -> None:
        super().__init__(time.perf_counter, lambda begin, end: end - begin)
        self._device, self.bytes = device, dict[str, int]()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """See `Ledger`; no part may be inside another."""
        wait(self._device)
        if self._device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats()
        with super().part(name):
            yield
            wait(self._device)
        if self._device.startswith("cuda"):
            peak = torch.cuda.max_memory_allocated()
            self.bytes[name] = max(peak, self.bytes.get(name, 0))


class Steps(Loop):
    """A training whose steps are taken one by one, with nothing between them."""

    stages: list[tuple[int, Groups]]

    def take(self, step: int) -> dict[str, float]:
        """One step; gives what it logs."""
        self.stages = []
        return self._step(step)

    def _learn(self, step: int, stages: Sequence[tuple[int, Groups]]) -> dict[str, float]:
        self.stages += stages
        return self.learn(step, stages)

    def learn(self, step: int, stages: Sequence[tuple[int, Groups]]) -> dict[str, float]:
        """Update on `stages`."""
        return super()._learn(step, stages)

    def turns(self) -> list[Turn]:
        """All completions of the last step."""
        return [turn for _, groups in self.stages for turn in groups.flat()]


class Training(NamedTuple):
    """A training that is ready for its first step, and its parts."""

    steps: Steps
    chat: ForcedSampler
    cutter: Sam2
    policy: Policy


def make(given: argparse.Namespace, folder: Path, device: str) -> Training:
    """A training of the weights that are drawn in `folder` first."""
    dtype = str(devices.precision("auto", device)).removeprefix("torch.")
    qwen = str(write_qwen(folder / "qwen", given.size, device=device, dtype=dtype))
    sam2 = str(write_sam2(folder / "sam2", given.size, device=device))
    each = {"batch_size": given.batch, "max_tokens": given.tokens, "cache": given.cache}
    chat = ForcedSampler(weights=qwen, device=device, temperature=1.0, **each)
    cutter = Sam2(weights=sam2, device=device)
    reasoner = make_way("batched", chat, cutter, given.batch).model
    policy_settings = {"tokens": given.micro, "checkpointing": not given.keep_activations}
    settings = GrpoSettings.model_validate(
        {"queries": given.queries, "group": given.group, "policy": policy_settings}
    )
    policy = Policy(chat, chat.folder, settings.policy, reference=settings.kl > 0)
    optimizer = Optimizer(policy.parameters(), settings.learning_rate, settings.weight_decay)
    store: Any = Blocks(given.queries)
    parts = Parts(reasoner, Dice(reasoner, settings), policy, optimizer, store, store)
    recipe = ModelRecipe(model="socioseg.models.reason.reasoner:Reasoner")
    job = Job(TrainRequest("", "", folder), "untrained", recipe, {})
    key = TrainKey(model=job.name, method="grpo", settings={}, dataset="")
    record = Record(key=key, dataset="", path="", samples={}, total_steps=given.steps)
    crew = Crew(cpu=not device.startswith("cuda"))
    return Training(Steps(job, settings, parts, crew, record), chat, cutter, policy)


def one_step(made: Training, step: int, device: str) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds of a step by part, and the most memory of each part that uses the GPU."""
    peaks = Peaks(device)
    peaks.watch(made.chat, "ask", lambda *_: "rollout")
    peaks.watch(made.cutter, "embed", lambda *_: "embed")
    peaks.watch(made.cutter, "segment", lambda *_: "segment")
    peaks.watch(made.steps, "learn", lambda *_: "update")
    began = time.perf_counter()
    try:
        line = made.steps.take(step)
    finally:
        peaks.release()
    whole, clocks = time.perf_counter() - began, peaks.totals()
    found = {name: line[f"seconds/{name}"] for name in ("rollout", "segment", "reward")}
    found["segment"] += clocks["embed"]  # which the log's own figure does not hold
    found["update"] = clocks["update"]  # of both stages, to the GPU's end
    memory = {name: peaks.bytes.get(name, 0) for name in ("rollout", "update")}
    memory["segment"] = max(peaks.bytes.get(name, 0) for name in ("embed", "segment"))
    return {**found, "other": whole - sum(found.values()), "step": whole}, memory


def engine_rate(chat: ForcedSampler, prompts: Sequence[Prompt], device: str) -> float:
    """Tokens a second that `write` makes, of prompts that are encoded before."""
    seconds, tokens = 0.0, 0
    for start in range(0, len(prompts), chat.batch_size):
        batch = prompts[start : start + chat.batch_size]
        inputs = chat.encode(batch)
        wait(device)
        began = time.perf_counter()
        tokens += sum(map(len, chat.write(batch, inputs)))
        seconds += time.perf_counter() - began
    return tokens / seconds


def operations(made: Training, step: int) -> dict[str, float]:
    """Operations of the update of a step: needed, and done."""
    with FlopCounterMode(display=False) as counter:
        ledger = Ledger(counter.get_total_flops, lambda begin, end: end - begin)
        for layer in made.policy.model.modules():
            if isinstance(layer, GradientCheckpointingLayer):
                for module in layer.children():  # what the layer itself does is checkpointing
                    ledger.watch(module, "forward", _when)
        for stage in made.steps.stages:
            made.steps.learn(step, [stage])
    ledger.release()
    done = float(counter.get_total_flops())
    return {"needed": done - ledger.totals().get("again", 0.0), "done": done}


def _when(*_: object, **__: object) -> str:
    """Whether it is computed for the first time, or anew in a backward pass."""
    behind = torch._C._current_graph_task_id() != -1  # noqa: SLF001 - as torch's checkpoint asks
    return "again" if behind else "first"


def measure(given: argparse.Namespace, device: str) -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder:
        made = make(given, Path(folder), device)
    rounds, memory = [], dict[str, int]()
    for step in range(given.steps + 1):
        seconds, peaks = one_step(made, step + 1, device)
        rounds.append(seconds)
        memory = {name: max(most, memory.get(name, 0)) for name, most in peaks.items()}
        tell(f"step {step}: {seconds} {peaks}")
    parts = {name: statistics.median(each[name] for each in rounds[1:]) for name in rounds[0]}
    turns = made.steps.turns()
    prompts = [turn.written.prompt for turn in turns]
    tokens = sum(len(turn.written.tokens) for turn in turns)
    engine = statistics.median(engine_rate(made.chat, prompts, device) for _ in range(given.steps))
    resident = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts = operations(made, given.steps + 1)
    rate = measured_rates(device, devices.precision("auto", device)).operations
    return {
        "settings": vars(given) | {"device": device, "machine": machine(device)},
        "batch": made.chat.batch_size,  # halved where it did not fit
        "completions": len(turns),
        "prompt_tokens": statistics.mean(turn.written.length for turn in turns),
        "steps": rounds,
        "parts": parts,
        "peak_bytes": memory,
        "peak_of_all": max(memory.values()) or resident,
        "rollout_rate": tokens / parts["rollout"],
        "engine_rate": engine,
        "engine_share": tokens / parts["rollout"] / engine,
        "operations": counts,
        "rate": rate,
        "rate_share": counts["needed"] / parts["update"] / rate,
        "done_share": counts["done"] / parts["update"] / rate,
    }


def main() -> int:
    """Measure and print; 1 where the real size on a GPU misses a target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="tiny")
    parser.add_argument("--queries", type=int, help=f"of a step: {QUERIES}")
    parser.add_argument("--group", type=int, help=f"completions of each, a stage: {GROUP}")
    parser.add_argument("--tokens", type=int, default=120, help="of each completion")
    parser.add_argument("--batch", type=int, default=64, help="completions written at a time")
    parser.add_argument("--micro", type=int, default=16384, help="tokens of a micro-batch")
    parser.add_argument("--keep-activations", action="store_true", help="no checkpointing")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--cache", default="captured", help="of the engine: see LocalChat")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=1, help="of torch on the CPU")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    given.queries = given.queries or QUERIES[given.size]
    given.group = given.group or GROUP[given.size]
    torch.set_num_threads(given.threads)
    device = devices.device(given.device)
    found = measure(given, device)
    print(json.dumps(found) if given.json else table(found))
    fast = found["engine_share"] >= ENGINE and found["rate_share"] >= RATE
    met = fast and found["peak_of_all"] <= MEMORY
    return int(given.size == "real" and device.startswith("cuda") and not met)


if __name__ == "__main__":
    sys.exit(main())
