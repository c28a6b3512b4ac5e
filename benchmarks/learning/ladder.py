"""Teach a tiny policy from nothing, rung by rung, and tell what each rung brought from chance.

    python benchmarks/learning/ladder.py --data out/learning --out out/ladder [--smoke] [--seed 0]

The rungs, each a `socioseg train` that goes on where it was stopped: `warm` (a dense answer for
every patch), `first` (true answers of the first stage), `sft` and `again` (of both stages, the
numbers in them weighing more), `form` (nothing weighs more), and from the same weights `grpo` (the
paper's rewards) and, to tell rewards from mere practice, `more` (fine-tuning goes on). What the
last three make of an unseen town, and of the same town under other maps, is compared. `--smoke`
runs through all of it in minutes, on few samples, and learns next to nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

RUNGS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "warm": ("tiny", "warm", {}),
    "first": ("warm", "sft", {"lessons.stages": 1, "batch_size": 32, "steps": 600}),
    "sft": ("first", "sft", {"learning_rate": 7e-4}),
    "again": ("sft", "sft", {"learning_rate": 3e-4, "steps": 600}),
    "form": ("again", "sft", {"learning_rate": 3e-4, "steps": 240, "evaluations": 3, "numbers": 1}),
    "more": ("form", "sft", {"learning_rate": 2e-4, "steps": 800, "numbers": 1}),
    "grpo": ("form", "grpo", {}),
}
"""For each rung what it begins with, the method, and settings in place of the recipe's."""
SMOKE: dict[str, dict[str, Any]] = {
    "warm": {"tower_steps": 40, "steps": 20},
    "first": {"steps": 30, "evaluations": 2},
    "sft": {"steps": 30, "evaluations": 2},
    "again": {"steps": 4, "evaluations": 1},
    "form": {"steps": 4, "evaluations": 1},
    "more": {"steps": 4, "evaluations": 1},
    "grpo": {"steps": 4, "evaluations": 1, "queries": 4},
}
PLACES = ("towns", "grey", "night")
UNMEASURED = ("warm", "first", "sft", "again")
COMPARED = (("form", "centre"), ("grpo", "form"), ("more", "form"), ("grpo", "more"))


def main() -> None:
    """Train, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("out/learning"))
    parser.add_argument("--out", type=Path, default=Path("out/ladder"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    for name in RUNGS:
        climb(name, args)
    for place in PLACES:
        measure(place, args)


def climb(name: str, args: argparse.Namespace) -> None:
    """Train one rung."""
    start, method, settings = RUNGS[name]
    changes = {"seed": args.seed, **settings}
    if args.smoke:
        changes |= {**SMOKE[name], "validation_limit": 32}
    model = start if start == "tiny" else args.out / start
    given = ("--model", model, "--method", method, "--dataset", args.data / "towns")
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    socioseg("train", *given, "--device", "cpu", "--out", args.out / name, *words)


def measure(place: str, args: argparse.Namespace) -> None:
    """Run the rungs on the test town, and tell their differences from chance."""
    runs = {name: args.out / "runs" / place / name for name in ("centre", *RUNGS)}
    for name in UNMEASURED:
        runs.pop(name)
    if place != "towns":
        runs.pop("centre")  # it looks at no map
    limit = ("--limit", 32) if args.smoke else ()
    for name, run in runs.items():
        model = name if name == "centre" else args.out / name
        given = ("--model", model, "--dataset", args.data / place, "--out", run)
        socioseg("bench", *given, *limit)
    for one, other in COMPARED:
        if {one, other} <= runs.keys():
            print(f"\n{place}: {one} against {other}", flush=True)
            socioseg("compare", runs[one], runs[other])


def socioseg(*words: object) -> None:
    """Run the command line in a process of its own."""
    code = "import sys; from socioseg.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True)


if __name__ == "__main__":
    main()
