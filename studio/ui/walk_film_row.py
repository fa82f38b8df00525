"""The line that makes a film: what kind, how fast, how large; and how far it is."""

from typing import Final, get_args

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from studio.export.film import MAX_GIF_FPS, FilmKind, FilmSettings
from studio.ui.elided_label import ElidedLabel
from studio.ui.number_box import NumberBox
from studio.ui.texts import N_, tr
from studio.ui.theme import mark

_KIND_TEXTS: Final[dict[FilmKind, str]] = {
    "mp4": "MP4",
    "webm": "WebM",
    "gif": "GIF",
    "webp": "WebP",
    "png": N_("PNG pictures"),
}
_SIZES: Final = (None, 256, 512, 1024)


class WalkFilmRow(QWidget):
    """Shows and asks.

    Signals:
        make_requested: `FilmSettings`.
        cancel_requested: The film is not wanted any more.
    """

    make_requested = Signal(object)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        for key in get_args(FilmKind):
            self.kind.addItem(tr(_KIND_TEXTS[key]), key)
        self.kind.setAccessibleName(tr("Kind of film"))
        self.kind.setToolTip(tr("Kind of film"))
        self.fps = NumberBox(1, 120, name=tr("Pictures a second"), decimals=0)
        self.fps.setToolTip(tr("Pictures a second"))
        self.fps.show_number(30)
        self.side = QComboBox()
        for size in _SIZES:
            self.side.addItem(
                tr("Its own size") if size is None else tr("{size} px", size=size), size
            )
        self.side.setAccessibleName(tr("Size of the film"))
        self.side.setToolTip(tr("Size of the film"))
        self.make = mark(QPushButton(tr("Make film…")), "main")
        self.make.setAccessibleName(tr("Make film…"))
        self.said = mark(ElidedLabel(), "second")
        self._is_possible = True
        self._is_running = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        fps = mark(QLabel(tr("fps")), "second")
        for widget in (self.kind, self.fps, fps, self.side, self.make):
            row.addWidget(widget)
        row.addWidget(self.said, 1)
        self.make.clicked.connect(self._on_pressed)
        self.kind.currentIndexChanged.connect(self._on_kind)

    @property
    def settings(self) -> FilmSettings:
        """What is chosen."""
        kind: FilmKind = self.kind.currentData()
        return FilmSettings(kind=kind, fps=self.fps.value(), size=self.side.currentData())

    def set_possible(self, is_possible: bool) -> None:
        """Say whether there is anything to make a film of."""
        self._is_possible = is_possible
        self._show()

    def show_running(self, is_running: bool) -> None:
        """Show that a film is being made: the button ends it then."""
        self._is_running = is_running
        self._show()

    def say(self, sentence: str, *, is_error: bool = False) -> None:
        """Say how it went."""
        self.said.set_full_text(sentence)
        mark(self.said, "error" if is_error else "second")

    def _show(self) -> None:
        self.make.setText(tr("Cancel") if self._is_running else tr("Make film…"))
        self.make.setAccessibleName(self.make.text())
        self.make.setEnabled(self._is_possible or self._is_running)
        for widget in (self.kind, self.fps, self.side):
            widget.setEnabled(not self._is_running)

    @Slot()
    def _on_pressed(self) -> None:
        if self._is_running:
            self.cancel_requested.emit()
        else:
            self.make_requested.emit(self.settings)

    @Slot()
    def _on_kind(self) -> None:
        self.fps.set_reach(1, MAX_GIF_FPS if self.kind.currentData() == "gif" else 120)
