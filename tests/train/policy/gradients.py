"""Tells of two processes how gradients of divided weights compare with those of whole ones."""

from __future__ import annotations

import copy
import os
import sys

import torch
from transformers import AutoModelForImageTextToText as Auto

from socioseg.train.grpo.crew import Crew
from socioseg.train.policy.sharding import sharding_asked, whole


def told() -> str:
    """For sums and for means: whether they are the sum of the processes' own, times this."""
    os.environ["ACCELERATE_USE_FSDP"] = "true"
    shardings = {0.5: sharding_asked(mean=True)}
    os.environ["ACCELERATE_USE_FSDP"] = "true"
    shardings[1.0] = sharding_asked()
    crew = Crew(cpu=True)
    found = [f"{factor}: {_agree(factor, each, crew.rank)}" for factor, each in shardings.items()]
    return ", ".join(found)


def _agree(factor: float, sharding: object, rank: int) -> bool:
    plain = Auto.from_pretrained(sys.argv[1]).eval()
    divided = copy.deepcopy(plain)
    sharding.divide(divided)  # type: ignore[attr-defined]
    ids = torch.randint(0, 300, (2, 9), generator=torch.Generator().manual_seed(rank))
    for model in (plain, divided):
        seen = torch.ones_like(ids)
        model(input_ids=ids, attention_mask=seen).logits.logsumexp(-1).sum().backward()
    agree = True
    for one, other in zip(plain.parameters(), divided.parameters(), strict=True):
        if one.grad is not None:
            torch.distributed.all_reduce(one.grad)
            agree &= torch.allclose(whole(other.grad), factor * one.grad, rtol=1e-3, atol=1e-3)
    return agree


if __name__ == "__main__":
    sys.stdout.write(f"{told()}\n")
