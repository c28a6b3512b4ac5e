"""Write a tiny policy of random weights: a folder as those on the Hub, that `LocalChat` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.models.checkpoint import quiet
from socioseg.train.tinypolicy.words import ANSWER, END, IMAGE, PAD, tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.train.tinypolicy.settings import Shape

# The question stands before the images, so that their tokens know what is looked for.
TEMPLATE = (
    "{%- for message in messages %}{%- for part in message.content %}"
    "{%- if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}"
    "{%- for part in message.content %}"
    "{%- if part.type == 'image' %}{{ '" + IMAGE + "' }}{% endif %}{% endfor %}{% endfor %}"
    "{%- if add_generation_prompt %}{{ '" + ANSWER + "' }}{% endif %}"
)
_LONGEST = 4096


def make_policy(folder: Path, shape: Shape, one_token: Sequence[str], seed: int) -> None:
    """Write weights, tokenizer, image processor and chat template; the same seed, the same bytes.

    Parameters
    ----------
    one_token
        Texts that are a token each.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    import torch  # noqa: PLC0415 - an extra
    from transformers import LlavaForConditionalGeneration  # noqa: PLC0415 - an extra

    words = tokenizer(one_token)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlavaForConditionalGeneration(_config(shape, words))
    model.generation_config.eos_token_id = words.convert_tokens_to_ids(END)
    model.generation_config.pad_token_id = words.convert_tokens_to_ids(PAD)
    with quiet():
        model.save_pretrained(folder)
    _processor(shape, words).save_pretrained(folder)


def _config(shape: Shape, words: Any) -> Any:  # noqa: ANN401 - transformers'
    from transformers import LlamaConfig, LlavaConfig, SiglipVisionConfig  # noqa: PLC0415

    both = {
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_attention_heads": shape.heads,
    }
    tower = SiglipVisionConfig(
        **both,
        num_hidden_layers=shape.tower_layers,
        image_size=shape.side,
        patch_size=shape.patch,
        vision_use_head=False,
    )
    text = LlamaConfig(
        **both,
        num_hidden_layers=shape.layers,
        num_key_value_heads=shape.heads,
        vocab_size=len(words),
        max_position_embeddings=_LONGEST,
        bos_token_id=None,
        eos_token_id=words.convert_tokens_to_ids(END),
        pad_token_id=words.convert_tokens_to_ids(PAD),
    )
    return LlavaConfig(
        vision_config=tower,
        text_config=text,
        image_token_index=words.convert_tokens_to_ids(IMAGE),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        image_seq_length=shape.grid**2,
        tie_word_embeddings=False,
    )


def _processor(shape: Shape, words: Any) -> Any:  # noqa: ANN401 - transformers'
    from transformers import LlavaProcessor, SiglipImageProcessor  # noqa: PLC0415 - an extra

    sides = {"height": shape.side, "width": shape.side}
    return LlavaProcessor(
        image_processor=SiglipImageProcessor(size=sides),
        tokenizer=words,
        patch_size=shape.patch,
        vision_feature_select_strategy="full",
        chat_template=TEMPLATE,
        image_token=IMAGE,
        num_additional_image_tokens=0,
    )
