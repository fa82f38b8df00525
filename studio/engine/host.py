"""The engine process: commands from stdin, events to stdout, pictures into the ring.

Three threads: this one renders; one reads commands, so that a new one can end a run; one says
twice a second that we live. When stdin ends, the process ends within a second.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import onnxruntime

from studio.core.arrays import Picture, middle_square
from studio.core.errors import EngineError, StudioError
from studio.engine.find_work import FindWork, no_model
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.large_work import LargeWork, next_turn
from studio.engine.nearness import NearnessGauge
from studio.engine.render_loop import Job, RenderLoop, Request
from studio.engine.session import GeneratorModel
from studio.engine.side_work import SideWork
from studio.engine.slots import Slots
from studio.protocol import messages as say
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line

HEARTBEAT_S: Final = 0.5
# Reading stops after this much, so that a flood cannot fill the memory before it is decoded.
_CHUNK_BYTES: Final = 1 << 16
# The promise is one second from the end of stdin; a run ends at its next node long before.
_LAST_WORDS_S: Final = 0.7
_CUDA_SMALL_BATCH: Final = 4
# Told apart from a crash in the log only; the app treats both alike.
EXIT_CUDA: Final = 3

_logger = logging.getLogger(__name__)


class CudaFailedError(Exception):
    """The graphics card failed. Its state is unknown, so the process must end (never retry)."""


class EngineHost:
    """Takes commands on one thread and renders on another."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Start without a model and without a ring.

        Args:
            write: Takes one whole line at a time; may be called from any thread.
        """
        self._write = write
        self._write_lock = threading.Lock()
        self._changed = threading.Condition()
        self._is_closing = False
        self._to_open: say.OpenModel | None = None
        self._model: GeneratorModel | None = None
        self._gauge: NearnessGauge | None = None
        self._finds = FindWork()
        self._loop: RenderLoop | None = None
        self._cancel = CancelToken()
        self._busy_since_s: float | None = None
        self._side = SideWork()
        self._slots = Slots(self._changed, before_wait=self._note_waiting)
        self._large = LargeWork(self._slots, self._tell)

    # ------------------------------------------------------------------- the reading thread

    def take(self, command: say.Command | ProtocolError) -> None:
        """Take one command, or the refusal of a line that was none. Never waits for a run."""
        with self._changed:
            match command:
                case ProtocolError():
                    self._tell(say.CommandRefused(what=command.what))
                case say.UseRing():
                    if refused := self._slots.use(command):
                        self._tell(refused)
                case say.FreeSlot():
                    self._slots.free(command.slot)
                case say.OpenModel():
                    self._to_open = command
                    self._loop = None
                    self._side.forget()
                    self._finds.forget()
                    self._large.forget()
                    self._cancel.cancel()
                case say.FindPicture():
                    self._finds.take(command)
                case say.MeasureUnits() | say.Teach() | say.WeighLevers():
                    self._side.take(command)
                case say.CancelLarge():
                    self._large.cancel(command.request_ids)
                case _:
                    self._take_request(command)
            self._changed.notify_all()

    def close(self) -> None:
        """End `run` as soon as possible."""
        with self._changed:
            self._is_closing = True
            self._slots.close()
            self._cancel.cancel()
            self._changed.notify_all()

    def _take_request(
        self,
        command: say.Render | say.RenderSmall | say.RenderFull | say.RenderLarge | say.CancelSmall,
    ) -> None:
        if self._loop is None:
            if not isinstance(command, say.CancelSmall):
                self._refuse(command.request_id, no_model())
            return
        is_over = False
        match command:
            case say.Render():
                is_over = self._loop.ask_picture(Request(command.request_id, command.recipe))
            case say.RenderFull():
                request = Request(
                    command.request_id, command.recipe, has_nearness=command.has_nearness
                )
                self._loop.ask_full(request)
            case say.RenderLarge():
                self._large.ask(command)
            case say.RenderSmall():
                request = Request(command.request_id, command.recipe, command.size)
                self._loop.ask_small(request)
            case say.CancelSmall():
                is_over = self._loop.cancel_small(command.request_ids)
        if is_over:
            self._cancel.cancel()

    # ----------------------------------------------------------------- the rendering thread

    def run(self) -> None:
        """Open models and render until `close`.

        Raises:
            CudaFailedError: The graphics card failed.
        """
        self._tell(say.Ready(runtime=onnxruntime.__version__))
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                if self._is_closing:
                    return
                opening, self._to_open = self._to_open, None
                finding = self._finds.next() if opening is None else None
                is_free = opening is None and finding is None
                is_large, job = next_turn(self._loop if is_free else None, self._large)
                self._cancel = CancelToken()
                self._busy_since_s = time.monotonic()
            if opening is not None:
                self._open(opening)
            elif is_large and self._model is not None:
                self._large.step(self._model, gauge=self._gauge, cancel=self._cancel)
            elif job is not None:
                self._do(job)
            elif finding is not None:
                self._finds.answer(finding, self._model, cancel=self._cancel, tell=self._tell)
            elif self._model is not None and (answer := self._side.step(self._model)) is not None:
                self._tell(answer)
            self._busy_since_s = None

    def _has_work(self) -> bool:
        is_asked = self._is_closing or self._to_open is not None or self._finds.has_work
        if self._loop is None:
            return is_asked
        has_pictures = self._loop.has_job or self._large.has_work
        return is_asked or (has_pictures and self._slots.has_free) or self._side.has_work

    def _open(self, command: say.OpenModel) -> None:
        self._model = None  # two models at once would need twice the memory
        try:
            model = GeneratorModel.open(Path(command.folder), wish=command.wish)
        except StudioError as error:
            self._tell(
                say.ModelRefused(open_id=command.open_id, what=error.what, way_out=error.way_out)
            )
            return
        batch = _CUDA_SMALL_BATCH if model.provider == "CUDA" else 1
        with self._changed:
            self._model, self._gauge = model, NearnessGauge(model.folder, model.card)
            if self._to_open is None:
                self._loop = RenderLoop(
                    model.sides, small_batch=batch, goes_on=model.goes_on_from_previews
                )
        self._tell(
            say.ModelOpened(
                open_id=command.open_id,
                card=model.card,
                directions=model.directions.entries,
                provider=model.provider,
                wish=model.wish,
                fallback_reason=model.fallback_reason,
                can_spread=model.can_spread,
            )
        )

    def _do(self, job: Job) -> None:
        loop, model = self._loop, self._model
        if loop is None or model is None:  # another model was asked for meanwhile
            return
        begin_s = time.perf_counter()
        try:
            pictures = self._render(model, job)
        except RenderCancelledError:
            with self._changed:
                loop.interrupt()
            return
        except StudioError as error:
            with self._changed:
                loop.fail()
            for request in job.requests:
                self._refuse(request.request_id, error)
            return
        elapsed_ms = (time.perf_counter() - begin_s) * 1000
        for request, picture in pictures:
            self._send(job, request, picture=picture, engine_ms=elapsed_ms / len(pictures))
        with self._changed:
            loop.finish(elapsed_ms)

    def _render(self, model: GeneratorModel, job: Job) -> list[tuple[Request, Picture]]:
        """Give the pictures of a job; a recipe of a batch that does not fit is refused alone."""
        requests, recipes = [], []
        for request in job.requests:
            try:
                model.generator.w_of(request.recipe)
            except StudioError as error:
                if len(job.requests) == 1:
                    raise
                self._refuse(request.request_id, error)
                continue
            requests.append(request)
            recipes.append(request.recipe)
        try:
            pictures = model.render_many(recipes, job.side, cancel=self._cancel)
        except EngineError as error:
            is_overflow = isinstance(error.__cause__, ValueError)  # the recipe's fault
            if model.provider == "CUDA" and not is_overflow:
                raise CudaFailedError(str(error.__cause__)) from error
            raise
        return list(zip(requests, pictures, strict=True))

    def _send(self, job: Job, request: Request, *, picture: Picture, engine_ms: float) -> None:
        """Put a picture into a slot and say so."""
        try:
            slot = self._slots.place(picture)
        except EngineError as error:
            self._refuse(request.request_id, error)
            return
        if slot is None:
            return
        nearness = None
        if request.has_nearness and self._gauge is not None:
            nearness = self._gauge.measure(middle_square(picture))
        height, width, _ = picture.shape
        provider = self._model.provider if self._model else "CPU"
        self._tell(
            say.PictureDone(
                request_id=request.request_id,
                kind=job.kind,
                slot=slot,
                width=width,
                height=height,
                engine_ms=engine_ms,
                provider=provider,
                nearness=nearness,
            )
        )

    # ---------------------------------------------------------------------------- any thread

    def beat(self) -> None:
        """Say that we live, and how long the present run has lasted."""
        since_s = self._busy_since_s
        busy_ms = 0.0 if since_s is None else (time.monotonic() - since_s) * 1000
        self._tell(say.Heartbeat(busy_ms=busy_ms))

    def _note_waiting(self) -> None:
        self._busy_since_s = None  # waiting for the reader is no hang of ours

    def _refuse(self, request_id: int, error: StudioError) -> None:
        self._tell(
            say.RequestRefused(request_id=request_id, what=error.what, way_out=error.way_out)
        )

    def _tell(self, event: say.Event) -> None:
        line = encode_line(event)
        with self._write_lock:
            self._write(line)


def read_commands(host: EngineHost, descriptor: int) -> None:
    """Give the host every command that comes, until the other side closes; then close the host."""
    decoder: LineDecoder[say.Command] = LineDecoder(say.Command)
    try:
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            for command in decoder.feed(chunk):
                host.take(command)
    except OSError as error:
        _logger.info("commands ended: %s", error)
    finally:
        host.close()


def run_engine(words: list[str]) -> int:
    """Be the engine process; gives the exit status.

    Args:
        words: Nothing is expected.
    """
    if words:
        sys.stderr.write("studio engine takes no words; the window starts it.\n")
        return 2
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    events = _take_stdout()
    host = EngineHost(lambda line: _write_all(events, line))
    stopped = threading.Event()

    def read() -> None:
        read_commands(host, 0)
        stopped.set()
        time.sleep(_LAST_WORDS_S)
        os._exit(0)  # a native call that does not end must not hold the process

    def beat() -> None:
        while not stopped.wait(HEARTBEAT_S):
            host.beat()

    threading.Thread(target=read, name="commands", daemon=True).start()
    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
    try:
        host.run()
    except CudaFailedError as error:
        _logger.error("the graphics card failed: %s", error)
        return EXIT_CUDA
    return 0


def _take_stdout() -> int:
    """Give a descriptor that only we write to; whatever prints goes to stderr from now on."""
    events = os.dup(1)
    os.dup2(2, 1)
    return events


def _write_all(descriptor: int, line: bytes) -> None:
    """Write one line whole; a reader that has gone ends the process."""
    rest = memoryview(line)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        os._exit(0)
