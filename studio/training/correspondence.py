"""How a trainer tells what happens and hears what it should do."""

import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from studio.core.errors import DiskFullError
from studio.files.appended import AppendedFile
from studio.protocol.codec import LineDecoder, Message, ProtocolError, encode_line
from studio.protocol.training_messages import (
    COMMANDS_FOLDER,
    EVENTS_FILE,
    Acknowledged,
    Continue,
    Pause,
    Stop,
    TakeSnapshot,
    TrainerCommand,
    Yield,
)

POLL_S = 0.05  # a command is acknowledged within 100 ms
MOST_UNWRITTEN = 1000  # lines kept while the disk is full: half an hour of them
LONGEST_YIELD_S = 5.0  # a hand that rests says nothing, so no wish holds for longer
_log = logging.getLogger(__name__)


class EventLog:
    """Appends events to a file, the truth, and mirrors them on stdout.

    Attributes:
        listeners: called with each event after it was written, on the thread that tells it.
    """

    def __init__(self, run: Path, *, file: str = EVENTS_FILE, has_mirror: bool = True) -> None:
        self.listeners: list[Callable[[Message], None]] = []
        self._file = AppendedFile(run / file)
        self._has_mirror = has_mirror
        self._lock = threading.Lock()
        self._unwritten: deque[bytes] = deque(maxlen=MOST_UNWRITTEN)

    def tell(self, event: Message) -> None:
        """Writes one event; a reader that has gone is no reason to stop, nor is a full disk.

        What the disk does not take is written, in order, as soon as it does.
        """
        line = encode_line(event)
        with self._lock:
            self._unwritten.append(line)
            with contextlib.suppress(DiskFullError):
                while self._unwritten:
                    self._file.append_whole(self._unwritten[0])
                    self._unwritten.popleft()
            if self._has_mirror:
                self._mirror(line)
        for listener in self.listeners:
            listener(event)

    def mirror(self, event: Message) -> None:
        """Says one event on stdout alone: it is no news about the run."""
        if self._has_mirror:
            self._mirror(encode_line(event))

    def close(self) -> None:
        """Closes the file; nothing can be told after it."""
        self._file.close()

    def _mirror(self, line: bytes) -> None:
        try:
            os.write(1, line)
        except OSError:
            self._has_mirror = False


class Inbox:
    """Reads the command files and watches stdin, on two threads.

    Attributes:
        is_stopping: set once the trainer should save and leave.
        is_paused: set while it should rest.
        has_snapshot_wish: set when a snapshot was asked for; who takes it clears it.
        yielded_s: time given to the hand so far.
    """

    def __init__(self, run: Path, log: EventLog) -> None:
        self.is_stopping = threading.Event()
        self.is_paused = threading.Event()
        self.has_snapshot_wish = threading.Event()
        self.yielded_s = 0.0
        self._yield_until = 0.0
        self._folder = run / COMMANDS_FOLDER
        self._log = log
        self._decoder: LineDecoder[TrainerCommand] = LineDecoder(TrainerCommand)
        self._is_closed = threading.Event()
        self._reader = threading.Thread(target=self._poll, name="commands", daemon=True)

    def open(self, *, follows_stdin: bool) -> None:
        """Starts to listen; commands from an earlier sitting are dropped.

        Args:
            follows_stdin: whether the end of stdin means stop.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._waiting():
            path.unlink(missing_ok=True)
        self._reader.start()
        if follows_stdin:
            # It blocks in read(2) for good, so it is a daemon and is never joined.
            threading.Thread(target=self._follow_stdin, name="stdin", daemon=True).start()

    def close(self) -> None:
        """Ends the reading of commands."""
        self._is_closed.set()
        if self._reader.is_alive():
            self._reader.join()

    def rest(self, *, until: Callable[[], bool]) -> None:
        """Waits while the trainer is paused, is not stopped, and `until` says no."""
        while self.is_paused.is_set() and not self.is_stopping.is_set() and not until():
            self.is_stopping.wait(POLL_S)

    def between(self) -> bool:
        """Rests while the hand moves; True when something else than training is wanted."""
        begin = time.monotonic()
        while not self.is_wanted and (left := self._yield_until - time.monotonic()) > 0:
            self.is_stopping.wait(min(left, POLL_S))
        self.yielded_s += time.monotonic() - begin
        return self.is_wanted

    @property
    def is_wanted(self) -> bool:
        """Whether a pause or a stop was asked for."""
        return self.is_stopping.is_set() or self.is_paused.is_set()

    def _waiting(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.json") if path.stem.isdigit())

    def _poll(self) -> None:
        while not self._is_closed.wait(POLL_S):
            for path in self._waiting():
                self._take(path)

    def _take(self, path: Path) -> None:
        try:
            command = self._decoder.decode(path.read_bytes())
        except (OSError, ProtocolError, msgspec.MsgspecError) as error:
            _log.warning("command %s is not one: %s", path.name, error)
        else:
            if not isinstance(command, Yield):  # it comes with every move of the hand
                self._log.tell(Acknowledged(number=int(path.stem)))
            self._obey(command)
        path.unlink(missing_ok=True)

    def _obey(self, command: TrainerCommand) -> None:
        match command:
            case Pause():
                self.is_paused.set()
            case Continue():
                self._yield_until = 0.0  # the hand that moved before the pause has long rested
                self.is_paused.clear()
            case Stop():
                self.is_stopping.set()
            case TakeSnapshot():
                self.has_snapshot_wish.set()
            case Yield(seconds=seconds):
                self._yield_until = time.monotonic() + min(seconds, LONGEST_YIELD_S)

    def _follow_stdin(self) -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            _log.debug("stdin cannot be read")
        self.is_stopping.set()
