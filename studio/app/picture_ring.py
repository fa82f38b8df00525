"""The app's end of the ring file: it makes the file, reads pictures from it, and removes it."""

import contextlib
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Final

from studio.core.arrays import Picture
from studio.core.errors import EngineError
from studio.protocol.codec import ProtocolError
from studio.protocol.ring import MappedRing

_PREFIX: Final = "latent-studio-ring-"
# Enough for a drag and a wall at once; the engine waits when all are full.
NUM_SLOTS: Final = 8
# The largest picture of our own models; a larger one gets a larger ring when it is opened.
MIN_SIDE_PX: Final = 512


def ring_folders() -> tuple[Path, ...]:
    """Give where ring files may lie: the session's own folder in memory, then the temp folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    temp = Path(tempfile.gettempdir())
    return (Path(runtime), temp) if runtime and Path(runtime).is_dir() else (temp,)


def make_ring(side_px: int) -> "PictureRing":
    """Make a ring in the first folder that has room; raises `EngineError` when none has."""
    *better, last = ring_folders()
    for folder in better:
        with contextlib.suppress(EngineError):
            return PictureRing(folder, side_px=side_px)
    return PictureRing(last, side_px=side_px)


class PictureRing:
    """A ring file of this process. It is locked, so that another process knows it is in use.

    Attributes:
        path: The file.
        num_slots: How many pictures fit.
        slot_bytes: The largest picture.
    """

    def __init__(self, folder: Path, *, side_px: int) -> None:
        """Make the file for square pictures up to `side_px` (at least 512).

        Raises:
            EngineError: There is no room for it.
        """
        self.num_slots = NUM_SLOTS
        self.slot_bytes = 3 * max(side_px, MIN_SIDE_PX) ** 2
        self.path = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        self._descriptor = -1
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            _lock(self._descriptor)
            _reserve(self._descriptor, self.num_slots * self.slot_bytes)
            self._ring = MappedRing(self.path, num_slots=self.num_slots, slot_bytes=self.slot_bytes)
        except (OSError, ProtocolError) as error:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
                os.close(self._descriptor)
            raise EngineError(
                f"There is no room for pictures in “{self.path.parent}”.",
                "Free some space there, then start the program again.",
            ) from error

    def read(self, slot: int, *, width: int, height: int) -> Picture:
        """Give a read-only copy of a picture; raises `ValueError` for an impossible slot."""
        return self._ring.read(slot, width=width, height=height)

    def remove(self) -> None:
        """Remove the file; the ring cannot be used any more."""
        self._ring.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def remove_stale_rings() -> int:
    """Remove ring files whose process has died; gives how many there were."""
    found = [path for folder in ring_folders() for path in folder.glob(f"{_PREFIX}*")]
    return sum(_remove_if_stale(path) for path in found)


def _remove_if_stale(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:  # of another user, or just gone
        return False
    try:
        _lock(descriptor)
        path.unlink()
    except OSError:  # in use
        return False
    finally:
        os.close(descriptor)
    return True


def _lock(descriptor: int) -> None:
    """Lock without waiting; raises `OSError` when another process has it."""
    if sys.platform == "win32":
        return  # an open file cannot be removed there, which is all that the lock is for
    import fcntl  # noqa: PLC0415 - not on Windows

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _reserve(descriptor: int, num_bytes: int) -> None:
    """Give the file its size with real room behind it: a hole that cannot be filled kills us."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, num_bytes)
    else:
        os.truncate(descriptor, num_bytes)
