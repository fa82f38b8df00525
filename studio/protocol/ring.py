"""The ring file that pictures travel through: equal slots in a file that both sides map.

The app makes and removes the file, the engine only maps it. A slot belongs to the engine until
it names it in a message, then to the app until `FreeSlot` comes back.
"""

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.protocol.codec import ProtocolError

MAX_RING_BYTES = 2 * 1024 * 1024 * 1024


class MappedRing:
    """A ring file mapped into memory.

    Attributes:
        num_slots: How many pictures fit at once.
        slot_bytes: Largest picture in bytes.
    """

    def __init__(self, path: Path, *, num_slots: int, slot_bytes: int) -> None:
        """Map an existing file.

        Raises:
            ProtocolError: The file is missing, or not of the size that the numbers say.
        """
        size = num_slots * slot_bytes
        if num_slots < 1 or slot_bytes < 1 or size > MAX_RING_BYTES:
            raise ProtocolError("The place for pictures has an impossible size.")
        try:
            # not `open("r+b")`: nothing is written through the file, only through the mapping
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
            try:
                if os.fstat(descriptor).st_size != size:
                    raise ProtocolError("The place for pictures has another size than was said.")
                self._map = mmap.mmap(descriptor, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise ProtocolError("The place for pictures cannot be opened.") from error
        self.num_slots = num_slots
        self.slot_bytes = slot_bytes

    def write(self, slot: int, picture: Picture) -> None:
        """Copy a picture [H, W, 3] into a slot.

        Raises:
            ValueError: No such slot, or the picture is larger than one.
        """
        view = self._view(slot, picture.nbytes)
        view[:] = np.ascontiguousarray(picture).reshape(-1)

    def read(self, slot: int, *, width: int, height: int) -> Picture:
        """Give a read-only copy [H, W, 3] of the picture in a slot.

        Raises:
            ValueError: No such slot, or the picture is larger than one.
        """
        num_bytes = width * height * 3 if min(width, height) > 0 else 0
        picture = self._view(slot, num_bytes).reshape(height, width, 3).copy()
        picture.flags.writeable = False
        return picture

    def close(self) -> None:
        """Unmap the file; the ring cannot be used any more."""
        self._map.close()

    def _view(self, slot: int, num_bytes: int) -> NDArray[np.uint8]:
        if not (0 <= slot < self.num_slots and 0 < num_bytes <= self.slot_bytes):
            raise ValueError(f"a picture of {num_bytes} bytes does not fit into slot {slot}")
        return np.frombuffer(
            self._map, dtype=np.uint8, count=num_bytes, offset=slot * self.slot_bytes
        )
