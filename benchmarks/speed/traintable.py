"""The figures of the benchmark of training, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inferparts import SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("rollout", "segment", "reward", "update", "other", "step")
MEMORY, ENGINE, RATE = 141e9, 0.6, 0.35
"""Targets at the real size on one H200: bytes, share of the engine's speed and of the rate."""


def table(found: dict[str, Any]) -> str:
    """All of it, at 80 columns."""
    return "\n".join([*_head(found), *_parts(found), *_targets(found)])


def _head(found: dict[str, Any]) -> Iterator[str]:
    given = found["settings"]
    again = "no checkpointing" if given["keep_activations"] else "checkpointing"
    yield f"{given['size']} size, {given['machine']}, {given['cache']} cache"
    yield (
        f"{given['queries']} queries x {given['group']} completions x {given['tokens']} tokens,"
        f" {found['completions']} in both stages"
    )
    yield (
        f"two images of {SIDE} x {SIDE}, prompts of {found['prompt_tokens']:.0f} tokens;"
        f" {found['batch']} written at a time"
    )
    yield f"micro-batches of {given['micro']} tokens, {again}; medians of {given['steps']} steps"


def _parts(found: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"{'':16}{'seconds':>12}{'share':>10}{'peak on the GPU, GiB':>24}"
    whole = found["parts"]["step"]
    for name in PARTS:
        seconds, peak = found["parts"][name], found["peak_bytes"].get(name, 0)
        shown = f"{peak / 2**30:.2f}" if peak else "-"
        yield f"{name:16}{seconds:>12.3f}{seconds / whole:>10.1%}{shown:>24}"


def _targets(found: dict[str, Any]) -> Iterator[str]:
    counts = found["operations"]
    yield ""
    yield f"{'':44}{'measured':>12}{'target':>16}"
    yield _row("peak memory, GB", f"{found['peak_of_all'] / 1e9:.2f}", f"{MEMORY / 1e9:.0f}")
    yield _row("rollout, tokens a second", f"{found['rollout_rate']:.0f}")
    yield _row("the engine's write, tokens a second", f"{found['engine_rate']:.0f}")
    yield _row("rollout / engine", f"{found['engine_share']:.1%}", f"{ENGINE:.0%}")
    yield _row("update, T operations needed", f"{counts['needed'] / 1e12:.3g}")
    yield _row("update, T operations done", f"{counts['done'] / 1e12:.3g}")
    yield _row("products of matrices, T operations a second", f"{found['rate'] / 1e12:.3g}")
    yield _row("update: needed / rate", f"{found['rate_share']:.1%}", f"{RATE:.0%}")
    yield _row("update: done / rate", f"{found['done_share']:.1%}")
    yield "targets: real size on one H200"


def _row(name: str, value: str, target: str = "") -> str:
    return f"{name:44}{value:>12}{target:>16}"
