"""The prepared pictures, and the order in which a run sees them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.errors import StudioError

Pictures = NDArray[np.uint8]


class Squares(NamedTuple):
    """A run's prepared squares: those it learns, and those kept apart, None without any."""

    learned: Pictures
    held_out: Pictures | None = None


def read_pictures(path: Path) -> Pictures:
    """Gives the prepared array [N, R, R, 3], uint8, mapped from disk and read-only.

    Raises:
        StudioError: the file is missing or is not such an array.
    """
    try:
        array: Pictures = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise StudioError(
            "The prepared pictures of this run cannot be read.",
            "Start the training again from the picture folder.",
        ) from error
    is_square = array.ndim == 4 and array.shape[1] == array.shape[2] and array.shape[3] == 3
    if array.dtype != np.uint8 or not is_square:
        raise StudioError(
            "The prepared pictures of this run have an unexpected shape.",
            "Start the training again from the picture folder.",
        )
    return array


def shrink(pictures_NHWC: Pictures, resolution: int) -> Pictures:
    """Gives the pictures at `resolution`, each pixel the mean of those it covers."""
    count, size = pictures_NHWC.shape[:2]
    if size == resolution:
        return pictures_NHWC
    factor = size // resolution
    shrunk = np.empty((count, resolution, resolution, 3), np.uint8)
    for index, picture in enumerate(pictures_NHWC):
        blocks = picture.reshape(resolution, factor, resolution, factor, 3)
        shrunk[index] = np.rint(blocks.mean(axis=(1, 3), dtype=np.float32))
    return shrunk


class Batches:
    """Gives the pictures of a place in the run's order; all come once before any comes again.

    The order is a function of the seed alone, so a run that is resumed at a position sees
    what it would have seen.
    """

    def __init__(self, pictures_NHWC: Pictures, *, seed: int) -> None:
        self._pictures = pictures_NHWC
        self._by_resolution: dict[int, Tensor] = {}
        self._mean_by_resolution: dict[int, Tensor] = {}
        self._seed = seed
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._pictures)

    def pick(self, position: int, *, count: int, resolution: int) -> Tensor:
        """Gives the `count` pictures from `position` on, [N, 3, R, R], float32, −1…1."""
        return self.rows([self._index(position + n) for n in range(count)], resolution=resolution)

    def rows(self, rows: Sequence[int], *, resolution: int) -> Tensor:
        """Gives pictures by their row in the array, [N, 3, R, R], float32, −1…1."""
        picked = self._at(resolution)[torch.tensor(rows)].permute(0, 3, 1, 2)
        return picked.to(torch.float32) / 127.5 - 1.0

    def mean(self, resolution: int) -> Tensor:
        """Gives the mean of all pictures, [3, R, R], float32, −1…1."""
        if resolution not in self._mean_by_resolution:
            mean_HWC = self._at(resolution).float().mean(dim=0)
            self._mean_by_resolution[resolution] = mean_HWC.permute(2, 0, 1) / 127.5 - 1.0
        return self._mean_by_resolution[resolution]

    def _index(self, position: int) -> int:
        epoch, place = divmod(position, len(self._pictures))
        if epoch != self._epoch:
            random = torch.Generator().manual_seed(self._seed * 1_000_003 + epoch)
            self._order = torch.randperm(len(self._pictures), generator=random)
            self._epoch = epoch
        return int(self._order[place])

    def _at(self, resolution: int) -> Tensor:
        if resolution not in self._by_resolution:
            shrunk = np.array(shrink(self._pictures, resolution))
            self._by_resolution[resolution] = torch.from_numpy(shrunk)
        return self._by_resolution[resolution]
