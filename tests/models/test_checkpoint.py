"""Folders of weights: sound ones of every layout, and a sentence for each way to be broken."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from tinymodels import old_qwen, tiny_sam2

from socioseg.errors import CheckpointError, UsageError
from socioseg.models import checkpoint, devices
from socioseg.models.weights import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture
def copy(sam2: Path, tmp_path: Path) -> Path:
    """A folder of a tiny SAM 2 to break."""
    return shutil.copytree(sam2, tmp_path / "copy")


def _load(folder: Path, target: str = "cpu") -> object:
    return checkpoint.load(transformers.Sam2Model, folder, torch.float32, target)


def test_numbers_are_counted_without_loading(tmp_path: Path) -> None:
    folder = tiny_sam2(tmp_path, video=False)
    found = checkpoint.inspect(folder, ("sam2",))
    model = _load(folder)
    assert found.numbers == sum(tensor.numel() for tensor in model.state_dict().values())  # type: ignore[attr-defined]


def test_the_old_flat_layout_of_qwen_loads_to_the_same(qwen: Path, tmp_path: Path) -> None:
    """The released 3B checkpoint has the text model's settings at the top of its config."""
    flat = old_qwen(tmp_path)
    assert "hidden_size" in checkpoint.inspect(flat, ("qwen2_5_vl",)).config
    new, old = (
        checkpoint.load(transformers.AutoModelForImageTextToText, folder, torch.float32, "cpu")
        for folder in (qwen, flat)
    )
    ids = torch.arange(20)[None]
    with torch.inference_mode():
        torch.testing.assert_close(new(input_ids=ids).logits, old(input_ids=ids).logits)


def _no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _bad_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": ')


def _list_config(folder: Path) -> None:
    (folder / "config.json").write_text("[]")


def _cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _no_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 4000)


def _empty(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _no_shard(folder: Path) -> None:
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": "model-9.safetensors"}}))


def _other_shapes(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["mask_decoder_config"]["mlp_dim"] = 48
    (folder / "config.json").write_text(json.dumps(config))


def _fewer_tensors(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    tensors = load_file(path)
    kept = {name: tensor for name, tensor in tensors.items() if "iou_token" not in name}
    save_file(kept, path, metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (_no_config, "has no config.json: give the folder"),
        (_bad_config, r"config\.json is damaged .*: fetch it again"),
        (_list_config, r"config\.json is damaged"),
        (_cut, r"cut off or damaged \([\d,]+ bytes where there should be [\d,]+\)"),
        (_no_header, "cut off or damaged"),
        (_empty, "cut off or damaged"),
        (_pickle, r"as a pickle \(pytorch_model\.bin\), which may run code"),
        (_no_weights, "has no file of weights"),
        (_no_shard, r"model-9\.safetensors is missing"),
        (_other_shapes, "give weights that fit its config.json"),
        (_fewer_tensors, r"lacks 1 tensors of a Sam2Model, such as .*iou_token"),
    ],
)
def test_each_harm_has_its_sentence(
    copy: Path, harm: Callable[[Path], None], sentence: str
) -> None:
    harm(copy)
    with pytest.raises(CheckpointError, match=sentence) as caught:
        _load(copy)
    assert "\n" not in str(caught.value)


def test_another_architecture_is_refused(qwen: Path) -> None:
    with pytest.raises(CheckpointError, match="'qwen2_5_vl' where one of type sam2 is needed"):
        checkpoint.inspect(qwen, ("sam2",))


def test_too_little_memory_is_said_before_loading(
    sam2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (1_000_000, 2_000_000))
    with pytest.raises(CheckpointError, match=r"0\.0 GB of GPU memory and 0\.0 GB are free: end"):
        _load(sam2, "cuda")


def test_devices_and_precisions_by_name() -> None:
    assert devices.device("cpu") == "cpu"
    assert devices.device() in {"cpu", "cuda", "mps"}
    assert devices.precision("auto", "cpu") == torch.float32
    assert devices.precision("auto", "cuda") == torch.bfloat16
    assert devices.precision("float16", "cpu") == torch.float16
    for wrong in ("int8", "half-ish", "nn"):
        with pytest.raises(UsageError, match="none of auto, float32"):
            devices.precision(wrong, "cpu")
    with pytest.raises(UsageError, match="no device 'warp' here"):
        devices.device("warp")


@pytest.mark.parametrize(
    "error", [RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), MemoryError()]
)
def test_weights_that_fill_the_memory_while_they_load_are_one_sentence(
    sam2: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(transformers.Sam2Model, "from_pretrained", full)
    with pytest.raises(CheckpointError, match="does not fit into the memory of cpu: take smaller"):
        _load(sam2)
