"""How a reply is written: settings that every engine takes."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from socioseg.errors import RecipeError
from socioseg.recipe import Strict, hint, parse_recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE = Parameter.VAR_KEYWORD


class Generation(Strict):
    """Settings of generation, as a recipe holds them.

    `max_tokens` is the budget of a reply, its end token included. A `temperature` of 0 takes the
    likeliest token always; else one is drawn among the `top_k` likeliest (0: all), and of these
    among the likeliest that hold `top_p` of the probability, by the prompt's own seed. A reply
    ends before any of the texts `stop`.
    """

    max_tokens: int = Field(default=2048, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    top_k: int = Field(default=0, ge=0)
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    def ends_at(self, text: str) -> int | None:
        """Where the first stop text in `text` begins; None where there is none."""
        found = [place for word in self.stop if (place := text.find(word)) >= 0]
        return min(found, default=None)


def generation_of(options: Mapping[str, Any], engine: Callable[..., Any]) -> Generation:
    """`options` of `engine` that are none of its named arguments.

    Raises
    ------
    RecipeError
        Naming the option that is wrong, and those that there are.
    """
    named = [name for name, given in signature(engine).parameters.items() if given.kind != VARIABLE]
    for name in options:
        known = [*named, *Generation.model_fields]
        if name not in known:
            raise RecipeError(f"The chat engine has no option {name!r}{hint(name, known)}")
    return parse_recipe(options, Generation, "chat engine")
