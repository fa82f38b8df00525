"""Makes pictures 2, 4, 8 or 16 times as large, in tiles, by our own network.

"enlarge-1" was trained by us on prints of paintings and ornament (`studio trainer enlarge`). It lies
in resources/enlarge with its record, and is used only when its hash is the record's. One pass doubles
both sides. A tile is computed with so much of its surroundings that no result inside it can see the
tile's border, so a picture in tiles equals one in a single piece, and memory stays bounded.

At the border of the picture the surroundings are its mirror image, or, where it repeats, its other
side: an enlarged seamless tile is seamless.

Shape legend: H rows, W columns. Inside, values lie in 0…1.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.enlargement import FACTORS
from studio.core.errors import EngineError
from studio.core.recipe import Tile
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.providers import Wish, open_session
from studio.files.places import resources

FloatPicture = NDArray[np.float32]
Progress = Callable[[int, int], None]

TILE_PX: Final = 128  # of the small side: some 0.06 s on one core, so that the hand hardly waits
MAX_ENLARGED_PX: Final = 100_000_000  # as readers of pictures accept
MAX_NETWORK_BYTES: Final = 2 * 1024 * 1024
_NAME: Final = "enlarge-1"
_AGAIN: Final = "Install the program again."


class EnlargeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the network; its file holds more, about the training.

    Attributes:
        version: Its name.
        sha256: Of the ONNX file, hex.
        reach_px: How far away a pixel of the small picture can change a result.
    """

    version: str
    sha256: str
    reach_px: int


