"""What the window remembers between sessions."""

import logging
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.background import Background
from studio.core.errors import StorageError
from studio.core.provenance import NOBODY, Authorship
from studio.export.file_names import DEFAULT_TEMPLATE, SET_TEMPLATE
from studio.export.set_settings import SetSettings
from studio.export.stills import FileFormat
from studio.files.settings import read_settings, write_settings

WRITE_AFTER_MS: Final = 600
_log = logging.getLogger(__name__)


class ExportPreferences(msgspec.Struct, frozen=True):
    """How pictures were exported last.

    Attributes:
        format: File format.
        bits: For each colour; 16 only means something for PNG and TIFF.
        quality: 1…100, for the lossy formats.
        size: Longer side in pixels, None for the picture's own.
        is_power_of_two: Whether each side is brought to a power of two.
        in_one: Whether several pictures go into one file, where its format has layers.
        with_recipe: Whether the recipe travels inside.
        folder: Last folder, "" before the first.
        template: File name without its end, see `export.file_names`.
        kind: What becomes of the pictures: files of their own, or one of the sets.
        sets: How each kind of set is laid out.
        set_template: As `template`, for sets.
        author: What the artist says of exports as their own.
        is_signed: Whether they carry Content Credentials.
    """

    format: FileFormat = "png"
    bits: Literal[8, 16] = 8
    quality: int = 95
    size: int | None = 1024
    is_power_of_two: bool = False
    in_one: bool = True
    with_recipe: bool = True
    folder: str = ""
    template: str = DEFAULT_TEMPLATE
    kind: Literal["pictures", "sheet", "sprites", "tiles", "palette", "page"] = "pictures"
    sets: SetSettings = SetSettings()
    set_template: str = SET_TEMPLATE
    author: Authorship = NOBODY
    is_signed: bool = False


class DirectionPreference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the artist did to one direction's row: its own name, starred, hidden."""

    name: str = ""
    is_starred: bool = False
    is_hidden: bool = False


class SendPreferences(msgspec.Struct, frozen=True):
    """How pictures are sent to other programs.

    Attributes:
        last: Key of the program that was taken last, "" before the first.
        own_name: What the artist's own program is called.
        own_command: Its arguments, the program first; empty when none was set.
    """

    last: str = ""
    own_name: str = ""
    own_command: tuple[str, ...] = ()


class LivePreferences(msgspec.Struct, frozen=True):
    """The ports of live messages; that they are used is asked for anew in each session.

    Attributes:
        port: Where messages are received.
        out_port: Where the state is sent to.
    """

    port: int = 9000
    out_port: int = 9001


class PreferenceValues(msgspec.Struct, frozen=True, kw_only=True):
    """All preferences. A new field needs a default; a field is never given another meaning.

    Attributes:
        theme: "dark", "grey" or "light".
        language: A language key, or "system".
        provider: What the engine should run on.
        model: Id of the model used last, "" before the first.
        shortcuts: Command id → key sequence, only what the artist changed.
        directions: Direction id → what was done to its row, as an older program wrote it; now the
            model's book holds that (`core/direction_book.py`), and this is only read.
        export: How pictures were exported last.
        tile_size: Size of the tiles on the gallery page.
        recent_commands: Command ids, newest first.
        window_geometry: Base64 of Qt's saved geometry.
        window_state: Base64 of Qt's saved docks.
        window_small_state: The same of a window below 1366 px.
        board: The board that was open last, "" for none.
        send: How pictures are sent to other programs.
        live: The ports of live messages.
        is_seed_locked: Whether dice and "New picture" leave the seed alone.
        is_view_enlarged: Whether the canvas shows pictures enlarged as soon as the hand rests.
    """

    theme: str = "dark"
    language: str = "system"
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    model: str = ""
    shortcuts: dict[str, str] = {}
    directions: dict[str, DirectionPreference] = {}
    export: ExportPreferences = ExportPreferences()
    tile_size: Literal["small", "medium", "large"] = "medium"
    recent_commands: tuple[str, ...] = ()
    window_geometry: str = ""
    window_state: str = ""
    window_small_state: str = ""
    is_seed_locked: bool = False
    board: str = ""
    is_view_enlarged: bool = True
    send: SendPreferences = SendPreferences()
    live: LivePreferences = LivePreferences()


class Preferences(QObject):
    """Holds the preferences and writes them a moment after a change.

    Signals:
        changed: The new `PreferenceValues`, only when they differ from those before.
        failed: `StorageError` when they could not be written; the next change tries again.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, home: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        found = read_settings(home, PreferenceValues)
        self._values = self._written = found.values
        self._unknown = found.unknown
        self.note: StorageError | None = found.note
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self._save_later)
        self._worker = Background(self)

    @property
    def values(self) -> PreferenceValues:
        """The preferences as they are now."""
        return self._values

    @property
    def home(self) -> Path:
        """Where they are stored, with everything else of the artist's."""
        return self._home

    @property
    def layout(self) -> tuple[str, str, str]:
        """Geometry and docks of the window, wide and small, as texts."""
        values = self._values
        return values.window_geometry, values.window_state, values.window_small_state

    def change(self, **changes: Any) -> None:
        """Change some preferences by name; nothing happens when they are so already."""
        values = msgspec.structs.replace(self._values, **changes)
        if values != self._values:
            self._values = values
            self._timer.start()
            self.changed.emit(values)

    @Slot()
    def _save_later(self) -> None:
        """Write on a thread: a disk that a training keeps busy must not hold the window up."""
        values = self._values

        def note(_nothing: object) -> None:
            self._written = values

        if values != self._written:
            self._worker.run(
                lambda: write_settings(self._home, values, unknown=self._unknown),
                note,
                failed=self.failed.emit,
            )

    def save_now(self) -> None:
        """Write what is not written yet, before the window closes."""
        self._timer.stop()
        self._worker.finish()
        if self._values == self._written:
            return
        try:
            write_settings(self._home, self._values, unknown=self._unknown)
            self._written = self._values
        except StorageError as error:
            _log.warning("the preferences cannot be written: %s", error.what)
            self.failed.emit(error)
