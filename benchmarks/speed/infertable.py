"""The figures of the benchmark of inference, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inferparts import SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PARTS = ("vision", "prefill", "decode", "SAM")
RATIO, SECONDS, IDLE = 10.0, 0.25, 0.05
"""Targets at the real size on one H200: plain / batched, seconds a sample, the GPU's idle share."""


def table(found: dict[str, Any]) -> str:
    """All of it, at 80 columns."""
    return "\n".join([*_head(found), *_ways(found["ways"]), *_targets(found), *_roofline(found)])


def _head(found: dict[str, Any]) -> Iterator[str]:
    given = found["settings"]
    yield f"{given['size']} size, {given['machine']}, {given['cache']} cache"
    yield (
        f"{given['samples']} samples of {SIDE} x {SIDE}, {given['batch']} at a time;"
        f" plain {given['plain']} of them"
    )
    yield (
        f"{given['tokens']} tokens a stage (light {given['light_tokens']}) after prompts of"
        f" {found['prompt_tokens']:.0f}; medians of {given['rounds']} rounds"
    )
    yield f"plain and batched agree in {found['agreement']:.4%} of the pixels of every sample"


def _ways(ways: dict[str, dict[str, Any]]) -> Iterator[str]:
    every = ways.values()
    yield ""
    yield _row("", ways)
    yield _row("seconds a sample", [f"{way['seconds']:.3f}" for way in every])
    yield _row("tokens a second", [f"{way['tokens_per_second']:.0f}" for way in every])
    for part in (*PARTS, "CPU"):
        shares = [way["parts"][part] / sum(way["parts"].values()) for way in every]
        yield _row(f"share of {part}", [f"{share:.1%}" for share in shares])
    idle = [way["idle"] for way in every]
    yield _row("GPU idle", ["-" if share is None else f"{share:.1%}" for share in idle])
    yield _row("peak memory, GiB", [f"{way['peak_bytes'] / 2**30:.2f}" for way in every])


def _targets(found: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"plain / batched {found['ratio']:.2f}, plain / light {found['light_ratio']:.2f}"
    yield (
        f"targets, real size on one H200: plain / batched {RATIO:.0f}, {SECONDS} s a sample,"
        f" idle {IDLE:.0%}"
    )


def _roofline(found: dict[str, Any]) -> Iterator[str]:
    rates, measured = found["rates"], found["ways"]["batched"]["parts"]
    yield ""
    yield (
        f"roofline of batched, at {rates['operations'] / 1e12:.3g} T operations and"
        f" {rates['bytes'] / 1e9:.3g} GB a second"
    )
    yield f"{'':20}{'G operations':>14}{'GB':>10}{'at best, s':>13}{'measured, s':>14}"
    for part, work in found["roofline"].items():
        yield (
            f"{part:20}{work['operations'] / 1e9:>14.2f}{work['bytes'] / 1e9:>10.3f}"
            f"{work['seconds']:>13.4f}{measured[part]:>14.4f}"
        )


def _row(name: str, values: Sequence[str] | dict[str, Any]) -> str:
    return f"{name:24}" + "".join(f"{value:>12}" for value in values)
