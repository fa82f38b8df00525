"""The child processes that the bench measures: torch, and the real engine through its protocol."""

import contextlib
import json
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from studio.cli.bench_timing import Measure
from studio.core.errors import EngineError, StudioError, TrainingError
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe
from studio.files.places import child_command
from studio.protocol.codec import LineDecoder, Message, ProtocolError, encode_line
from studio.protocol.messages import (
    Command,
    Event,
    FreeSlot,
    ModelOpened,
    ModelRefused,
    OpenModel,
    PictureDone,
    Ready,
    Render,
    RenderSmall,
    RequestRefused,
    UseRing,
)
from studio.protocol.ring import MappedRing

# Building and exporting the network takes some 10 s on two cores, importing torch as much again
# on a cold disk.
_TORCH_PATIENCE_S: Final = 600.0  # torch.compile, for a network of 512 px
_ENGINE_PATIENCE_S: Final = 60.0
_END_PATIENCE_S: Final = 10.0
_NUM_SLOTS: Final = 4
E = TypeVar("E", bound=Message)
_AGAIN: Final = "Close other programs and run the bench again."


class TorchChild:
    """`studio trainer bench`: writes the model with random weights, then times torch on request."""

    def __init__(
        self,
        folder: Path,
        *,
        config: str,
        resolution: int,
        num_threads: int,
        published: Path | None = None,
    ) -> None:
        """Start it.

        Args:
            folder: Where the model is written.
            config: Which channels the network has.
            resolution: Side in px.
            num_threads: As many as torch may use.
            published: Where a StyleGAN2 of the published size is written as a graph; None: nowhere.
        """
        words = ["--config", config, "--resolution", str(resolution), "--threads", str(num_threads)]
        if published is not None:
            words += ["--stylegan2-graph", str(published)]
        self._child = _start("trainer", "bench", str(folder), *words)
        self._lines = _LineReader(self._child)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        _end(self._child, self._lines)

    def wait_ready(self) -> dict[str, Any]:
        """Wait until the model lies in its folder; gives what torch says of itself."""
        return self._read(_TORCH_PATIENCE_S)

    def measure(self, way: str, *, batch: int = 1) -> Measure:
        """Give the measure of torch in one of `training.bench.WAYS`, in ms for a whole batch."""

        def run(count: int) -> list[float]:
            wish = {"way": way, "batch": batch, "count": count}
            _write(self._child, json.dumps(wish).encode() + b"\n")
            told = self._read(_TORCH_PATIENCE_S)
            if "error" in told:
                raise TrainingError(f"Torch cannot do that here ({told['error']}).", "")
            return [float(value) for value in told["times_ms"]]

        return run

    def _read(self, patience_s: float) -> dict[str, Any]:
        line = self._lines.next_line(patience_s)
        if line is None:
            raise TrainingError("The part that times torch ended or did not answer.", _AGAIN)
        fields: dict[str, Any] = json.loads(line)
        return fields


