"""Weights that nobody trained: folders in the formats of the real models, for tests and timings.

What such a model says means nothing; how long it takes to say it, and how it is loaded, does.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from socioseg.errors import UsageError
from socioseg.models.reason.prompts import FOLDER

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import Qwen2TokenizerFast

SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
TEMPLATE = """\
{%- if messages[0].role != 'system' %}
{{- '<|im_start|>system\\nYou are tiny.<|im_end|>\\n' }}{% endif %}
{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}{{ message.content }}
{%- else %}{% for part in message.content %}
{%- if part.type == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- elif part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}{% endif %}
{{- '<|im_end|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
WORDS = """<think>The school lies north of the park.</think><answer>[{"bbox_2d": [12, 34, 560, 78],
"points": [[20, 40], [300, 60]]}]</answer> system user assistant You are tiny. Where is it?"""

SIZES = ("tiny", "real")


@cache
def dimensions() -> dict[str, Any]:
    """What the file beside this module holds: `qwen` and `sam2` by size, and `tracking`."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found


def _of(kind: str, size: str) -> dict[str, Any]:
    if size not in SIZES:
        raise UsageError(f"There is no size {size!r}; known: {', '.join(SIZES)}.")
    found: dict[str, Any] = dimensions()[kind][size]
    return found


def qwen_config(size: str, tokenizer: Qwen2TokenizerFast) -> Any:  # noqa: ANN401 - transformers'
    """Configuration of a Qwen2.5-VL of `size`, with the token ids of `tokenizer`."""
    from transformers import Qwen2_5_VLConfig  # noqa: PLC0415 - an extra

    wanted = _of("qwen", size)
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    text = {
        "vocab_size": len(tokenizer),
        **wanted["text"],
        "rope_parameters": {"rope_type": "default", **wanted["rope"]},
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"],
    }
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=dict(wanted["vision"]),
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )


def write_qwen(
    folder: Path, size: str = "tiny", seed: int = 0, *, device: str = "cpu", dtype: str = "float32"
) -> Path:
    """Write a random Qwen2.5-VL with tokenizer, processor and chat template.

    Parameters
    ----------
    folder
        To write into; returned.
    size
        One of `SIZES`.
    seed
        Of the weights.
    device, dtype
        Where they are drawn, and the type of torch in which; a large model takes a GPU's seconds.

    Raises
    ------
    UsageError
        If there is no such size.
    """
    from transformers import (  # noqa: PLC0415 - an extra
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    tokenizer = make_tokenizer(size)
    config = qwen_config(size, tokenizer)
    make, noise = Qwen2_5_VLForConditionalGeneration, _of("qwen", size)["noise"]
    model = _drawn(make, config, seed, device=device, dtype=dtype, noise=noise)
    ends = [tokenizer.eos_token_id, tokenizer.pad_token_id]
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = ends, ends[1]
    model.save_pretrained(folder)
    sides = {"shortest_edge": 28 * 28, "longest_edge": 1008 * 1008}
    Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=sides),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=TEMPLATE,
    ).save_pretrained(folder)
    return folder


def make_tokenizer(size: str = "tiny") -> Qwen2TokenizerFast:
    """A byte-level BPE: tiny, or one that knows the words of the package's own prompts."""
    from tokenizers import (  # noqa: PLC0415 - an extra
        Tokenizer,
        decoders,
        models,
        pre_tokenizers,
        trainers,
    )
    from transformers import Qwen2TokenizerFast  # noqa: PLC0415 - an extra

    texts = [WORDS]
    if size != "tiny":
        texts += [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_of("qwen", size)["tokens"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    return Qwen2TokenizerFast(
        tokenizer_object=bpe,
        eos_token="<|im_end|>",  # noqa: S106 - a token of text
        pad_token="<|endoftext|>",  # noqa: S106 - a token of text
        additional_special_tokens=[*SPECIAL],
    )


def sam2_config(size: str, *, video: bool = False) -> Any:  # noqa: ANN401 - transformers'
    """Configuration of a SAM 2 of `size`; see `write_sam2`."""
    from transformers import Sam2Config, Sam2VideoConfig  # noqa: PLC0415 - an extra

    wanted = _of("sam2", size)
    side, width, backbone = wanted["side"], wanted["width"], wanted["backbone"]
    hiera = {"model_type": "sam2_hiera_det_model", "image_size": [side, side], **backbone}
    parts = {
        "vision_config": {
            "backbone_config": hiera,
            "backbone_channel_list": backbone["embed_dim_per_stage"][::-1],
            "backbone_feature_sizes": [[side // step, side // step] for step in (4, 8, 16)],
            "fpn_hidden_size": width,
        },
        "prompt_encoder_config": {"hidden_size": width, "image_size": side, **wanted["prompts"]},
        "mask_decoder_config": {"hidden_size": width, **wanted["masks"]},
    }
    if video:
        return Sam2VideoConfig(**parts, **dimensions()["tracking"])
    return Sam2Config(**parts)


def write_sam2(
    folder: Path, size: str = "tiny", seed: int = 0, *, device: str = "cpu", video: bool = False
) -> Path:
    """Write a random SAM 2 with what prepares its images.

    Parameters
    ----------
    folder, seed, device
        As for `write_qwen`.
    size
        One of `SIZES`.
    video
        Whether to write, as the checkpoints on the Hub have them, the tensors for tracking too;
        of the tiny size only.

    Raises
    ------
    UsageError
        If there is no such size.
    """
    from transformers import (  # noqa: PLC0415 - an extra
        Sam2ImageProcessor,
        Sam2Model,
        Sam2VideoModel,
    )

    config, side = sam2_config(size, video=video), _of("sam2", size)["side"]
    make, noise = Sam2VideoModel if video else Sam2Model, _of("sam2", size)["noise"]
    model = _drawn(make, config, seed, device=device, noise=noise)
    model.save_pretrained(folder)
    Sam2ImageProcessor(
        size={"height": side, "width": side}, mask_size={"height": side // 4, "width": side // 4}
    ).save_pretrained(folder)
    return folder


def _drawn(
    make: Any,  # noqa: ANN401 - a class of transformers
    config: Any,  # noqa: ANN401 - transformers'
    seed: int,
    *,
    device: str,
    dtype: str = "float32",
    noise: float,
) -> Any:  # noqa: ANN401 - the class's object
    """A fresh model, with noise added to it."""
    import torch  # noqa: PLC0415 - an extra

    usual = torch.get_default_dtype()
    with torch.random.fork_rng([] if device == "cpu" else [device]), torch.device(device):
        torch.manual_seed(seed)
        torch.set_default_dtype(getattr(torch, dtype))
        try:
            model = make(config).eval()
        finally:
            torch.set_default_dtype(usual)
        shake(model, noise)
    return model


def shake(model: Module, alpha: float) -> None:
    """Add noise to every parameter: fresh weights answer everything alike."""
    import torch  # noqa: PLC0415 - an extra

    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=alpha)
