"""Options that name the parts of a reasoning model, for the commands that run models."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Engine = Annotated[str | None, typer.Option(help="Chat engine: local or openai.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="Of an OpenAI-compatible server, for --engine openai.")
]
Weights = Annotated[
    str | None, typer.Option(help="Language model: folder, Hub id, or a server's name of it.")
]
Segmenter = Annotated[str | None, typer.Option(help="sam2, sam, grabcut or fill.")]
Prompts = Annotated[
    str | None, typer.Option(help="A name, a YAML file, 'upstream', or its Python file.")
]
Stages = Annotated[int | None, typer.Option(min=1, max=2, help="1: no second look.")]


def options_of(model: str, parts: tuple[Any, ...], setting: list[str] | None) -> dict[str, Any]:
    """The options of `model` with other `parts`, in the order of `Parts`, and settings."""
    from socioseg.build.recipe import parse_settings
    from socioseg.models.options import Parts, changed, with_parts
    from socioseg.models.registry import find_model

    _, recipe = find_model(model)
    return changed(with_parts(recipe.options, Parts(*parts)), parse_settings(setting or ()))
