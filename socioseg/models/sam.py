"""SAM (Kirillov et al., ICCV 2023), by segment-anything: weights from a `.pth`, never unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import CheckpointError, UsageError
from socioseg.models import devices
from socioseg.models import weights as places
from socioseg.models.forced import force, unforce
from socioseg.models.rounds import in_batches, segment_in_rounds
from socioseg.models.samparts import build_sam, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.models.rounds import Round
    from socioseg.models.segmenters import Segments, Target

SOURCE = "https://dl.fbaipublicfiles.com/segment_anything"
RELEASED = ("sam_vit_h_4b8939.pth", "sam_vit_l_0b3195.pth", "sam_vit_b_01ec64.pth")
"""Files of the released weights, at `SOURCE`; each name ends as the file's SHA-256 begins."""


class Encoded(NamedTuple):
    """Features of one image, (C, h, w), on the device, and its (height, width)."""

    features: Any
    size: tuple[int, int]


class Sam:
    """Segments what boxes and points point at; the best of three masks, by SAM's own score.

    The image encoder runs in `dtype`; prompts and masks are always in float32.

    Parameters
    ----------
    weights
        A `.pth` file, or a folder that holds one; how large the model is, its tensors tell.
    device
        "auto" (CUDA, else Apple's, else the CPU), or any device of torch.
    dtype
        "auto" (bfloat16 on a GPU, float32 on the CPU), or a type of torch by name.
    multimask
        Whether three masks are made and the best kept; else SAM makes one.
    frame
        Side of the square to which each image is forced first; 0 leaves it. Targets and masks
        stay in pixels of the image.
    batch_size
        Images that are encoded at a time.
    targets
        Targets of an image that are segmented at a time.

    Raises
    ------
    SocioSegError
        If the weights, or a package that they need, are missing or wrong.
    """

    def __init__(
        self,
        weights: str = RELEASED[0],
        *,
        device: str = "auto",
        dtype: str = "auto",
        multimask: bool = True,
        frame: int = 0,
        batch_size: int = 2,
        targets: int = 32,
    ) -> None:
        if batch_size < 1 or targets < 1 or frame < 0:
            raise UsageError("batch_size and targets are 1 or more, frame is 0 or more.")
        self.multimask, self.frame = multimask, frame
        self.batch_size, self.targets = batch_size, targets
        path = _file(weights)
        self.device = devices.device(device)
        self.dtype = devices.precision(dtype, self.device)
        state = state_of(path)
        devices.require_memory(str(path), path.stat().st_size, self.device)
        self.model = build_sam(state, path).to(self.device).eval()
        self.revision = f"{path.name}@{places.revision_of(path)}"

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> list[Encoded]:
        """Encode each image; see `Segmenter.embed`."""
        batches = in_batches(images, self.batch_size)
        return [encoded for batch in batches for encoded in self._embed_batch(batch)]

    def segment(
        self, embedded: Sequence[Encoded], targets: Sequence[Sequence[Target]]
    ) -> list[Segments]:
        """Segment all targets, image by image; see `Segmenter.segment`.

        The score is SAM's own estimate of the mask's IoU, at most 1.
        """

        def decode(one: Round) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
            return self._decode(one, embedded[one.images[0]].features)

        sizes = [each.size for each in embedded]
        return segment_in_rounds(sizes, targets, decode, self.targets, apart=True)

    def _embed_batch(self, images: Sequence[NDArray[np.uint8]]) -> list[Encoded]:
        import torch  # noqa: PLC0415 - an extra
        from segment_anything.utils.transforms import ResizeLongestSide  # noqa: PLC0415

        longest = ResizeLongestSide(self.model.image_encoder.img_size)
        shown = [longest.apply_image(force(image, self.frame)) for image in images]
        tensors = [torch.tensor(image, device=self.device).permute(2, 0, 1) for image in shown]
        pixels = torch.stack([self.model.preprocess(image) for image in tensors])
        kind, half = torch.device(self.device).type, self.dtype != torch.float32
        with torch.inference_mode(), torch.autocast(kind, self.dtype, enabled=half):
            features = self.model.image_encoder(pixels).float()
        sizes = [(image.shape[0], image.shape[1]) for image in images]
        return [Encoded(some, size) for some, size in zip(features, sizes, strict=True)]

    def _decode(
        self,
        one: Round,
        features: Any,  # noqa: ANN401 - a tensor
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        import torch  # noqa: PLC0415 - an extra

        prompts, (rows, columns) = self.model.prompt_encoder, self._shown(one.size)
        with torch.inference_mode():
            sparse, dense = prompts(masks=None, **self._prompts(one, rows, columns))
            logits, scores = self.model.mask_decoder(
                image_embeddings=features[None],
                image_pe=prompts.get_dense_pe(),
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
                multimask_output=self.multimask,
            )
            scores, best = scores.max(dim=1)
            logits = logits[torch.arange(len(best)), best]
            masks = unforce(self._unpadded(logits, rows, columns), one.size, self.frame)
        return masks.cpu().numpy(), scores.cpu().numpy()

    def _shown(self, size: tuple[int, int]) -> tuple[int, int]:
        """Height and width at which SAM sees an image of `size`, before it is padded."""
        from segment_anything.utils.transforms import ResizeLongestSide  # noqa: PLC0415 - an extra

        side = self.model.image_encoder.img_size
        height, width = (self.frame, self.frame) if self.frame else size
        found: tuple[int, int] = ResizeLongestSide.get_preprocess_shape(height, width, side)
        return found

    def _unpadded(self, logits: Any, rows: int, columns: int) -> Any:  # noqa: ANN401 - tensors
        """Logits of the image alone, at the resolution at which SAM sees it."""
        from torch.nn.functional import interpolate  # noqa: PLC0415 - an extra

        side = self.model.image_encoder.img_size
        whole = interpolate(logits[:, None], (side, side), mode="bilinear", align_corners=False)
        return whole[:, 0, :rows, :columns]

    def _prompts(self, one: Round, rows: int, columns: int) -> dict[str, Any]:
        """The tensors of a round, in pixels of the image as SAM sees it."""
        import torch  # noqa: PLC0415 - an extra

        height, width = one.size
        scale = torch.tensor([columns / width, rows / height], device=self.device)
        boxes = points = None
        if one.boxes is not None:
            boxes = torch.from_numpy(one.boxes).to(self.device) * scale.repeat(2)
        if one.points is not None:
            labels = torch.from_numpy(one.labels).to(self.device)
            points = torch.from_numpy(one.points).to(self.device) * scale, labels
        return {"boxes": boxes, "points": points}


def _file(weights: str) -> Path:
    """The file of weights that `weights` means."""
    path = Path(weights).expanduser()
    if path.is_file():
        return path
    files = sorted(path.glob("*.pth")) if path.is_dir() else []
    if len(files) == 1:
        return files[0]
    if path.is_dir():
        raise CheckpointError(
            f"{path} holds {len(files)} files of SAM's weights (.pth): give the path of one."
        )
    raise CheckpointError(
        f"There is no file {weights}: fetch {' or '.join(RELEASED)} from {SOURCE} and give its"
        " path as `weights`."
    )
