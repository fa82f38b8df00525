"""The engine's end of the ring: which slots are free, and putting bytes into one."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import EngineError
from studio.protocol import messages as say
from studio.protocol.codec import ProtocolError
from studio.protocol.ring import MappedRing


class Slots:
    """Guarded by the host's condition, which is told when a slot becomes free."""

    def __init__(self, changed: threading.Condition, *, before_wait: Callable[[], None]) -> None:
        """Begin without a ring.

        Args:
            changed: The host's condition.
            before_wait: Called before waiting for the reader, which is no hang of ours.
        """
        self._changed, self._before_wait = changed, before_wait
        self._ring: MappedRing | None = None
        self._free: set[int] = set()
        self._is_closed = False

    @property
    def has_free(self) -> bool:
        """Whether `place` would not wait."""
        return bool(self._free)

    @property
    def slot_bytes(self) -> int:
        """How much fits into one, 1 without a ring."""
        return self._ring.slot_bytes if self._ring is not None else 1

    def use(self, command: say.UseRing) -> say.CommandRefused | None:
        """Take another ring; gives why not, None when it was taken."""
        try:
            ring = MappedRing(
                Path(command.path), num_slots=command.num_slots, slot_bytes=command.slot_bytes
            )
        except ProtocolError as error:
            return say.CommandRefused(what=error.what)
        self._ring = ring
        self._free = set(range(ring.num_slots))
        return None

    def free(self, slot: int) -> None:
        """Take a slot back; one that does not exist is not believed."""
        if self._ring is not None and 0 <= slot < self._ring.num_slots:
            self._free.add(slot)

    def close(self) -> None:
        """Let nobody wait any more."""
        self._is_closed = True

    def place(self, content: NDArray[np.uint8]) -> int | None:
        """Put bytes into a free slot, waiting for one; None when they are wanted no more.

        Raises:
            EngineError: They are more than fit.
        """
        with self._changed:
            self._before_wait()
            self._changed.wait_for(lambda: self.has_free or self._is_closed)
            if self._is_closed or self._ring is None:
                return None
            if content.nbytes > self._ring.slot_bytes:
                raise EngineError("The picture is larger than its place.", "Restart the engine.")
            slot = self._free.pop()
            self._ring.write(slot, content)
            return slot
