"""Adapters of low rank on a chat model, through peft."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from torch import Tensor

    from socioseg.train.policy.settings import LoraSettings


def add_adapters(model: Any, settings: LoraSettings) -> Any:  # noqa: ANN401 - untyped
    """Put adapters into `model`, frozen but for them; gives peft's wrapper around it.

    They change nothing before the first step.

    Raises
    ------
    UsageError
        If peft is missing, or the model has no such layers.
    """
    try:
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("policy.lora needs peft: pip install 'socioseg[train]'.") from error
    config = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=settings.targets)
    try:
        with warnings.catch_warnings():  # peft asks transformers by a name that is going away
            warnings.simplefilter("ignore", FutureWarning)
            wrapped = get_peft_model(model, config)
    except ValueError as error:
        raise UsageError(f"policy.lora: {' '.join(str(error).split())[:300]}") from error
    _check_found(settings.targets, wrapped.targeted_module_names)
    return wrapped


def _check_found(targets: str | list[str], layers: Collection[str]) -> None:
    """Refuse a list of which a part is in no layer's name: peft passes over it."""
    for name in targets if isinstance(targets, list) else ():
        if not any(f".{layer}".endswith(f".{name}") for layer in layers):
            raise UsageError(f"policy.lora: the model has no layer {name!r}: take it off targets.")


def merged(model: Any) -> dict[str, Tensor]:  # noqa: ANN401 - untyped
    """The state of a model with the adapters added in, under the names it has without them.

    The model is left as it is: adding and taking away again would not give the same numbers.

    Parameters
    ----------
    model
        The one inside peft's wrapper.
    """
    from peft.tuners.lora import LoraLayer  # noqa: PLC0415 - an extra

    deltas = {
        f"{name}.weight": layer.get_delta_weight(adapter)
        for name, layer in model.named_modules()
        if isinstance(layer, LoraLayer)
        for adapter in layer.active_adapters
    }
    found: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        plain = name.replace(".base_layer.", ".")
        if ".lora_" not in name:
            found[plain] = value + deltas[plain] if plain in deltas else value
    return found
