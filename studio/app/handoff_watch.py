"""Watches what was sent to other programs, and tells when it was painted over and saved.

A save is taken when its file was read whole: the opener decodes it to the end, and time and size
are the same before and after. What cannot be read yet is looked at again when it changes, and once
more after a while; only then it is said.
"""

import time
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

from studio.app.background import Background
from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import StudioError
from studio.files.handoffs import Handoff, list_pictures, stamp_of
from studio.opener.client import OpenedPicture, open_recipe_picture

# A program that saves writes many times: look when it has rested this long.
REST_MS: Final = 250
# When a file that could not be read is looked at once more, although nothing changed.
AGAIN_MS: Final = 3000


class CameBack(msgspec.Struct, frozen=True):
    """A picture that was painted over.

    Attributes:
        handoff: What it belongs to.
        path: The file that was saved.
        picture: uint8 [H, W, 3], read-only.
        pixels: Its pixel hash.
        is_whole: Whether it has all pixels of the file; a larger one than 4 Mpx was made smaller.
    """

    handoff: Handoff
    path: Path
    picture: Picture
    pixels: str
    is_whole: bool


class _Looked(msgspec.Struct, frozen=True):
    """A file that was read: its stamps before and after, and what it held."""

    path: Path
    before: str
    after: str
    opened: OpenedPicture


class HandoffWatch(QObject):
    """Looks after the folders of hand-offs.

    Signals:
        painted: `CameBack`, once for each saving that changed pixels.
        refused: (path, `StudioError`) for a saved file that cannot be read; once for each saving.
    """

    painted = Signal(object)
    refused = Signal(object)

    def __init__(self, *, again_ms: int = AGAIN_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._again_ms = again_ms
        self._watcher = QFileSystemWatcher(self)
        self._worker = Background(self)
        self._handoff_by_folder: dict[Path, Handoff] = {}
        self._stamp_by_path: dict[Path, str] = {}
        self._unread: dict[Path, tuple[str, float]] = {}
        self._is_looking = False
        self._is_wanted = False
        self._rest = self._make_timer(REST_MS)
        self._again = self._make_timer(again_ms)
        self._watcher.directoryChanged.connect(self._on_changed)
        self._watcher.fileChanged.connect(self._on_changed)

    @property
    def handoffs(self) -> tuple[Handoff, ...]:
        """What is watched."""
        return tuple(self._handoff_by_folder.values())

    def follow(self, handoff: Handoff, *, is_fresh: bool) -> None:
        """Watch a hand-off, or take its newer record.

        Args:
            handoff: It.
            is_fresh: Whether its files were written just now, so that there is nothing to look at.
        """
        self._handoff_by_folder[handoff.folder] = handoff
        self._watch(handoff.folder)
        if is_fresh:
            self._stamp_by_path |= list_pictures(handoff.folder)
        else:
            self.look()

    @Slot()
    def look(self) -> None:
        """Look at everything now: at the start, and when the artist comes back to the window."""
        if self._is_looking:
            self._is_wanted = True
            return
        changed: list[tuple[Path, str]] = []
        for folder in self._handoff_by_folder:
            self._watch(folder)  # first: what changes after this is heard of
            for path, stamp in list_pictures(folder).items():
                if self._stamp_by_path.get(path) != stamp:
                    changed.append((path, stamp))
        if changed:
            self._is_looking = True
            self._worker.run(
                lambda: [_look_at(path, stamp) for path, stamp in changed],
                self._take,
                failed=self._take_fault,
            )

    def finish(self) -> None:
        """Stop watching, and wait for what is being read."""
        self._handoff_by_folder.clear()
        self._rest.stop()
        self._again.stop()
        self._worker.finish()

    # ---------------------------------------------------------------- inside

    def _make_timer(self, after_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(self.look)
        return timer

    def _watch(self, folder: Path) -> None:
        """Watch a folder and its pictures; a file that was replaced is another one."""
        known = {*self._watcher.directories(), *self._watcher.files()}
        wanted = [str(folder), *map(str, list_pictures(folder))]
        new = [path for path in wanted if path not in known]
        if new:
            self._watcher.addPaths(new)

    @Slot(str)
    def _on_changed(self, _path: str) -> None:
        self._rest.start()

    def _take(self, looked: list[_Looked]) -> None:
        self._is_looking = False
        for one in looked:
            self._take_one(one)
        if self._is_wanted:
            self._is_wanted = False
            self.look()

    def _take_fault(self, error: StudioError) -> None:
        self._is_looking = False
        self.refused.emit((Path(), error))

    def _take_one(self, one: _Looked) -> None:
        handoff = self._handoff_by_folder.get(one.path.parent)
        if handoff is None:
            return
        if one.before != one.after:
            self._rest.start()  # it is being written
            return
        picture = one.opened.picture
        if picture is None:
            self._take_unread(one)
            return
        self._stamp_by_path[one.path] = one.after
        pixels = pixel_hash(picture)
        if pixels not in handoff.seen:
            seen = (*handoff.seen, pixels)
            handoff = msgspec.structs.replace(handoff, seen=seen)
            self._handoff_by_folder[handoff.folder] = handoff
            self.painted.emit(CameBack(handoff, one.path, picture, pixels, one.opened.is_whole))

    def _take_unread(self, one: _Looked) -> None:
        """Wait for the rest of a file; say what is wrong when nothing came for a while."""
        stamp, since_s = self._unread.get(one.path, ("", 0.0))
        if stamp != one.after:
            self._unread[one.path] = (one.after, time.monotonic())
        if stamp != one.after or (time.monotonic() - since_s) * 1000 < self._again_ms:
            self._again.start()
            return
        del self._unread[one.path]
        self._stamp_by_path[one.path] = one.after
        if one.opened.refused is not None:
            self.refused.emit((one.path, one.opened.refused))


def _look_at(path: Path, before: str) -> _Looked:
    """Read a file in the opener child; on a worker thread."""
    opened = open_recipe_picture(path)
    return _Looked(path, before, stamp_of(path), opened)
