"""SAM 2 (Ravi et al., 2024), by transformers: each image is encoded once, targets go in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from socioseg.errors import CheckpointError, UsageError
from socioseg.models import checkpoint, devices
from socioseg.models import weights as places
from socioseg.models.forced import force, unforce
from socioseg.models.rounds import in_batches, segment_in_rounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.models.rounds import Round
    from socioseg.models.segmenters import Segments, Target

KINDS = ("sam2", "sam2_video")
"""Types of model whose weights hold what segments an image."""


class Encoded(NamedTuple):
    """Features of one image at three scales, on the device, and its (height, width)."""

    features: tuple[Any, ...]
    size: tuple[int, int]


class Sam2:
    """Segments what boxes and points point at; the best of three masks, by SAM 2's own score.

    The image encoder runs in `dtype`; prompts and masks are always in float32, for a coordinate
    in bfloat16 is off by pixels.

    Parameters
    ----------
    weights
        Id on the Hub, or a folder; SAM 2 or 2.1 of any size.
    revision
        Of the Hub id: a commit, tag or branch; empty for the pinned one, else the newest.
    device
        "auto" (CUDA, else Apple's, else the CPU), or any device of torch.
    dtype
        "auto" (bfloat16 on a GPU, float32 on the CPU), or a type of torch by name.
    multimask
        Whether three masks are made and the best kept; else SAM 2 makes one.
    frame
        Side of the square to which each image is forced first, as the released SocioReasoner
        does (756); 0 leaves it. Targets and masks stay in pixels of the image.
    batch_size
        Images that are encoded at a time.
    targets
        Targets that are segmented at a time.

    Raises
    ------
    SocioSegError
        If the weights, or a package that they need, are missing or wrong.
    """

    def __init__(
        self,
        weights: str = "facebook/sam2-hiera-large",
        revision: str = "",
        *,
        device: str = "auto",
        dtype: str = "auto",
        multimask: bool = True,
        frame: int = 0,
        batch_size: int = 4,
        targets: int = 32,
    ) -> None:
        if batch_size < 1 or targets < 1 or frame < 0:
            raise UsageError("batch_size and targets are 1 or more, frame is 0 or more.")
        self.multimask, self.frame = multimask, frame
        self.batch_size, self.targets = batch_size, targets
        folder = places.resolve(weights, revision)
        self.device = devices.device(device)
        self.dtype = devices.precision(dtype, self.device)
        self.model, self._prepare = _load(folder, self.device)
        self.revision = f"{weights}@{places.revision_of(folder)}"

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> list[Encoded]:
        """Encode each image; see `Segmenter.embed`."""
        batches = in_batches(images, self.batch_size)
        return [encoded for batch in batches for encoded in self._embed_batch(batch)]

    def segment(
        self, embedded: Sequence[Encoded], targets: Sequence[Sequence[Target]]
    ) -> list[Segments]:
        """Segment all targets, of all images together; see `Segmenter.segment`.

        The score is SAM 2's own estimate of the mask's IoU.
        """

        def decode(one: Round) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
            return self._decode(one, [embedded[image].features for image in one.images])

        sizes = [each.size for each in embedded]
        return segment_in_rounds(sizes, targets, decode, self.targets)

    def _embed_batch(self, images: Sequence[NDArray[np.uint8]]) -> list[Encoded]:
        import torch  # noqa: PLC0415 - an extra

        shown = [np.array(force(image, self.frame)) for image in images]  # torch wants its own
        pixels = self._prepare(shown, return_tensors="pt", device=self.device)["pixel_values"]
        kind, half = torch.device(self.device).type, self.dtype != torch.float32
        with torch.inference_mode(), torch.autocast(kind, self.dtype, enabled=half):
            scales = self.model.get_image_embeddings(pixels)
        features = zip(*(scale.float() for scale in scales), strict=True)
        sizes = [(image.shape[0], image.shape[1]) for image in images]
        return [Encoded(tuple(some), size) for some, size in zip(features, sizes, strict=True)]

    def _decode(
        self, one: Round, features: Sequence[tuple[Any, ...]]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        import torch  # noqa: PLC0415 - an extra

        with torch.inference_mode():
            out = self.model(
                image_embeddings=[torch.stack(scale) for scale in zip(*features, strict=True)],
                multimask_output=self.multimask,
                **self._prompts(one),
            )
            scores, best = out.iou_scores[:, 0].max(dim=1)
            logits = out.pred_masks[torch.arange(len(best)), 0, best]
            masks = unforce(logits, one.size, self.frame)
        return masks.cpu().numpy(), scores.cpu().numpy()

    def _prompts(self, one: Round) -> dict[str, Any]:
        """The tensors of a round, in pixels of the square that SAM 2 sees."""
        import torch  # noqa: PLC0415 - an extra

        height, width = one.size
        side = self.model.prompt_encoder.input_image_size
        scale = torch.tensor([side / width, side / height], device=self.device)
        found: dict[str, Any] = {}
        if one.boxes is not None:
            boxes = torch.from_numpy(one.boxes).to(self.device)
            found["input_boxes"] = (boxes * scale.repeat(2))[:, None]
        if one.points is not None:
            points = torch.from_numpy(one.points).to(self.device)
            found["input_points"] = (points * scale)[:, None]
            found["input_labels"] = torch.from_numpy(one.labels).to(self.device)[:, None]
        return found


def _load(folder: Path, target: str) -> tuple[Any, Any]:
    """The model, in float32, and what prepares images for it."""
    try:
        import torch  # noqa: PLC0415 - an extra
        from transformers import AutoImageProcessor, Sam2Model  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("SAM 2 needs transformers: pip install 'socioseg[models]'.") from error
    model = checkpoint.load(Sam2Model, folder, torch.float32, target, kinds=KINDS)
    try:
        return model, AutoImageProcessor.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder} does not say how images are prepared (preprocessor_config.json): fetch it"
            " again."
        ) from error
