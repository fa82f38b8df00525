"""Autosave: every step of the document goes to a file that only grows, so that a kill loses ≤ 2 s."""

import contextlib
import logging
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal, Slot

from studio.app.document import Document
from studio.app.journal_records import (
    Moved,
    NodeMade,
    Pending,
    Record,
    encode_record,
    encode_snapshot,
    list_sessions,
    new_session_path,
    restore,
)
from studio.core.errors import StorageError
from studio.core.history import Node
from studio.core.recipe import Recipe
from studio.files.appended import AppendedFile
from studio.files.atomic import write_bytes_atomic

__all__ = ["Journal", "JournalState", "restore"]

KEPT_SESSIONS: Final = 10
SAVE_AFTER_MS: Final = 1000  # the promise is 2 s; a slow disk may need the other one
RETRY_AFTER_MS: Final = 10_000
COMPACT_BEYOND_BYTES: Final = 32 * 1024 * 1024  # some 60,000 steps of plain recipes

_log = logging.getLogger(__name__)


class JournalState(msgspec.Struct, frozen=True):
    """Whether everything is on the disk.

    Attributes:
        is_saved: False between an edit and its fsync, and while `error` stands.
        error: Why nothing can be saved now; it is tried again by itself.
    """

    is_saved: bool
    error: StorageError | None = None


class Journal(QObject):
    """Follows a document and writes down each of its steps.

    Steps are handed to the system at once, so they outlive a killed process; at most a second
    later they are made to outlive a power cut, on a thread. The recipe of a running gesture goes
    with them.

    Signals:
        state_changed: `JournalState`, only when it differs from the one before.
    """

    state_changed = Signal(object)
    _synced = Signal(object)

    def __init__(self, folder: Path, document: Document, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._document = document
        self._file: AppendedFile | None = None
        self._state = JournalState(is_saved=True)
        self._num_bytes = 0
        self._last_id = -1
        self._pending: Recipe | None = None
        self._is_syncing = False
        self._changed_since_sync = False
        self._is_stopped = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save_now)
        self._synced.connect(self._note_synced)

    @property
    def state(self) -> JournalState:
        """Whether everything is on the disk."""
        return self._state

    def start(self) -> None:
        """Begin this session's file with the history as it is, and follow the document.

        Never raises: a folder that cannot be written to shows in `state` and is tried again.
        """
        self._is_stopped = False
        self._begin_file()
        _drop_old_sessions(self._folder)
        self._document.history_changed.connect(self._follow_history)
        self._document.recipe_changed.connect(self._follow_recipe)

    @Slot()
    def save_now(self) -> None:
        """Write what is not written yet and make it durable on a thread; for timer and focus loss."""
        if self._is_stopped:  # a window that closes loses the focus, too
            return
        self._timer.stop()
        if self._file is None:
            self._begin_file()
        self._append_pending()
        if self._num_bytes > COMPACT_BEYOND_BYTES:
            self._begin_file()
        if self._file is None or not self._changed_since_sync:
            return
        if self._is_syncing:
            self._timer.start(SAVE_AFTER_MS)
            return
        self._is_syncing, self._changed_since_sync = True, False
        self._pool.start(_Sync(self._file, self))

    def stop(self) -> None:
        """Write and make durable everything before the window closes; stops following."""
        self._is_stopped = True
        if not self._timer.isActive() and self._file is None and self._state.is_saved:
            return
        self._timer.stop()
        self._pool.waitForDone()
        if self._file is None:
            self._begin_file()
        self._append_pending()
        if self._file is not None:
            try:
                self._file.sync()
            except StorageError as error:
                self._set_state(JournalState(is_saved=False, error=error))
            else:
                self._set_state(JournalState(is_saved=True))
            self._file.close()
            self._file = None
        with contextlib.suppress(RuntimeError):
            self._document.history_changed.disconnect(self._follow_history)
            self._document.recipe_changed.disconnect(self._follow_recipe)

    @Slot(object)
    def _follow_history(self, node: Node | None) -> None:
        if node is None:
            return
        is_new = node.id > self._last_id
        self._last_id = max(self._last_id, node.id)
        self._pending = None
        self._append(NodeMade(node) if is_new else Moved(node.id))

    @Slot(object)
    def _follow_recipe(self, _recipe: Recipe) -> None:
        self._note_change()

    def _append_pending(self) -> None:
        """Write the recipe of the running gesture, if it is neither a state nor written."""
        pending = _pending_of(self._document)
        if pending != self._pending and self._file is not None:
            self._pending = pending
            self._append(Pending(pending))

    def _append(self, record: Record) -> None:
        if self._file is not None:
            content = encode_record(record)
            try:
                self._file.append(content)
                self._num_bytes += len(content)
            except StorageError as error:
                self._give_up(error)
                return
        self._note_change()

    def _note_change(self) -> None:
        self._changed_since_sync = True
        if self._state.error is None:
            self._set_state(JournalState(is_saved=False))
        if not self._timer.isActive():
            self._timer.start(RETRY_AFTER_MS if self._state.error else SAVE_AFTER_MS)

    def _begin_file(self) -> None:
        """Write the history as it is into a new file, then go on in it; the old one stays whole."""
        pending = _pending_of(self._document)
        content = encode_snapshot(self._document.history, pending)
        path = new_session_path(self._folder)
        old = self._file
        try:
            write_bytes_atomic(path, content)
            self._file = AppendedFile(path)
        except StorageError as error:
            self._give_up(error)
            return
        if old is not None:
            self._pool.waitForDone()
            old.close()
        self._num_bytes = 0
        self._pending = pending
        nodes = self._document.history.nodes
        self._last_id = nodes[-1].id if nodes else -1
        self._changed_since_sync = False
        self._set_state(JournalState(is_saved=True))

    def _give_up(self, error: StorageError) -> None:
        """Show why nothing can be saved, and begin a new file later: this one's end may be torn."""
        _log.warning("the journal cannot be written: %s", error.what)
        if self._file is not None:
            self._file.close()
            self._file = None
        self._set_state(JournalState(is_saved=False, error=error))
        if not self._timer.isActive():
            self._timer.start(RETRY_AFTER_MS)

    @Slot(object)
    def _note_synced(self, error: StorageError | None) -> None:
        self._is_syncing = False
        if error is not None and self._file is not None:
            self._give_up(error)
        elif error is None and not self._changed_since_sync and self._state.error is None:
            self._set_state(JournalState(is_saved=True))

    def _set_state(self, state: JournalState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)


class _Sync(QRunnable):
    """One fsync beside the window; a slow disk must not hold it up."""

    def __init__(self, file: AppendedFile, journal: Journal) -> None:
        super().__init__()
        self._file = file
        self._journal = journal

    def run(self) -> None:
        error: StorageError | None = None
        try:
            self._file.sync()
        except StorageError as problem:
            error = problem
        with contextlib.suppress(RuntimeError):  # the journal has gone meanwhile
            self._journal._synced.emit(error)


def _pending_of(document: Document) -> Recipe | None:
    current = document.history.current
    is_state = current is not None and current.recipe == document.recipe
    return None if is_state else document.recipe


def _drop_old_sessions(folder: Path) -> None:
    for path in list_sessions(folder)[KEPT_SESSIONS:]:
        # One that cannot be removed costs a little space, nothing else.
        with contextlib.suppress(OSError):
            path.unlink()
