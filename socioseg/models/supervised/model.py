"""The model that runs a trained network."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch.nn import functional

from socioseg.errors import UsageError
from socioseg.models.base import Prediction, failure
from socioseg.models.supervised.device import pick_device
from socioseg.models.supervised.folder import load
from socioseg.models.supervised.pixels import query_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.supervised.network import Network
    from socioseg.sample import Query

UNKNOWN = "unknown_query"
"""Status of a query that the network has no map for."""


class Supervised:
    """A UNet or SegFormer, as `socioseg train` leaves it.

    Parameters
    ----------
    network
        "unet" or "segformer": what the checkpoint must hold; empty for either.
    checkpoint
        The folder of the training.
    device
        "auto", "cpu", "cuda", ...

    Raises
    ------
    UsageError
        If there is no checkpoint, it holds another kind of network, or there is no such device.
    CheckpointError
        If the checkpoint is damaged.
    """

    name = "supervised"

    def __init__(
        self,
        network: Literal["unet", "segformer", ""] = "",
        checkpoint: str = "",
        device: str = "auto",
    ) -> None:
        if not checkpoint:
            raise UsageError(
                f"{network or 'This network'} has no weights yet: train it with `socioseg train"
                f" --model {network or 'unet'} --dataset D --out CKPT` and run `--model CKPT`, or"
                " give `--set checkpoint=CKPT`."
            )
        trained = load(Path(checkpoint))
        kind = trained.spec.network.kind
        if network not in {"", kind}:
            raise UsageError(f"{checkpoint} holds a {kind}, not a {network}: run `--model {kind}`.")
        self.spec, self.revision = trained.spec, trained.revision
        self._device = pick_device(device)
        self._network = trained.network.to(self._device)

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """A mask for each of `samples` that there is a map for, one at a time.

        So that the batch changes no pixel.
        """
        return [self._predict(query) for query in samples]

    def _predict(self, query: Query) -> Prediction:
        start = time.perf_counter()
        channel = self.spec.channel(query.level, query.text)
        if channel is None:
            return failure(query, UNKNOWN, self.spec.unknown(query))
        pixels = query_pixels(query, self.spec)
        found = margin(self._network, pixels, channel, query.size)
        seconds = {"network": time.perf_counter() - start}
        mask = found > cut(self.spec.threshold)
        return Prediction(query.id, mask, seconds=seconds)


def cut(threshold: float) -> float:
    """The margin at which the probability is `threshold`."""
    return math.log(threshold / (1 - threshold))


@torch.inference_mode()
def margin(
    network: Network, pixels: NDArray[np.uint8], channel: int, size: tuple[int, int]
) -> NDArray[np.float32]:
    """How far each pixel speaks for `channel`, (H, W) of `size`; above 0 where it does.

    Of one map it is the logit. Of several that exclude each other (that is, `network` has a
    background) it is the logit less the highest of the others.

    Parameters
    ----------
    pixels
        As `query_pixels` gives them.
    """
    device = network.mean.device
    logits = network(torch.from_numpy(pixels).to(device)[None].float() / 255)
    full = functional.interpolate(logits, size, mode="bilinear")[0]
    if network.exclusive:
        others = torch.cat([full[:channel], full[channel + 1 :]])
        return np.asarray((full[channel] - others.amax(dim=0)).cpu().numpy())
    return np.asarray(full[channel].cpu().numpy())
