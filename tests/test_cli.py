"""The command line: exit codes, help, one sentence for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from socioseg import __version__

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ("--set", "town.size=2000", "--set", "limits.max_samples=6", "--set", "size=128")


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    program = "from socioseg.cli import main; main()"
    command = [sys.executable, "-W", "error", "-c", program, *words]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    if cwd:
        environment["SOCIOSEG_CACHE"] = str(cwd / "cache")
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )


def test_version_and_help() -> None:
    assert run("--version").stdout.strip() == __version__
    for command in ("bench", "build", "merge", "predict", "publish", "score", "train", "verify"):
        shown = run(command, "--help")
        assert shown.returncode == 0
        assert f"socioseg {command}" in shown.stdout


@pytest.mark.parametrize(
    ("kind", "least"),
    [("baselines", 6), ("benchmarks", 4), ("builders", 11), ("classes", 90), ("providers", 20)],
)
def test_lists_fit_the_terminal_and_are_json_on_demand(kind: str, least: int) -> None:
    assert max(map(len, run("list", kind).stdout.splitlines())) <= 80
    assert len(json.loads(run("list", kind, "--json").stdout)) >= least


def test_build_verify_and_build_again(tmp_path: Path) -> None:
    made = run("build", "--region", "demo", *SMALL, "--json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    result = json.loads(made.stdout)
    assert result["dataset"] == "out/demo/socioseg"
    assert run("verify", "out/demo/socioseg", cwd=tmp_path).stdout.endswith(": sound\n")
    again = run("build", "--region", "demo", *SMALL, cwd=tmp_path)
    assert "complete already" in again.stderr
    _bench(tmp_path)
    (tmp_path / "out/demo/socioseg/LICENSE-DATA.md").unlink()
    broken = run("verify", "out/demo/socioseg", cwd=tmp_path)
    assert (broken.returncode, "LICENSE-DATA.md" in broken.stdout) == (1, True)


def _bench(folder: Path) -> None:
    words = ("bench", "--model", "full", "--dataset", "demo", "--split", "train", "--json")
    shards = [("--shard", f"{i}/2", "--out", f"runs/{i}") for i in range(2)]
    parts = [json.loads(run(*words, *shard, cwd=folder).stdout) for shard in shards]
    whole = json.loads(
        run("merge", "runs/0", "runs/1", "--out", "runs/all", "--json", cwd=folder).stdout
    )
    assert whole["samples"] == sum(part["samples"] for part in parts) > 0
    scores = run("score", "runs/all", cwd=folder)
    assert (scores.returncode, "gIoU" in scores.stdout) == (0, True), scores.stderr
    assert json.loads((folder / "runs/all/scores.json").read_bytes())["samples"] == whole["samples"]
    wrong = run("bench", "--model", "ful", "--dataset", "demo", "--out", "runs/x", cwd=folder)
    assert (wrong.returncode, "did you mean full" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--region", "demo", "--set", "zom=3"), 2, "did you mean zoom"),
        (("--region", "missing.osm.pbf"), 1, "missing.osm.pbf"),
        (("--region", "demo", "--imagery", "missing.tif"), 1, "missing.tif"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    result = run("build", *words, *(SMALL if "demo" in words else ()), cwd=tmp_path)
    said = [line for line in result.stderr.splitlines() if not line.startswith("INFO")]
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert (result.returncode, result.stdout) == (code, ""), said
