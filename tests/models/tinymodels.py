"""Tiny random models in the file formats of the real ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from socioseg.models.untrained import make_tokenizer, shake, write_qwen, write_sam2

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import Qwen2TokenizerFast


def tiny_qwen(folder: Path, seed: int = 0) -> Path:
    """Write a Qwen2.5-VL of 0.1 million random parameters, with tokenizer, processor, template."""
    return write_qwen(folder, "tiny", seed)


def tiny_tokenizer() -> Qwen2TokenizerFast:
    """A byte-level BPE of 320 tokens and the special ones."""
    return make_tokenizer("tiny")


def old_qwen(folder: Path, seed: int = 0) -> Path:
    """Write what `tiny_qwen` does as transformers did before 4.52, as the 3B checkpoint is.

    The text model's settings stand at the top of the configuration, and the tensors are called
    `model.*` and `visual.*`.
    """
    from safetensors.torch import load_file, save_file

    tiny_qwen(folder, seed)
    config = json.loads((folder / "config.json").read_text())
    text = config.pop("text_config")
    rope = text.pop("rope_parameters")
    text |= {"rope_theta": rope["rope_theta"]}
    text["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    config = text | config | {"transformers_version": "4.49.0", "torch_dtype": "float32"}
    config["model_type"] = "qwen2_5_vl"
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    tensors = load_file(folder / "model.safetensors")
    short = {"model.visual.": "visual.", "model.language_model.": "model."}
    for name in list(tensors):
        for new, old in short.items():
            if name.startswith(new):
                tensors[old + name.removeprefix(new)] = tensors.pop(name)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def tiny_sam2(folder: Path, seed: int = 0, *, video: bool = True) -> Path:
    """Write a SAM 2 of 0.2 million random parameters that sees 128 x 128 pixels.

    The checkpoints on the Hub are of `video`: the same tensors, and those for tracking.
    """
    return write_sam2(folder, "tiny", seed, video=video)


def tiny_sam(path: Path, seed: int = 0) -> Path:
    """Write a SAM of 0.1 million random parameters that sees 128 x 128 pixels, as a `.pth`."""
    from functools import partial

    import torch
    from segment_anything.modeling import (
        ImageEncoderViT,
        MaskDecoder,
        PromptEncoder,
        Sam,
        TwoWayTransformer,
    )

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Sam(
            ImageEncoderViT(
                img_size=128,
                patch_size=16,
                embed_dim=32,
                depth=2,
                num_heads=2,
                out_chans=32,
                norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
                use_rel_pos=True,
                window_size=3,
                global_attn_indexes=(1,),
            ),
            PromptEncoder(32, (8, 8), (128, 128), 16),
            MaskDecoder(
                transformer_dim=32,
                transformer=TwoWayTransformer(depth=2, embedding_dim=32, mlp_dim=64, num_heads=8),
            ),
        )
        shake(model, 0.1)
    torch.save(model.state_dict(), path)
    return path
