"""Large pictures in the engine process: a tile at a time, between the pictures of the hand.

A request is rendered, or read from the file of a kept picture, and then enlarged. After each tile
whatever is more urgent is done first; in a drag that never ends one tile comes after every ten
pictures, so that an export ends, too.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import middle_square
from studio.core.enlargement import tile_of, with_enlargement
from studio.core.errors import StudioError
from studio.core.nearness import Nearness
from studio.engine.enlarging import Enlarger, FloatPicture, Step
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.nearness import NearnessGauge
from studio.engine.painting import is_plain
from studio.engine.providers import Wish
from studio.engine.render_loop import Job, RenderLoop
from studio.engine.session import GeneratorModel
from studio.protocol import messages as say

# How many other jobs go before a tile: of the hand, and of small pictures.
_URGENT_BEFORE: Final = 10
_SMALL_BEFORE: Final = 4


class Room(Protocol):
    """What of `engine.slots.Slots` is used here."""

    @property
    def slot_bytes(self) -> int:
        """How much fits into a slot."""
        ...

    def place(self, content: NDArray[np.uint8]) -> int | None:
        """Put bytes into a free slot; None when there will be none."""
        ...


class _Begun(msgspec.Struct):
    """The picture that is being enlarged."""

    command: say.RenderLarge
    steps: Iterator[Step]
    picture: FloatPicture
    nearness: Nearness | None
    alpha: NDArray[np.uint8] | None = None


class LargeWork:
    """Takes requests and does them; `ask`, `cancel` and `forget` may come from another thread."""

    def __init__(
        self, slots: Room, tell: Callable[[say.Event], None], *, folder: Path | None = None
    ) -> None:
        """Begin without work.

        Args:
            slots: Where the rows go.
            tell: Sends an event.
            folder: Where the network lies; None for the program's own.
        """
        self._slots, self._tell, self._folder = slots, tell, folder
        self._waiting: deque[say.RenderLarge] = deque()
        self._cancelled: set[int] = set()
        self._now: _Begun | None = None
        self._enlarger: Enlarger | None = None
        self._provider: say.Provider = "CPU"
        self._num_skipped = 0
        self._number = 0  # of the request that is being done

    @property
    def has_work(self) -> bool:
        """Whether `step` would do something."""
        return self._now is not None or bool(self._waiting)

    def ask(self, command: say.RenderLarge) -> None:
        """Take a request."""
        self._waiting.append(command)

    def cancel(self, request_ids: Collection[int]) -> None:
        """Forget requests."""
        self._cancelled.update(request_ids)

    def forget(self) -> None:
        """Forget all: another model was asked for, and what is still wished comes again."""
        self._waiting.clear()
        if self._now is not None:
            self._cancelled.add(self._now.command.request_id)

    def is_turn(self, *, is_urgent: bool, has_job: bool) -> bool:
        """Say whether a tile comes before the next other job; asked once for each turn."""
        if not self.has_work:
            return False
        patience = 0 if not has_job else _URGENT_BEFORE if is_urgent else _SMALL_BEFORE
        if self._num_skipped < patience:
            self._num_skipped += 1
            return False
        self._num_skipped = 0
        return True

    def step(
        self, model: GeneratorModel, *, gauge: NearnessGauge | None, cancel: CancelToken
    ) -> None:
        """Begin the next picture, or do a tile of the present one and send it when it is the last."""
        now = self._now
        if now is not None and now.command.request_id in self._cancelled:
            self._cancelled.discard(now.command.request_id)
            self._now = now = None
        try:
            if now is not None:
                self._number = now.command.request_id
                self._go_on(now)
            elif self._waiting:
                self._begin(self._waiting.popleft(), model, gauge=gauge, cancel=cancel)
            else:
                self._cancelled.clear()  # what was cancelled too late
        except RenderCancelledError:
            self._now = None  # another model was asked for, or we close: it comes again
        except StudioError as error:
            self._now = None
            self._tell(
                say.RequestRefused(request_id=self._number, what=error.what, way_out=error.way_out)
            )

    def _begin(
        self,
        command: say.RenderLarge,
        model: GeneratorModel,
        *,
        gauge: NearnessGauge | None,
        cancel: CancelToken,
    ) -> None:
        self._number = command.request_id
        if command.request_id in self._cancelled:
            self._cancelled.discard(command.request_id)
            return
        nearness, tile, picture, alpha = None, command.tile, None, None
        if command.recipe is not None:
            rgb8_HWC = model.render(command.recipe, cancel=cancel)
            tile = tile_of(command.recipe)
            if command.bits == 16:
                picture = model.render_fine(command.recipe, cancel=cancel)
            if command.wants_alpha and is_plain(with_enlargement(command.recipe, 1)):
                alpha = model.render_alpha(command.recipe, cancel=cancel)
            if command.has_nearness and gauge is not None:
                nearness = gauge.measure(middle_square(rgb8_HWC))
        else:
            rgb8_HWC = _read(command.path)
        if picture is None:
            picture = rgb8_HWC.astype(np.float32) / np.float32(255)
        if self._enlarger is None or self._provider != model.provider:
            self._provider = model.provider
            wish: Wish = "cuda" if model.provider == "CUDA" else "cpu"
            self._enlarger = Enlarger(wish=wish, folder=self._folder)
        # The token of this turn ends with it; tiles are short, and are asked for one by one.
        steps = self._enlarger.steps(picture, command.factor, wrap=tile)
        self._now = _Begun(command, steps, picture, nearness, alpha)
        if command.factor == 1:
            self._end(self._now)

    def _go_on(self, now: _Begun) -> None:
        step = next(now.steps)
        now.picture = step.picture
        number = now.command.request_id
        self._tell(say.LargeProgress(request_id=number, done=step.done, total=step.total))
        if step.done == step.total:
            self._end(now)

    def _end(self, now: _Begun) -> None:
        self._now = None
        command, picture = now.command, now.picture
        if now.alpha is not None:
            picture = np.concatenate([picture, _opacity(now.alpha, picture)])
        height, width = picture.shape[:2]
        top, is_wide = 0, command.bits == 16
        while top < height:
            rows = max(
                1, min(height - top, self._slots.slot_bytes // (width * (6 if is_wide else 3)))
            )
            slot = self._slots.place(_bytes_of(picture[top : top + rows], is_wide=is_wide))
            if slot is None:
                return
            self._tell(
                say.RowsDone(
                    request_id=command.request_id,
                    slot=slot,
                    top=top,
                    rows=rows,
                    width=width,
                    height=height,
                    bits=command.bits,
                    provider=self._provider,
                    nearness=now.nearness if top + rows == height else None,
                    has_alpha=now.alpha is not None,
                )
            )
            top += rows


def next_turn(loop: RenderLoop | None, large: LargeWork) -> tuple[bool, Job | None]:
    """Give whether a tile comes next, and else which job; neither without a loop."""
    if loop is None:
        return False, None
    if large.is_turn(is_urgent=loop.is_urgent, has_job=loop.has_job):
        return True, None
    return False, loop.next_job()


def _bytes_of(rows: FloatPicture, *, is_wide: bool) -> NDArray[np.uint8]:
    """Give rows [R, W, 3] as the bytes of their levels, [R, W · 3 or 6]."""
    top = np.float32(65535 if is_wide else 255)
    levels = np.rint(rows * top).astype("<u2" if is_wide else np.uint8)
    return np.ascontiguousarray(levels).reshape(len(rows), -1).view(np.uint8)


def _opacity(alpha_HW: NDArray[np.uint8], picture: FloatPicture) -> FloatPicture:
    """Give how opaque a picture is, as a grey picture of its size."""
    from studio.files.images import resize_to_sides  # noqa: PLC0415 - as below

    height, width = picture.shape[:2]
    grey = np.repeat(alpha_HW[:, :, None], 3, axis=2)
    grown = resize_to_sides(grey, width, height_px=height)
    levels: FloatPicture = grown.astype(np.float32) / np.float32(255)
    return levels


def _read(path: str) -> NDArray[np.uint8]:
    # Late: Pillow, which an engine that only draws never needs.
    from studio.files.images import read_picture  # noqa: PLC0415

    picture: NDArray[np.uint8] = read_picture(Path(path))
    return picture
