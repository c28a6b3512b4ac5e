"""What a tiny policy can say in one token: numbers, what stands between them, and its queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from socioseg.models.answers import Item, write
from socioseg.models.reason.prompts import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socioseg.models.reason.family import Family
    from socioseg.models.reason.prompts import Prompts

IMAGE, ANSWER, END, PAD = "<image>", "<answer-now>", "<end>", "<pad>"
SPECIAL = (PAD, END, ANSWER, IMAGE)
_NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
"""A number by itself: not that in a key such as `bbox_2d`."""
_PLACE = re.compile(r"\$\{?(?:" + "|".join(PLACES) + r")\}?")


def phrases(family: Family, prompts: Prompts, queries: Iterable[str], greatest: int) -> list[str]:
    """Texts that are one token each, in a fixed order.

    Parameters
    ----------
    queries
        Texts asked for in the training data; others are spelt out byte by byte.
    greatest
        The greatest coordinate: the side of the family's frame.
    """
    stages = enumerate(family.grammars, 1)
    answers = [text for stage, grammar in stages for text in _samples(grammar, stage)]
    boxes = [re.sub(r"</?(think|answer)>", "", text) for text in answers]
    asked = [_PLACE.sub("7", text) for text in (prompts.locate, prompts.refine)]
    between = {part for text in [*answers, *boxes, *asked] for part in _NUMBER.split(text)}
    numbers = [str(number) for number in range(greatest + 1)]
    return [*numbers, *sorted({*between, *queries} - {""} - set(numbers))]


def tokenizer(one_token: Sequence[str]) -> Any:  # noqa: ANN401 - transformers'
    """A tokenizer that spells any text: `one_token` as such, the rest byte by byte."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - an extra

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = {text: number for number, text in enumerate((*SPECIAL, *letters))}
    inner = Tokenizer(models.BPE(vocab=known, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([AddedToken(text, normalized=False) for text in SPECIAL])
    inner.add_tokens([AddedToken(text, normalized=False) for text in one_token])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[ANSWER, IMAGE],
        clean_up_tokenization_spaces=False,
    )


def _samples(grammar: str, stage: int) -> list[str]:
    """Answers with none, one and several objects and points; the numbers in them do not matter."""
    box, point = (7.0, 7.0, 9.0, 9.0), (8.0, 8.0)
    items = [Item(box, (point,) * count, (1,) * count, 7, "adjust") for count in (0, 1, 3)]
    lists = [[item] * count for count in (0, 1, 2) for item in items]
    return [write(some, grammar, stage, thought) for some in lists for thought in (None, "", "7")]
