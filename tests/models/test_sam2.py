"""SAM 2: batches, frames, and the library's own way as the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from segmenting import check_batches, check_pointless, images, one
from tinymodels import tiny_sam2

from socioseg.errors import CheckpointError, UsageError
from socioseg.models.references import Oracle
from socioseg.models.sam2 import Sam2
from socioseg.models.segmenters import Target
from socioseg.sample import Level, Query, Truth

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch")
TARGET = Target((5, 8, 40, 50), ((20, 20), (31, 40)), (1, 0))


def test_a_batch_gives_what_single_calls_give(sam2: Path) -> None:
    check_batches(Sam2(str(sam2), batch_size=3, targets=2))
    check_batches(Sam2(str(sam2), multimask=False, frame=100))


def test_what_points_nowhere_is_nothing(sam2: Path) -> None:
    check_pointless(Sam2(str(sam2)))


@pytest.mark.parametrize("multimask", [True, False])
def test_masks_are_those_of_the_librarys_own_way(sam2: Path, multimask: bool) -> None:  # noqa: FBT001
    from transformers import Sam2ImageProcessor, Sam2Model, Sam2Processor

    image = images()[1]
    processor = Sam2Processor(Sam2ImageProcessor.from_pretrained(sam2))
    given = processor(
        images=Image.fromarray(image),
        input_boxes=[[list(TARGET.box or ())]],
        input_points=[[[list(point) for point in TARGET.points]]],
        input_labels=[[list(TARGET.labels)]],
        return_tensors="pt",
    )
    model = Sam2Model.from_pretrained(sam2).eval()
    with torch.inference_mode():
        out = model(**{k: v for k, v in given.items() if k != "original_sizes"},
                    multimask_output=multimask)  # fmt: skip
    masks = processor.post_process_masks(out.pred_masks, given["original_sizes"])[0][0]
    best = int(out.iou_scores[0, 0].argmax())
    found = one(Sam2(str(sam2), multimask=multimask), image, TARGET)
    assert 0 < found.masks[0].mean() < 1
    np.testing.assert_array_equal(found.masks[0], masks[best].numpy())
    np.testing.assert_allclose(found.scores[0], out.iou_scores[0, 0, best].item(), atol=1e-6)


def test_a_forced_frame_takes_boxes_in_pixels_of_the_sample(sam2: Path) -> None:
    """As the released code does: everything at 56 x 56, the mask brought back by nearest pixel."""
    image, plain = images()[0], Sam2(str(sam2))
    small = np.asarray(Image.fromarray(image).resize((56, 56), Image.Resampling.BICUBIC))
    scaled = Target(
        tuple(np.array((5, 8, 40, 50)) * np.tile((56 / 64, 56 / 72), 2)),  # type: ignore[arg-type]
        tuple((x * 56 / 64, y * 56 / 72) for x, y in TARGET.points),
        TARGET.labels,
    )
    wanted = one(plain, small, scaled).masks[0]
    back = Image.fromarray(wanted).resize((64, 72), Image.Resampling.NEAREST)
    found = one(Sam2(str(sam2), frame=56), image, TARGET).masks[0]
    np.testing.assert_array_equal(found, np.asarray(back))


def test_one_encoding_serves_two_stages(sam2: Path) -> None:
    segmenter = Sam2(str(sam2))
    embedded = segmenter.embed(images()[:1])
    first = segmenter.segment(embedded, [[TARGET]])[0]
    segmenter.segment(embedded, [[Target((0, 0, 9, 9))]])
    np.testing.assert_array_equal(segmenter.segment(embedded, [[TARGET]])[0].masks, first.masks)


def test_half_precision_keeps_prompts_exact(sam2: Path) -> None:
    full, half = (
        one(Sam2(str(sam2), dtype=dtype), images()[0], TARGET) for dtype in ("float32", "bfloat16")
    )
    assert (full.masks == half.masks).mean() > 0.9
    np.testing.assert_allclose(full.scores, half.scores, atol=0.05)


def test_both_layouts_of_weights_load_and_have_a_revision(sam2: Path, tmp_path: Path) -> None:
    plain = Sam2(str(tiny_sam2(tmp_path, video=False)))
    assert plain.revision.startswith(f"{tmp_path}@")
    assert plain.revision.split("@")[1] != Sam2(str(sam2)).revision.split("@")[1]


def test_an_oracle_runs_on_it(sam2: Path) -> None:
    mask = np.zeros((72, 64), dtype=np.bool_)
    mask[10:40, 10:40] = True
    image = images()[0]
    truth = Truth(mask, ((10, 10, 40, 40),))
    query = Query("class_1", Level.CLASS, "school", image, image, truth=truth)
    model = Oracle({"name": "sam2", "weights": str(sam2)}, points=2)
    assert model.revision.startswith(str(sam2))
    found = model.predict([query, query])
    assert found[0].mask is not None
    np.testing.assert_array_equal(found[0].mask, found[1].mask)  # type: ignore[arg-type]


def test_a_language_model_is_refused(qwen: Path) -> None:
    with pytest.raises(CheckpointError, match="type 'qwen2_5_vl' where one of type sam2"):
        Sam2(str(qwen))


def test_a_folder_without_its_preprocessing_is_refused(tmp_path: Path) -> None:
    tiny_sam2(tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    with pytest.raises(CheckpointError, match="how images are prepared"):
        Sam2(str(tmp_path))


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"targets": 0}, {"frame": -1}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        Sam2("nowhere", **options)