class Enlarger:
    """The network, opened when it is first needed. One thread at a time.

    Attributes:
        version: Name of the network, known once it is open.
    """

    def __init__(
        self, *, wish: Wish = "cpu", folder: Path | None = None, tile_px: int = TILE_PX
    ) -> None:
        """Open nothing yet.

        Args:
            wish: Where to compute, as for a model.
            folder: Where it lies; None for the program's own resources.
            tile_px: Side of a tile of the small picture.
        """
        self.version = _NAME
        self._wish: Wish = wish
        self._folder = folder or resources() / "enlarge"
        self._tile_px = tile_px
        self._session: Any = None
        self._reach = 0

    def enlarge(
        self,
        picture: Picture,
        factor: int,
        *,
        wrap: Tile = "none",
        cancel: CancelToken | None = None,
        on_progress: Progress | None = None,
    ) -> Picture:
        """Give a picture uint8 [H · factor, W · factor, 3], owned by the caller.

        Args:
            picture: uint8 [H, W, 3] of any size.
            factor: 1, 2, 4, 8 or 16.
            wrap: Where the picture repeats.
            cancel: Ends the work from another thread.
            on_progress: Called with tiles done and tiles in all.

        Raises:
            EngineError: The network is missing or damaged, the runtime failed, or the result would
                be larger than 100 million pixels.
            RenderCancelledError: Ended by `cancel`.
        """
        whole = picture.astype(np.float32) / np.float32(255)
        made = self.enlarge_float(whole, factor, wrap=wrap, cancel=cancel, on_progress=on_progress)
        return levels_of(made)

    def enlarge_float(
        self,
        picture: FloatPicture,
        factor: int,
        *,
        wrap: Tile = "none",
        cancel: CancelToken | None = None,
        on_progress: Progress | None = None,
    ) -> FloatPicture:
        """Give a picture float32 [H · factor, W · factor, 3] in 0…1, for files of 16 bits; as above."""
        made = picture
        for step in self.steps(picture, factor, wrap=wrap, cancel=cancel):
            if on_progress is not None:
                on_progress(step.done, step.total)
            made = step.picture
        return made

    def steps(
        self,
        picture: FloatPicture,
        factor: int,
        *,
        wrap: Tile = "none",
        cancel: CancelToken | None = None,
    ) -> Iterator["Step"]:
        """Do a tile at each step, so that other work can be done between two; as above.

        The picture of the last step is the result; those before hold unfinished ones.
        """
        if factor not in FACTORS:
            raise ValueError(f"a picture is not enlarged {factor} times")
        height, width = picture.shape[:2]
        if height * width * factor**2 > MAX_ENLARGED_PX:
            raise EngineError(
                f"The enlarged picture would be too large ({width * factor} × {height * factor}).",
                "Choose a smaller size.",
            )
        passes = factor.bit_length() - 1
        total = sum(len(self._places(height << k, width << k)) for k in range(passes))
        done = 0
        if passes:
            self._open()
        for _ in range(passes):
            wide = self._with_surroundings(picture, wrap)
            larger = np.empty((2 * picture.shape[0], 2 * picture.shape[1], 3), np.float32)
            for top, left in self._places(*picture.shape[:2]):
                self._do_tile(wide, larger, at=(top, left), cancel=cancel)
                done += 1
                yield Step(done, total, larger)
            picture = larger

    def _open(self) -> None:
        if self._session is None:
            graph, record = _read(self._folder)
            self.version, self._reach = record.version, record.reach_px
            try:
                self._session = open_session(graph, self._wish).session
            except Exception as error:
                raise EngineError("The runtime cannot use the enlarger.", _AGAIN) from error

    def _places(self, height: int, width: int) -> list[tuple[int, int]]:
        size = self._tile_px
        return [(top, left) for top in range(0, height, size) for left in range(0, width, size)]

    def _with_surroundings(self, picture: FloatPicture, wrap: Tile) -> FloatPicture:
        """Give [3, H + 2 reach, W + 2 reach]: the picture and what lies around it."""
        planes, reach = picture, self._reach
        by_axis = (wrap in ("y", "both"), wrap in ("x", "both"))
        for axis, is_repeating in enumerate(by_axis):
            widths = [(0, 0)] * 3
            widths[axis] = (reach, reach)
            planes = np.pad(planes, widths, mode="wrap" if is_repeating else "symmetric")
        return np.ascontiguousarray(planes.transpose(2, 0, 1))

    def _do_tile(
        self,
        wide: FloatPicture,
        larger: FloatPicture,
        *,
        at: tuple[int, int],
        cancel: CancelToken | None,
    ) -> None:
        (top, left), reach = at, self._reach
        bottom = min(top + self._tile_px, larger.shape[0] // 2)
        right = min(left + self._tile_px, larger.shape[1] // 2)
        part = wide[None, :, top : bottom + 2 * reach, left : right + 2 * reach]
        options = None if cancel is None else cancel.next_options()
        try:
            made = self._session.run(
                None, {"picture": np.ascontiguousarray(part)}, run_options=options
            )[0][0]
        except Exception as error:
            if cancel is not None and cancel.is_cancelled:
                raise RenderCancelledError from error
            raise EngineError(
                "The picture could not be enlarged.",
                "Choose a smaller size, or close other programs for more memory.",
            ) from error
        inside = made[:, 2 * reach : -2 * reach, 2 * reach : -2 * reach]
        np.clip(
            inside.transpose(1, 2, 0), 0, 1, out=larger[2 * top : 2 * bottom, 2 * left : 2 * right]
        )


class Step(msgspec.Struct, frozen=True):
    """A tile was done. `picture` is finished with the last step, and still written to before."""

    done: int
    total: int
    picture: FloatPicture


def levels_of(picture: FloatPicture) -> Picture:
    """Give a float picture in 0…1 as uint8, to the nearest level."""
    levels: Picture = np.rint(np.clip(picture, 0, 1) * np.float32(255)).astype(np.uint8)
    return levels


def _read(folder: Path) -> tuple[bytes, EnlargeRecord]:
    try:
        record = msgspec.json.decode((folder / f"{_NAME}.json").read_bytes(), type=EnlargeRecord)
        graph = (folder / f"{_NAME}.onnx").read_bytes()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineError("The enlarger cannot be read.", _AGAIN) from error
    if hashlib.sha256(graph).hexdigest() != record.sha256 or len(graph) > MAX_NETWORK_BYTES:
        raise EngineError("The enlarger is not the one of its record.", _AGAIN)
    return graph, record
