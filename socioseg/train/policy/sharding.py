"""Weights that are divided among the processes of a training: PyTorch's FSDP 2.

What `accelerate launch` was told stands in the environment. accelerate itself, and transformers'
Trainer with it, divides one model on GPUs alone; here there are two, what learns and what it was,
and tests run on CPUs.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor
    from torch.nn import Module

_DEEPSPEED, _FSDP = "ACCELERATE_USE_DEEPSPEED", "ACCELERATE_USE_FSDP"
_EMPTY_LOADING = "FSDP_CPU_RAM_EFFICIENT_LOADING"


def sharding_asked(*, mean: bool = False) -> Sharding | None:
    """What `accelerate launch` was told; None if each process is to have all the weights.

    It is asked once, before accelerate is: that is told nothing of it any more.

    Parameters
    ----------
    mean
        See `Sharding`.

    Raises
    ------
    UsageError
        If it was told what is not done here.
    """
    if _is_on(_DEEPSPEED):
        raise UsageError(
            "Weights are not divided by DeepSpeed here: give `accelerate launch` a configuration of"
            " FSDP (docs/training.md shows one)."
        )
    if not _is_on(_FSDP):
        return None
    from accelerate.utils import FullyShardedDataParallelPlugin  # noqa: PLC0415 - an extra
    from torch.distributed.fsdp import CPUOffloadPolicy  # noqa: PLC0415 - slow to import

    # else transformers would leave all processes but the first with empty weights
    os.environ[_EMPTY_LOADING] = "false"
    if os.environ.get("FSDP_VERSION") != "2":
        raise UsageError(
            "Weights are divided by FSDP 2 alone: set fsdp_version: 2 in the configuration of"
            " `accelerate launch`."
        )
    plugin = FullyShardedDataParallelPlugin()
    os.environ[_FSDP] = "false"
    if isinstance(plugin.cpu_offload, CPUOffloadPolicy):
        raise UsageError(
            "Weights are not moved to the CPU between passes: set fsdp_offload_params: false in"
            " the configuration of `accelerate launch`, and train on more GPUs."
        )
    blocks, reshard = plugin.transformer_cls_names_to_wrap, plugin.reshard_after_forward
    return Sharding(blocks, reshard=reshard, mean=mean)


def _is_on(name: str) -> bool:
    return os.environ.get(name, "false").lower() == "true"


class Sharding:
    """How weights are divided.

    Parameters
    ----------
    blocks
        Names of the classes whose weights are gathered together; None for those that the model
        itself names.
    reshard
        Whether a block's weights are given back after its forward pass and gathered again for
        the backward pass.
    mean
        Whether gradients are means over the processes; else they are sums.
    """

    def __init__(
        self, blocks: list[str] | None = None, *, reshard: bool = True, mean: bool = False
    ) -> None:
        self._blocks, self._reshard, self._mean = blocks, reshard, mean

    def divide(self, model: Any) -> None:  # noqa: ANN401 - untyped
        """Leave each process its part of the parameters of `model`, which all of them have.

        Each pass gathers them block by block, so all processes must make the same passes. The
        model goes on in the numbers it has; what is trained is kept in float32.
        """
        from torch.distributed.device_mesh import init_device_mesh  # noqa: PLC0415 - slow
        from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard  # noqa: PLC0415 - slow

        device, dtype, size = model.device.type, model.dtype, torch.distributed.get_world_size()
        mesh = init_device_mesh(device, (size,))
        # groups are found by name too, and what caches keep of the mesh must not keep a group
        getattr(mesh, "_pg_registry", {}).clear()
        policy = MixedPrecisionPolicy(dtype, torch.float32, cast_forward_inputs=False)
        for value in model.parameters():
            if value.requires_grad:
                value.data = value.data.float()
        for module in [*self._blocks_of(model), model]:
            fully_shard(module, mesh=mesh, mp_policy=policy, reshard_after_forward=self._reshard)
            module.set_gradient_divide_factor(float(size if self._mean else 1))
            module.set_force_sum_reduction_for_comms(True)

    def _blocks_of(self, model: Any) -> list[Any]:  # noqa: ANN401 - untyped
        """Inner ones before those that they are in."""
        names = self._blocks or getattr(model, "_no_split_modules", None) or ()
        inner = reversed(list(model.modules()))
        return [module for module in inner if type(module).__name__ in names]


def whole(value: Tensor) -> Tensor:
    """All of a tensor that may be divided: then all processes must ask."""
    from torch.distributed.tensor import DTensor  # noqa: PLC0415 - slow to import

    return value.full_tensor() if isinstance(value, DTensor) else value


def part(value: Tensor, like: Tensor) -> Tensor:
    """Of `value`, which all processes have, what is for this one; all, if `like` is not divided."""
    from torch.distributed.tensor import DTensor, distribute_tensor  # noqa: PLC0415 - slow to import

    if not isinstance(like, DTensor) or value.shape != like.shape:
        return value
    mesh, placements = like.device_mesh, like.placements
    here = value.to(like.device)
    return distribute_tensor(here, mesh, placements, src_data_rank=None)


def gathered(tree: Any, *, keep: bool) -> Any:  # noqa: ANN401 - dicts and lists of anything
    """`tree` with each tensor whole, on the CPU: all processes must ask, in the same order.

    Parameters
    ----------
    keep
        Whether this process wants them; else it gets None for each.
    """
    if isinstance(tree, dict):
        return {name: gathered(value, keep=keep) for name, value in tree.items()}
    if isinstance(tree, list):
        return [gathered(value, keep=keep) for value in tree]
    if not isinstance(tree, torch.Tensor):
        return tree
    found = whole(tree.detach())
    return found.cpu() if keep else None


def parted(state: Any, parameters: Sequence[Tensor]) -> dict[str, Any]:  # noqa: ANN401 - untyped
    """An optimizer's state as `gathered` gave it, for one that steps along `parameters`."""
    moments = {
        place: {name: part(value, parameters[place]) for name, value in each.items()}
        for place, each in state["state"].items()
    }
    return {**state, "state": moments}


@contextmanager
def views_are_safe() -> Iterator[None]:
    """For a pass of a divided model whose output is not changed in place: FSDP warns of that."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view", UserWarning)
        yield


@contextmanager
def lent(plain: Module, divided: Module) -> Iterator[None]:
    """Fill `plain`, a model of the same parts that has no weights, with those of `divided`.

    It then runs without the other processes. When it is over it has none again.
    """
    pairs = list(zip(plain.parameters(), divided.parameters(), strict=True))
    for mine, theirs in pairs:
        mine.data = whole(theirs.detach().to(mine.dtype))
    try:
        yield
    finally:
        empty(plain)


def empty(model: Module) -> None:
    """Let go of all weights of `model`."""
    for value in model.parameters():
        value.data = value.data.new_empty(0)
