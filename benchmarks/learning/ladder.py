"""Teach a tiny policy from nothing, rung by rung, and tell what each rung brought from chance.

    python benchmarks/learning/ladder.py --data out/learning --out out/ladder [--smoke] [--seed 0]

The rungs, each a `socioseg train` that goes on where it was stopped: `warm` (a dense answer for
every patch), `first` (true answers of the first stage), `both` (of both stages, the numbers in them
weighing more), `form` (nothing weighs more), and from the same weights `grpo` (the paper's rewards)
and, to tell rewards from mere practice, `more` (fine-tuning goes on for about as long). Beside them
climbs VisionReasoner's way of one stage: `one` and `one-form` by true answers from `first`, and
`one-grpo` by its own rewards. What the last rungs make of an unseen town, and of the same town
under another map, is compared. `--smoke` runs through all of it in minutes, on few samples, and
learns next to nothing.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

FORM = {"learning_rate": 3e-4, "steps": 240, "evaluations": 3, "numbers": 1}
RUNGS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "warm": ("tiny", "warm", {}),
    "first": ("warm", "sft", {"lessons.stages": 1, "batch_size": 32, "steps": 600}),
    "both": ("first", "sft", {"learning_rate": 7e-4, "steps": 900}),
    "form": ("both", "sft", FORM),
    "grpo": ("form", "grpo", {}),
    "more": ("form", "sft", {"learning_rate": 2e-4, "steps": 600, "numbers": 1}),
    "one": ("first-one", "sft", {"learning_rate": 7e-4, "steps": 900}),
    "one-form": ("one", "sft", FORM),
    "one-grpo": ("one-form", "grpo", {}),
}
"""For each rung what it begins with, the method, and settings in place of the recipe's."""
SMOKE: dict[str, dict[str, Any]] = {
    "warm": {"tower_steps": 40, "steps": 20},
    "first": {"steps": 30, "evaluations": 2},
    "both": {"steps": 30, "evaluations": 2},
    "one": {"steps": 30, "evaluations": 2},
    "grpo": {"steps": 4, "evaluations": 1, "queries": 4},
    "one-grpo": {"steps": 4, "evaluations": 1, "queries": 4},
}
SHORT = {"steps": 4, "evaluations": 1}
PLACES = ("towns", "grey")
RUNS: dict[str, tuple[str, ...]] = {
    "centre": (),
    "form": (),
    "grpo": (),
    "more": (),
    "grpo-stage1": ("--set", "stages=1"),
    "one-form": (),
    "one-grpo": (),
}
COMPARED = (
    ("form", "centre"),
    ("grpo", "form"),
    ("more", "form"),
    ("grpo", "more"),
    ("grpo", "grpo-stage1"),
    ("one-grpo", "one-form"),
    ("grpo", "one-grpo"),
)


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
        changes |= {**SMOKE.get(name, SHORT), "validation_limit": 32}
    if start == "first-one":
        of_one_stage(args.out / "first", args.out / start)
    model = start if start == "tiny" else args.out / start
    given = ("--model", model, "--method", method, "--dataset", args.data / "towns")
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    socioseg("train", *given, "--device", "cpu", "--out", args.out / name, *words)


def of_one_stage(trained: Path, out: Path) -> None:
    """The model in `trained` as one that answers as VisionReasoner does, to be taught that."""
    shutil.copytree(trained, out, dirs_exist_ok=True)
    path = out / "model.yaml"
    recipe = yaml.safe_load(path.read_text("utf-8"))
    recipe["options"] |= {"family": "visionreasoner", "prompts": {"locate": "find $query"}}
    path.write_text(yaml.safe_dump(recipe, sort_keys=False), "utf-8")


def measure(place: str, args: argparse.Namespace) -> None:
    """Run the rungs on the test town, and tell their differences from chance."""
    runs = {name: args.out / "runs" / place / name for name in RUNS}
    if place != "towns":
        runs.pop("centre")  # it looks at no map
    limit = ("--limit", 32) if args.smoke else ()
    for name, run in runs.items():
        model = name if name == "centre" else args.out / name.removesuffix("-stage1")
        given = ("--model", model, "--dataset", args.data / place, "--out", run)
        socioseg("bench", *given, *limit, *RUNS[name])
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
