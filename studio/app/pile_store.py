"""Keeps the piles a slider is taught from on disk, so that they survive a restart."""

from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from studio.app.background import Background
from studio.core.recipe import Recipe
from studio.files.teaching_piles import read_piles, write_piles

Pile = Literal["more", "less"]
Piles = dict[Pile, tuple[Recipe, ...]]
NO_PILES: Final[Piles] = {"more": (), "less": ()}


class PileStore(QObject):
    """Reads the piles of a model, and writes them on a thread when they are others.

    Signals:
        failed: `StorageError`: they could not be written; the next change tries again.
    """

    failed = Signal(object)

    def __init__(self, home: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._stored: tuple[str, Piles] = ("", NO_PILES)
        self._worker = Background(self)

    def read(self, model: str) -> Piles:
        """Give the piles of a model as they were left."""
        self._worker.finish()
        more, less = read_piles(self._home, model)
        piles: Piles = {"more": more, "less": less}
        self._stored = (model, piles)
        return piles

    def keep(self, model: str, piles: Piles) -> None:
        """Write the piles of a model; nothing happens when they are stored already."""
        if not model or (model, piles) == self._stored:
            return
        self._stored = (model, piles)
        self._worker.run(
            lambda: write_piles(self._home, model, more=piles["more"], less=piles["less"]),
            _forget,
            failed=self._on_failed,
        )

    def finish(self) -> None:
        """Wait until everything is written, before the window closes."""
        self._worker.finish()

    def _on_failed(self, error: Exception) -> None:
        self._stored = ("", NO_PILES)
        self.failed.emit(error)


def _forget(_nothing: object) -> None:
    pass
