"""The dense answer of a warm start: for every patch, how much of it is meant, and which box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional

from socioseg.models.reason.render import fit_mask
from socioseg.train.sft.truths import truth_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from socioseg.models.reason.look import Look

_CORNERS = 4
_NEIGHBOURS = np.ones((3, 3), dtype=np.int64)


class Patches(NamedTuple):
    """What is true of the patches of N samples, P each.

    Attributes
    ----------
    share
        (N, P) float: how much of the patch is meant.
    boxes
        (N, P, 4) int: the box of the place in its middle, in the model's frame; -1 for none.
    """

    share: Tensor
    boxes: Tensor

    def to(self, device: torch.device) -> Patches:
        """The same on another device."""
        return Patches(self.share.to(device), self.boxes.to(device))


def patches_of(looks: Sequence[Look], grid: int) -> Patches:
    """The truth of `looks` on a grid of `grid` x `grid` patches."""
    pairs = [_patches(look, grid) for look in looks]
    shares, boxes = zip(*pairs, strict=True)
    return Patches(torch.stack(shares), torch.stack(boxes))


class DenseHead(torch.nn.Module):
    """Reads the dense answer from what two layers hold of images.

    What the tower sees knows nothing of the question, so it is read for each query that there is.

    Parameters
    ----------
    width
        Numbers of a token.
    words
        Queries that there are.
    greatest
        The greatest coordinate.
    """

    def __init__(self, width: int, words: int, greatest: int) -> None:
        super().__init__()
        self.see, self.read = (
            torch.nn.Sequential(torch.nn.LayerNorm(width), torch.nn.Linear(width, values))
            for values in (words, 1 + _CORNERS * (greatest + 1))
        )

    def see_only(self, tower: Tensor, asked: Tensor) -> Tensor:
        """The logits `seen` of (N, images, P, width); `asked` are the numbers of N queries."""
        every: Tensor = self.see(tower)
        chosen = asked[:, None, None, None].expand(*every.shape[:-1], 1)
        return every.gather(-1, chosen)[..., 0]

    def forward(self, tower: Tensor, hidden: Tensor, asked: Tensor) -> Dense:
        """All logits, of (N, images, P, width) each."""
        read = self.read(hidden)
        corners = read[..., 1:].unflatten(-1, (_CORNERS, -1))
        return Dense(self.see_only(tower, asked), read[..., 0], corners)


class Dense(NamedTuple):
    """Logits of a dense answer to N questions.

    Attributes
    ----------
    seen
        (N, images, P) of the share, as the tower sees it.
    share
        (N, images, P) of the share, as the language model holds it.
    corners
        (N, images, P, 4, values) of the box.
    """

    seen: Tensor
    share: Tensor
    corners: Tensor


def tower_of(model: Any, inputs: Any) -> Tensor:  # noqa: ANN401 - transformers'
    """(N, images, P, width): what the tower and the projector make of the images of N prompts."""
    found = model.get_image_features(pixel_values=inputs["pixel_values"], return_dict=True)
    features = torch.stack(list(found.pooler_output))
    return features.reshape(inputs["input_ids"].shape[0], -1, *features.shape[1:])


def layers(model: Any, inputs: Any, layer: int) -> tuple[Tensor, Tensor]:  # noqa: ANN401 - transformers'
    """What goes into the language model of the images of N prompts, and what `layer` makes of it.

    (N, images, P, width) each; all prompts have the same number of images.
    """
    positions = (inputs["attention_mask"].cumsum(dim=1) - 1).clamp(min=0)
    found = model.model(
        **inputs, position_ids=positions, output_hidden_states=True, use_cache=False
    )
    images = inputs["input_ids"] == model.config.image_token_id
    patches = model.config.image_seq_length
    before, after = (
        hidden[images].reshape(hidden.shape[0], -1, patches, hidden.shape[-1])
        for hidden in (found.hidden_states[0], found.hidden_states[layer])
    )
    return before, after


def share_loss(share: Tensor, truth: Patches) -> Tensor:
    """Cross-entropy of (N, images, P) logits of the share alone."""
    wanted = truth.share[:, None].expand(-1, share.shape[1], -1)
    return functional.binary_cross_entropy_with_logits(share, wanted)


def dense_loss(answer: Dense, truth: Patches) -> Tensor:
    """Cross-entropy of the share, and of each corner of the patches that have a box."""
    images = answer.share.shape[1]
    boxes = truth.boxes[:, None].expand(-1, images, -1, -1)
    loss = share_loss(answer.share, truth) + share_loss(answer.seen, truth)
    meant = boxes[..., 0] >= 0
    if meant.any():
        corners = answer.corners[meant].flatten(0, 1)
        loss = loss + functional.cross_entropy(corners, boxes[meant].flatten())
    return loss


def dense_scores(answer: Dense, truth: Patches) -> dict[str, float]:
    """How good the last image's answer is.

    `patch_iou`, the mean over samples of the IoU of patches that are more than half meant, and
    `tower_iou`, the same as the tower sees it; `corner`, how far off corners are, in units of the
    frame.
    """
    true = truth.share > 0.5
    meant = truth.boxes[..., 0] >= 0
    off = (answer.corners[:, -1].argmax(dim=-1) - truth.boxes).abs().float()
    return {
        "patch_iou": _iou(answer.share[:, -1] > 0, true),
        "tower_iou": _iou(answer.seen[:, -1] > 0, true),
        "corner": float(off[meant].mean()) if meant.any() else 0.0,
    }


def _iou(found: Tensor, true: Tensor) -> float:
    union = (found | true).sum(dim=1).clamp(min=1)
    return float(((found & true).sum(dim=1) / union).mean())


def _patches(look: Look, grid: int) -> tuple[Tensor, Tensor]:
    mask = truth_of(look).mask
    share = functional.adaptive_avg_pool2d(torch.from_numpy(mask)[None, None].float(), grid)
    labels, _ = ndimage.label(mask, _NEIGHBOURS)
    places = fit_mask(labels, (grid, grid)).ravel()
    boxes = torch.full((grid * grid, _CORNERS), -1)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        box = (columns.start, rows.start, columns.stop, rows.stop)
        corners = look.frame.from_sample(box, look.query.size)
        boxes[torch.from_numpy(places == number)] = torch.tensor([round(v) for v in corners])
    return share.flatten(), boxes
