"""AdamW on numbers that are exact enough: weights of 16 bits are trained through copies of 32."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch

from socioseg.errors import UsageError
from socioseg.train.policy.sharding import gathered, part, parted, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor
    from torch.nn import Parameter


class Optimizer:
    """AdamW; gradients of several backward passes add up in float32.

    A step of size 1e-6 is below what a weight in bfloat16 can show, so such a weight has a copy in
    float32, which takes the steps, and of which it is the rounding.

    Parameters
    ----------
    parameters
        What is trained, on its device.
    kind
        "adamw" or "adamw8bit".

    Raises
    ------
    UsageError
        If "adamw8bit" is asked for and bitsandbytes is missing.
    """

    def __init__(
        self, parameters: Sequence[Parameter], rate: float, weight_decay: float, kind: str = "adamw"
    ) -> None:
        self._parameters = list(parameters)
        self._exact = [_exact(value) for value in self._parameters]
        for value, exact in zip(self._parameters, self._exact, strict=True):
            if value is not exact:
                value.register_post_accumulate_grad_hook(_into(exact))  # type: ignore[no-untyped-call]
        make = _eight_bit() if kind == "adamw8bit" else torch.optim.AdamW
        self._inner = make(self._exact, lr=rate, weight_decay=weight_decay)

    def gradients(self) -> list[Tensor]:
        """The gradient of each parameter in float32, to be changed in place; zeros where none."""
        for exact in self._exact:
            if exact.grad is None:
                exact.grad = torch.zeros_like(exact)
        return [exact.grad for exact in self._exact if exact.grad is not None]

    def step(self, rate: float, clip: float) -> float:
        """Take one step at this rate, the gradient cut to the norm `clip`; gives its norm before.

        A gradient that is no finite number changes nothing.
        """
        found = [exact.grad for exact in self._exact if exact.grad is not None]
        total = whole(torch.nn.utils.get_total_norm(found))
        torch.nn.utils.clip_grads_with_norm_(self._exact, clip, total)
        norm = float(total)
        if norm < float("inf"):
            for group in self._inner.param_groups:
                group["lr"] = rate
            self._inner.step()
        self._inner.zero_grad(set_to_none=True)
        self._round()
        return norm

    def state(self, *, keep: bool = True) -> dict[str, Any]:
        """All that a later session needs: the weights, exact ones, and the moments; on the CPU.

        Where weights are divided, all processes must ask; only those that `keep` get them.
        """
        state = {"weights": self._exact, "optimizer": self._inner.state_dict()}
        found: dict[str, Any] = gathered(state, keep=keep)
        return found

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave, weights and all, however they are divided now."""
        with torch.no_grad():
            for exact, kept in zip(self._exact, state["weights"], strict=True):
                exact.copy_(part(kept, exact))
        self._inner.load_state_dict(parted(state["optimizer"], self._exact))
        self._round()

    def _round(self) -> None:
        with torch.no_grad():
            for value, exact in zip(self._parameters, self._exact, strict=True):
                if value is not exact:
                    value.copy_(exact)


def _exact(value: Parameter) -> Parameter:
    if value.dtype == torch.float32:
        return value
    return torch.nn.Parameter(value.detach().float().clone())


def _into(exact: Parameter) -> Callable[[Tensor], None]:
    def add(value: Tensor) -> None:
        if value.grad is None:
            return
        found = value.grad.float()
        exact.grad = found if exact.grad is None else exact.grad.add_(found)
        value.grad = None

    return add


def _eight_bit() -> Callable[..., torch.optim.Optimizer]:
    try:
        found = import_module("bitsandbytes.optim").AdamW8bit  # no extra: few need it
    except ImportError as error:
        raise UsageError(
            "policy.optimizer=adamw8bit needs bitsandbytes: pip install it, or take adamw."
        ) from error
    make: Callable[..., torch.optim.Optimizer] = found
    return make
