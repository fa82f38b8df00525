"""What the gallery's Export panel would export: what is chosen, else the open board."""

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.exporting import ExportItem
from studio.app.gallery_desk import GalleryDesk
from studio.library.kept import Kept
from studio.ui.export_panel import ExportPanel
from studio.ui.export_sources import ExportSources, SourceKey


class PageSubject(QObject):
    """Keeps the panel's head right.

    Signals:
        changed: None; other pictures would be exported.
    """

    changed = Signal()

    def __init__(self, panel: ExportPanel, desk: GalleryDesk, *, sources: ExportSources) -> None:
        super().__init__(sources)
        self._panel, self._sources = panel, sources
        self._kept: tuple[Kept, ...] = ()
        self._source: SourceKey = "kept"
        panel.source_chosen.connect(self._choose)
        desk.boards.chosen.connect(self._show)
        desk.changed.connect(self._show)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The chosen pictures."""
        return self._kept

    def given(self) -> tuple[list[ExportItem], str]:
        """Give the pictures, and what they are called together."""
        source, kept = self._source, self._kept
        return self._sources.items(source, kept), self._sources.name(source, kept)

    def select(self, items: tuple[Kept, ...]) -> None:
        """Remember what is chosen in the gallery; choosing pictures means these."""
        self._kept = items
        if items:
            self._source = "kept"
        self._show(None)

    @Slot(object)
    def _choose(self, key: SourceKey) -> None:
        self._source = key
        self._show(None)

    @Slot(object)
    def _show(self, _cause: object) -> None:
        found = self._sources.in_gallery(self._kept)
        if len(found) == 1:
            self._source = "kept"
        elif not self._kept:
            self._source = "board"
        self._panel.show_sources(found, self._source)
        items, name = self.given()
        kept = tuple(one.kept for one in items if one.kept is not None)
        self._panel.show_subject(name if items else "", items=kept)
        self.changed.emit()
