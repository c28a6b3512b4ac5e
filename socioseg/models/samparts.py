"""SAM's parts as large as its tensors say: one reader for every size that there is."""

from __future__ import annotations

import pickle
import re
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import CheckpointError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEADS = 8
"""Heads of the mask decoder's attention, in every SAM: no tensor tells them."""
_BLOCK = re.compile(r"image_encoder\.blocks\.(\d+)\.")
_LAYER = re.compile(r"mask_decoder\.transformer\.layers\.(\d+)\.")


class Sizes(NamedTuple):
    """How large a SAM is; ViT-B, L and H have a `width` of 768, 1024 and 1280."""

    width: int
    depth: int
    heads: int
    patch: int
    grid: int
    """Patches along a side of the image."""
    window: int
    whole: tuple[int, ...]
    """Blocks whose attention spans the whole image."""
    features: int
    layers: int
    mlp: int
    masks: int
    """Masks that are made of a target, besides the single one."""
    mask_channels: int


def state_of(path: Path) -> dict[str, Any]:
    """The tensors in the `.pth` file `path`; nothing else in it is ever run.

    Raises
    ------
    CheckpointError
        If it is missing, cut off, or holds more than tensors.
    """
    try:
        import torch  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("SAM needs torch: pip install 'socioseg[models]'.") from error
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol")  # it is refused below
            state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than tensors, or is damaged; it may run code and is not loaded:"
            " give the file that SAM's authors published."
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise CheckpointError(f"{path} is cut off or damaged: fetch it again.") from error
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise CheckpointError(f"{path} is no dictionary of tensors: give weights of SAM.")
    return state


def sizes_of(state: Mapping[str, Any]) -> Sizes:
    """How large the SAM is to which the tensors `state` belong.

    Raises
    ------
    KeyError
        If they are not SAM's.
    """
    encoder, decoder = "image_encoder.", "mask_decoder."
    width, _, patch, _ = state[f"{encoder}patch_embed.proj.weight"].shape
    grid = state[f"{encoder}pos_embed"].shape[1]
    depth = _count(_BLOCK, state)
    spans = [state[f"{encoder}blocks.{i}.attn.rel_pos_h"].shape for i in range(depth)]
    reach = [(length + 1) // 2 for length, _ in spans]
    return Sizes(
        width=width,
        depth=depth,
        heads=width // spans[0][1],
        patch=patch,
        grid=grid,
        window=min(reach),
        whole=tuple(i for i, side in enumerate(reach) if side == grid),
        features=state[f"{encoder}neck.0.weight"].shape[0],
        layers=_count(_LAYER, state),
        mlp=state[f"{decoder}transformer.layers.0.mlp.lin1.weight"].shape[0],
        masks=state[f"{decoder}mask_tokens.weight"].shape[0] - 1,
        mask_channels=state["prompt_encoder.mask_downscaling.3.weight"].shape[0],
    )


def make_sam(sizes: Sizes) -> Any:  # noqa: ANN401 - untyped
    """A SAM of these sizes with random weights."""
    import torch  # noqa: PLC0415 - an extra
    from segment_anything import modeling  # noqa: PLC0415 - an extra

    side = sizes.grid * sizes.patch
    encoder = modeling.ImageEncoderViT(
        img_size=side,
        patch_size=sizes.patch,
        embed_dim=sizes.width,
        depth=sizes.depth,
        num_heads=sizes.heads,
        out_chans=sizes.features,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=sizes.window,
        global_attn_indexes=sizes.whole,
    )
    grid = (sizes.grid, sizes.grid)
    prompts = modeling.PromptEncoder(sizes.features, grid, (side, side), sizes.mask_channels)
    decoder = modeling.MaskDecoder(
        transformer_dim=sizes.features,
        transformer=modeling.TwoWayTransformer(sizes.layers, sizes.features, HEADS, sizes.mlp),
        num_multimask_outputs=sizes.masks,
    )
    return modeling.Sam(encoder, prompts, decoder)


def build_sam(state: Mapping[str, Any], path: Path) -> Any:  # noqa: ANN401 - untyped
    """The SAM to which the tensors `state` of the file `path` belong.

    Raises
    ------
    CheckpointError
        If they are not SAM's, or not all of them.
    UsageError
        If segment-anything is not installed.
    """
    try:
        model = make_sam(sizes_of(state))
        model.load_state_dict(state)
    except ImportError as error:
        raise UsageError("SAM needs segment-anything: pip install 'socioseg[models]'.") from error
    except (KeyError, ValueError, IndexError, RuntimeError) as error:
        raise CheckpointError(
            f"{path} does not hold the weights of a SAM: give one of the files that its authors"
            " published."
        ) from error
    return model


def _count(pattern: re.Pattern[str], names: Mapping[str, Any]) -> int:
    numbers = [int(found[1]) for found in map(pattern.match, names) if found]
    if not numbers:
        raise KeyError(pattern.pattern)
    return max(numbers) + 1
