"""SAM: batches, sizes told by tensors, and the library's own predictor as the judge."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from segmenting import TARGETS, check_batches, check_pointless, images, one
from tinymodels import tiny_sam

from socioseg.errors import CheckpointError, UsageError
from socioseg.models.sam import Sam
from socioseg.models.samparts import make_sam, sizes_of, state_of
from socioseg.models.segmenters import Target

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch")
library = pytest.importorskip("segment_anything")


def test_a_batch_gives_what_single_calls_give(sam: Path) -> None:
    check_batches(Sam(str(sam), batch_size=3, targets=2))
    check_batches(Sam(str(sam), multimask=False, frame=100))


def test_what_points_nowhere_is_nothing(sam: Path) -> None:
    check_pointless(Sam(str(sam)))


@pytest.mark.parametrize("multimask", [True, False])
@pytest.mark.parametrize("index", [0, 1])
def test_masks_are_those_of_the_librarys_predictor(sam: Path, multimask: bool, index: int) -> None:  # noqa: FBT001
    image = images()[index]
    segmenter = Sam(str(sam), multimask=multimask)
    predictor = library.SamPredictor(make_sam(sizes_of(state_of(sam))).eval())
    predictor.model.load_state_dict(state_of(sam))
    predictor.set_image(image)
    height, width = image.shape[:2]
    for target in TARGETS[index]:
        masks, scores, _ = predictor.predict(
            np.array(target.points) if target.points else None,
            np.array(target.point_labels) if target.points else None,
            np.clip(target.box, 0, [width, height] * 2) if target.box else None,
            multimask_output=multimask,
        )
        found = one(segmenter, image, target)
        np.testing.assert_array_equal(found.masks[0], masks[scores.argmax()])
        np.testing.assert_allclose(found.scores[0], np.clip(scores.max(), 0, 1), atol=1e-6)


@pytest.mark.parametrize("name", ["vit_b", "vit_l", "vit_h"])
def test_tensors_tell_every_released_size(name: str) -> None:
    with torch.device("meta"):
        wanted = library.sam_model_registry[name]()
        found = make_sam(sizes_of(wanted.state_dict()))
    shapes = [
        {key: tensor.shape for key, tensor in model.state_dict().items()}
        for model in (found, wanted)
    ]
    assert shapes[0] == shapes[1]
    for block, other in zip(found.image_encoder.blocks, wanted.image_encoder.blocks, strict=True):
        assert block.window_size == other.window_size
        assert block.attn.num_heads == other.attn.num_heads


def test_half_precision_is_close(sam: Path) -> None:
    target = Target((5, 8, 40, 50), ((20, 20),))
    full, half = (
        one(Sam(str(sam), dtype=dtype), images()[0], target) for dtype in ("float32", "bfloat16")
    )
    assert (full.masks == half.masks).mean() > 0.9


def test_a_folder_with_one_file_will_do(tmp_path: Path) -> None:
    tiny_sam(tmp_path / "one.pth")
    assert Sam(str(tmp_path)).revision.startswith("one.pth@")
    tiny_sam(tmp_path / "two.pth", seed=1)
    with pytest.raises(CheckpointError, match=r"holds 2 files of SAM's weights"):
        Sam(str(tmp_path))


def test_a_missing_file_says_where_to_get_it() -> None:
    with pytest.raises(CheckpointError, match=r"fetch sam_vit_h_4b8939\.pth or .* from https://"):
        Sam("nowhere.pth")


class Trap:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("caught",)


@pytest.mark.parametrize("kind", ["legacy", "zip"])
def test_a_pickle_that_runs_code_is_refused(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trap.pth"
    if kind == "zip":
        torch.save({"image_encoder": Trap()}, path)
    else:
        path.write_bytes(pickle.dumps({"image_encoder": Trap()}))
    with pytest.raises(CheckpointError, match=r"may run code and is not loaded"):
        Sam(str(path))
    assert "caught" not in capsys.readouterr().out


def test_a_cut_off_file_is_refused(sam: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.pth"
    path.write_bytes(sam.read_bytes()[:200_000])
    with pytest.raises(CheckpointError, match="cut off or damaged"):
        Sam(str(path))


@pytest.mark.parametrize("state", [[1, 2], {"a": 1}, {"conv.weight": torch.ones(3)}])
def test_other_weights_are_refused(tmp_path: Path, state: object) -> None:
    path = tmp_path / "other.pth"
    torch.save(state, path)
    with pytest.raises(CheckpointError, match=r"weights of (a )?SAM"):
        Sam(str(path))


def test_a_sam_without_its_decoder_is_refused(sam: Path, tmp_path: Path) -> None:
    state = {k: v for k, v in state_of(sam).items() if "iou_token" not in k}
    torch.save(state, tmp_path / "part.pth")
    with pytest.raises(CheckpointError, match="does not hold the weights of a SAM"):
        Sam(str(tmp_path))


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError, match="1 or more"):
        Sam("nowhere.pth", targets=0)
