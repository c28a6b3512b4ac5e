"""How a chat model's weights are trained: the key `policy` of a method's settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from socioseg.recipe import Strict

FREE_OF_POLICY = frozenset({"policy.checkpointing", "policy.share", "policy.tokens"})
"""What may change while a training goes on: how it fits into the memory."""


class LoraSettings(Strict):
    """Adapters of low rank in place of all the weights (needs peft).

    Attributes
    ----------
    rank, alpha
        Of the adapters; what they add is scaled by `alpha / rank`.
    targets
        Which linear layers get one, as peft's `target_modules` takes them.
    """

    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32, gt=0)
    targets: str | list[str] = "all-linear"


class PolicySettings(Strict):
    """What of a chat model is trained, and how it fits into the memory.

    Attributes
    ----------
    lora
        Train adapters; None trains all the weights.
    checkpointing
        Compute activations anew in the backward pass: slower, and far smaller.
    tokens
        The most tokens of a micro-batch, prompts, images and padding included. One sequence that
        is longer goes alone.
    share
        Compute a prompt once for all the replies to it; flash attention cannot.
    optimizer
        "adamw", or "adamw8bit" (needs bitsandbytes), whose state takes a quarter of the memory.
    """

    lora: LoraSettings | None = None
    checkpointing: bool = True
    tokens: int = Field(default=16384, ge=1)
    share: bool = True
    optimizer: Literal["adamw", "adamw8bit"] = "adamw"
