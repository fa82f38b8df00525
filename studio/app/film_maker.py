"""Making films of walks in a child process, one at a time, so that the canvas stays live."""

from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.walk_child import WalkChild
from studio.core.errors import StudioError
from studio.core.walk_json import walk_to_json
from studio.export.film import FilmSettings
from studio.files.atomic import write_bytes_atomic
from studio.library.walk_shelf import SavedWalk

FILM_FILE: Final = Path("cache") / "walk-film.json"
# Rendering takes most of the time; writing is the rest of the bar.
_RENDER_SHARE: Final = 0.85


class FilmProgress(msgspec.Struct, frozen=True):
    """How far a film is: what is done now, how many of how many, and the share of the whole."""

    stage: Literal["render", "write"]
    done: int
    total: int

    @property
    def share(self) -> float:
        """0…1 of the whole work."""
        part = self.done / max(self.total, 1)
        if self.stage == "render":
            return part * _RENDER_SHARE
        return _RENDER_SHARE + part * (1 - _RENDER_SHARE)


class FilmMaker(QObject):
    """Makes films.

    Signals:
        progress_changed: `FilmProgress`, None when nothing is made any more.
        made: `Path` of a film that is done.
        failed: `StudioError`; pictures that were rendered are there for the next try.
    """

    progress_changed = Signal(object)
    made = Signal(object)
    failed = Signal(object)

    def __init__(
        self, home: Path, *, command: tuple[str, ...] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._home, self._command = home, command
        self._child: WalkChild | None = None
        self._path = Path()

    @property
    def is_running(self) -> bool:
        """Whether a film is being made."""
        return self._child is not None

    def make(
        self,
        saved: SavedWalk,
        path: Path,
        *,
        settings: FilmSettings,
        model: Path,
        provider: str = "auto",
    ) -> None:
        """Make a film; while one is being made, nothing.

        Args:
            saved: The walk and its sound.
            path: The file, or a new folder for PNG pictures.
            settings: How.
            model: Folder of the model.
            provider: Where to compute.
        """
        if self._child is not None:
            return
        source = self._home / FILM_FILE
        try:
            write_bytes_atomic(source, walk_to_json(saved.walk).encode(), name="the walk")
        except StudioError as error:
            self.failed.emit(error)
            return
        self._path = path
        words = ["--walk", str(source), "--model", str(model), "--out", str(path), "--report"]
        words += ["--json", "--fps", f"{settings.fps:g}", "--quality", str(settings.quality)]
        words += ["--provider", provider]
        words += ["--size", str(settings.size)] if settings.size is not None else []
        words += [] if settings.with_recipe else ["--no-recipe"]
        if saved.sound and saved.walk.sound is not None:
            words += ["--sound", saved.sound]
        self._child = WalkChild(words, is_lines=True, command=self._command, parent=self)
        self._child.told.connect(self._on_told)
        self._child.ended.connect(self._on_ended)
        self._child.start()
        self.progress_changed.emit(FilmProgress("render", 0, 1))

    @Slot()
    def cancel(self) -> None:
        """End it; nothing has the film's name, and what was rendered stays for the next try."""
        child, self._child = self._child, None
        if child is not None:
            child.cancel()
            self.progress_changed.emit(None)

    def finish(self) -> None:
        """End it and wait; before the window closes."""
        if self._child is not None:
            self._child.finish()

    @Slot(object)
    def _on_told(self, fields: dict[str, Any]) -> None:
        stage = fields.get("stage")
        if stage in ("render", "write"):
            self.progress_changed.emit(FilmProgress(stage, fields["done"], fields["total"]))

    @Slot(object)
    def _on_ended(self, error: StudioError | None) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.deleteLater()
        self.progress_changed.emit(None)
        if error is None:
            self.made.emit(self._path)
        else:
            self.failed.emit(error)
