"""The command that trains a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from socioseg.commands.parts import Prompts, Segmenter, Stages, Weights, options_of
from socioseg.commands.shell import Json, progress, show_result

app = typer.Typer()


@app.command(
    epilog="Example: socioseg train --model unet --dataset out/demo/socioseg --out out/unet"
)
def train(  # noqa: PLR0913 - one argument for each option
    model: Annotated[
        str,
        typer.Option(
            help="A baseline with a key `train`, see list baselines; or a trained folder."
        ),
    ],
    dataset: Annotated[
        str, typer.Option(help="Dataset folder, the name of one built here, or Hub id.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the training; it goes on where it stopped.")],
    method: Annotated[
        str, typer.Option(help="supervised, warm, sft or grpo; the recipe's by default.")
    ] = "",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="How often each sample is seen (supervised, sft).")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="In place of --epochs: batches.")] = None,
    weights: Weights = None,
    segmenter: Segmenter = None,
    prompts: Prompts = None,
    stages: Stages = None,
    limit_minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop after so long; go on with the same command.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any setting of the method, as in learning_rate=1e-5."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a model. Run it again to go on after a stop; `bench --model OUT` runs it."""
    from socioseg.build.recipe import parse_settings
    from socioseg.train.methods import TrainRequest
    from socioseg.train.methods import train as run

    settings, parts = parse_settings(setting or ()), (weights, segmenter, prompts, stages)
    for key, value in (("epochs", epochs), ("steps", steps)):
        if value is not None:
            settings[key] = value
    with progress() as report:
        request = TrainRequest(
            model=model,
            dataset=dataset,
            out=out,
            method=method,
            settings=settings,
            limit_minutes=limit_minutes,
            device=device,
            options=options_of(model, (None, None, *parts), None) if any(parts) else {},
            progress=report,
        )
        result = run(request)
    if result:  # of several processes one speaks
        show_result(result, as_json=as_json)
