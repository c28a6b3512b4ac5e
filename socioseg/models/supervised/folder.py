"""The folder of a trained network: weights, what they are weights of, and how to run them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import yaml
from pydantic import ValidationError

from socioseg.errors import CheckpointError
from socioseg.files import atomic_path, atomic_write, sha256_file, write_json
from socioseg.models.registry import FOLDER_RECIPE
from socioseg.models.supervised.network import Network
from socioseg.models.supervised.spec import Spec  # noqa: TC001 - pydantic reads it
from socioseg.recipe import Strict

if TYPE_CHECKING:
    from pathlib import Path

CONFIG, WEIGHTS = "config.json", "model.safetensors"
_MODEL = "socioseg.models.supervised.model:Supervised"


class Config(Strict):
    """`config.json`: the network, and the hash of its weights, which lie beside it."""

    format: Literal[1] = 1
    spec: Spec
    weights_sha256: str


class Trained(NamedTuple):
    """A network with its weights; `revision` changes with whatever a mask depends on."""

    network: Network
    spec: Spec
    revision: str


def save(folder: Path, network: Network, spec: Spec, title: str) -> None:
    """Write what `socioseg bench --model FOLDER` needs, the recipe last.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from safetensors.torch import save_file  # noqa: PLC0415 - as torch is

    state = {
        name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()
    }
    with atomic_path(folder / WEIGHTS) as part:
        save_file(state, part, metadata={"format": "pt"})
    config = Config(spec=spec, weights_sha256=sha256_file(folder / WEIGHTS))
    write_json(folder / CONFIG, config.model_dump(mode="json"))
    recipe = yaml.safe_dump({"title": title, "model": _MODEL, "batch_size": 4}, sort_keys=False)
    atomic_write(folder / FOLDER_RECIPE, recipe.encode())


def load(folder: Path) -> Trained:
    """The network in `folder`, ready to be asked, on the CPU.

    Raises
    ------
    CheckpointError
        If something is missing, damaged, or of another version.
    """
    from safetensors import SafetensorError  # noqa: PLC0415 - as torch is
    from safetensors.torch import load_file  # noqa: PLC0415

    remedy = "train it again, or get the whole folder again"
    try:
        config = Config.model_validate_json((folder / CONFIG).read_bytes())
        digest = sha256_file(folder / WEIGHTS)
        if digest != config.weights_sha256:
            raise CheckpointError(
                f"{folder / WEIGHTS} is cut off or of another training: {remedy}."
            )
        network = Network(config.spec)
        network.load_state_dict(load_file(folder / WEIGHTS))
    except OSError as error:
        raise CheckpointError(
            f"{folder} holds no trained network ({error.filename}: {error.strerror}): {remedy}."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CheckpointError(f"{folder / CONFIG}: {where}: {first['msg']}; {remedy}.") from error
    except (SafetensorError, RuntimeError) as error:
        what = " ".join(str(error).split())[:200]
        raise CheckpointError(
            f"{folder / WEIGHTS} does not fit its {CONFIG} ({what}): {remedy}."
        ) from error
    return Trained(network.eval(), config.spec, sha256_file(folder / CONFIG)[:16])
