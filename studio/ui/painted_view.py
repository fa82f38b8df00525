"""A picture that came back painted over, on the canvas in place of the one its recipe gives."""

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.core.arrays import Picture
from studio.core.history import Painted
from studio.files.images import decode_picture
from studio.library.gallery import Gallery
from studio.library.kept import Kept
from studio.ui.export_flow import ExportFlow
from studio.ui.parts import Parts


class PaintedPicture(msgspec.Struct, frozen=True):
    """What is shown: the kept picture and its pixels."""

    kept: Kept
    picture: Picture


class PaintedView(QObject):
    """Follows the document: its painted state shows the artist's pixels, every other its recipe's.

    Signals:
        failed: `StudioError`; the painted picture cannot be read, and the recipe's is shown.
    """

    failed = Signal(object)

    def __init__(self, parts: Parts, gallery: Gallery, *, exporting: ExportFlow) -> None:
        super().__init__(parts.window)
        self._parts, self._gallery, self._exporting = parts, gallery, exporting
        self._worker = Background(self)
        self._wanted: Painted | None = None
        self._shown: PaintedPicture | None = None
        parts.document.history_changed.connect(self._follow)
        parts.document.recipe_changed.connect(self._follow)
        parts.pictures.shown.connect(self._on_shown)
        parts.canvas.scale_changed.connect(self._on_scale)

    @property
    def shown(self) -> PaintedPicture | None:
        """The painted picture on the canvas, None when the recipe's is there."""
        return self._shown

    def finish(self) -> None:
        """Wait for what is being read."""
        self._worker.finish()

    @Slot(object)
    def _follow(self, _cause: object) -> None:
        wanted = self._parts.document.painted
        if wanted == self._wanted:
            return
        had_one = self._shown is not None
        self._wanted, self._shown = wanted, None
        self._parts.window.actions_table.give("painted", False)
        if wanted is not None:
            self._worker.run(
                lambda: self._read(wanted),
                lambda painted: self._take(wanted, painted),
                failed=self.failed.emit,
            )
        elif had_one:
            self._exporting.forget_subject()
            self._parts.pictures.ask_again()

    def _read(self, wanted: Painted) -> PaintedPicture:
        kept = self._gallery.get(wanted.kept)
        return PaintedPicture(kept, decode_picture(self._gallery.read_picture_file(kept)))

    def _take(self, wanted: Painted, painted: PaintedPicture) -> None:
        if wanted == self._wanted:
            self._shown = painted
            self._parts.window.actions_table.give("painted", True)
            self._show(painted)

    @Slot(object)
    def _on_shown(self, _rendered: object) -> None:
        if self._shown is not None:  # the engine's picture came later; the paint lies over it
            self._show(self._shown)

    @Slot(object)
    def _on_scale(self, scale: float) -> None:
        if self._shown is not None:  # its own pixels, not those of the picture below
            self._parts.window.status.show_zoom(scale)

    def _show(self, painted: PaintedPicture) -> None:
        height, width = painted.picture.shape[:2]
        self._parts.canvas.set_picture(painted.picture)
        self._parts.window.status.show_size(width, height)
        self._exporting.set_subject((painted.kept,))