class EngineChild:
    """The real engine process, asked as the window asks it, and its pictures taken from the ring.

    Attributes:
        pid: Its process id.
        ready_ms: From the start of the process to its first word.
        opened_ms: From asking for the model to having it open.
    """

    def __init__(self, folder: Path, card: ModelCard) -> None:
        begin_s = time.perf_counter()
        self._child = _start("engine")
        self.pid = self._child.pid
        self._decoder: LineDecoder[Event] = LineDecoder(Event)
        self._lines = _LineReader(self._child)
        self._folder = folder
        self._num_opened = 1
        self._num_asked = 0
        self._ring_file = tempfile.NamedTemporaryFile(prefix="studio-bench-")  # noqa: SIM115
        try:
            self._wait_for(Ready)
            self.ready_ms = (time.perf_counter() - begin_s) * 1000
            self._ring = self._share_ring(card)
            begin_s = time.perf_counter()
            self._send(OpenModel(open_id=1, folder=str(folder), wish="cpu"))
            self._wait_for(ModelOpened)
            self.opened_ms = (time.perf_counter() - begin_s) * 1000
        except BaseException:
            self._ring_file.close()
            _end(self._child, self._lines)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        _end(self._child, self._lines)
        self._ring.close()
        self._ring_file.close()

    def picture_ms(self, recipe: Recipe) -> float:
        """Ask for a picture and copy it out; gives the time until it is here in full."""
        begin_s = time.perf_counter()
        self._num_asked += 1
        self._send(Render(request_id=self._num_asked, recipe=recipe))
        while True:
            done = self._wait_for(PictureDone)
            self._ring.read(done.slot, width=done.width, height=done.height)
            self._send(FreeSlot(slot=done.slot))
            if done.request_id == self._num_asked and done.kind != "preview":
                return (time.perf_counter() - begin_s) * 1000

    def switch_ms(self, recipe: Recipe) -> float:
        """Open the model once more; gives the time from the wish to its first full picture."""
        begin_s = time.perf_counter()
        self._num_opened += 1
        self._send(OpenModel(open_id=self._num_opened, folder=str(self._folder), wish="cpu"))
        self._wait_for(ModelOpened)
        self.picture_ms(recipe)
        return (time.perf_counter() - begin_s) * 1000

    def strip_ms(self, recipes: Sequence[Recipe], size: int) -> float:
        """Ask for small pictures as a strip does; gives the time until the last one is here."""
        begin_s = time.perf_counter()
        wanted = set()
        for recipe in recipes:
            self._num_asked += 1
            wanted.add(self._num_asked)
            self._send(RenderSmall(request_id=self._num_asked, recipe=recipe, size=size))
        while wanted:
            done = self._wait_for(PictureDone)
            self._ring.read(done.slot, width=done.width, height=done.height)
            self._send(FreeSlot(slot=done.slot))
            wanted.discard(done.request_id)
        return (time.perf_counter() - begin_s) * 1000

    def measure(self, next_recipe: Callable[[], Recipe]) -> Measure:
        """Give the measure of the round trip."""
        return lambda count: [self.picture_ms(next_recipe()) for _ in range(count)]

    def _share_ring(self, card: ModelCard) -> MappedRing:
        slot_bytes = card.resolution * card.resolution * 3
        self._ring_file.truncate(_NUM_SLOTS * slot_bytes)
        path = Path(self._ring_file.name)
        self._send(UseRing(path=str(path), num_slots=_NUM_SLOTS, slot_bytes=slot_bytes))
        return MappedRing(path, num_slots=_NUM_SLOTS, slot_bytes=slot_bytes)

    def _send(self, command: Command) -> None:
        _write(self._child, encode_line(command))

    def _wait_for(self, kind: type[E]) -> E:
        end_s = time.monotonic() + _ENGINE_PATIENCE_S
        while (line := self._lines.next_line(end_s - time.monotonic())) is not None:
            try:
                event = self._decoder.decode(line)
            except ProtocolError as error:
                raise EngineError(error.what, _AGAIN) from error
            if isinstance(event, kind):
                return event
            if isinstance(event, ModelRefused | RequestRefused):
                raise EngineError(event.what, event.way_out)
        raise EngineError("The engine ended or did not answer.", _AGAIN)


class _LineReader:
    """Reads a child's lines on a thread, so that waiting for one can end."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        assert child.stdout is not None
        stream = child.stdout

        def read() -> None:
            for line in stream:
                self._lines.put(line)
            self._lines.put(None)

        self._thread = threading.Thread(target=read, name="bench child's lines", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for the thread; call it when the child has ended."""
        self._thread.join()

    def next_line(self, patience_s: float) -> bytes | None:
        """Give the next line; None when the child has ended or says nothing for that long."""
        try:
            return self._lines.get(timeout=max(0.0, patience_s))
        except queue.Empty:
            return None


def run_to_end(
    words: list[str], *, patience_s: float, environment: dict[str, str] | None = None
) -> bytes:
    """Run a child to its end and give what it wrote.

    Args:
        words: What to start.
        patience_s: How long it may take.
        environment: Its surroundings; None takes ours.

    Raises:
        StudioError: It failed or did not end in time.
    """
    try:
        done = subprocess.run(words, capture_output=True, timeout=patience_s, env=environment)
    except subprocess.TimeoutExpired as error:
        raise StudioError(f"It did not end within {patience_s:g} s.", _AGAIN) from error
    if done.returncode != 0:
        # A sentence and its way out, or the end of what a crash leaves behind.
        told = " ".join(done.stderr.decode("utf-8", "replace").split("\n")[-3:]).strip()
        raise StudioError(f"It failed ({told or 'without a word'}).", _AGAIN)
    return done.stdout


def _start(*words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        child_command(*words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _write(child: "subprocess.Popen[bytes]", line: bytes) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(line)
        child.stdin.flush()
    except OSError as error:
        raise EngineError("A measured process ended.", _AGAIN) from error


def _end(child: "subprocess.Popen[bytes]", lines: _LineReader) -> None:
    """End a child of ours by closing its stdin, and by force when it does not leave."""
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()
    try:
        child.wait(_END_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    lines.close()
    if child.stdout is not None:
        child.stdout.close()
