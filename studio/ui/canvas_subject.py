"""What the Export panel beside the canvas would export: its picture, kept ones, the wall, the way."""

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_client import RenderedPicture
from studio.app.exporting import ExportItem
from studio.app.gallery_desk import GalleryDesk
from studio.core.recipe import Recipe
from studio.library.kept import Kept
from studio.ui.export_panel import ExportPanel
from studio.ui.export_sources import ExportSources, SourceKey
from studio.ui.near_note import near_copies
from studio.ui.parts import Parts
from studio.ui.pictures import to_image


class CanvasSubject(QObject):
    """Keeps the panel's head right.

    Signals:
        changed: None; other pictures would be exported.
    """

    changed = Signal()

    def __init__(
        self, parts: Parts, panel: ExportPanel, *, desk: GalleryDesk, sources: ExportSources
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._panel, self._desk, self._sources = parts, panel, desk, sources
        self._near_by_recipe: dict[Recipe, Kept] = {}
        self._kept: tuple[Kept, ...] = ()
        self._source: SourceKey = "canvas"
        panel.source_chosen.connect(self.choose)
        parts.pictures.shown.connect(self._on_shown)
        parts.wall_page.wall.desk.sheet_changed.connect(self._show_sources)
        parts.document.history_changed.connect(self._show_sources)
        desk.changed.connect(self._on_gallery)
        desk.thumbnails.ready.connect(self._on_thumbnails)
        self._on_gallery(None)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The kept pictures that would be exported, none for other sources."""
        return self._kept if self._source == "kept" else ()

    def given(self) -> tuple[list[ExportItem], str]:
        """Give the pictures, and what they are called together."""
        source, kept = self._source, self._kept
        return self._sources.items(source, kept), self._sources.name(source, kept)

    def show_kept(self, items: tuple[Kept, ...]) -> None:
        """Make kept pictures the subject, until the picture on the canvas changes."""
        self._kept = items
        self.choose("kept")

    def forget_kept(self) -> None:
        """Let the picture of the canvas be the subject again where kept ones were."""
        self._kept = ()
        self.choose("canvas" if self._source == "kept" else self._source)

    @Slot(object)
    def choose(self, key: SourceKey) -> None:
        """Take the pictures of another source."""
        self._source = key
        self._show()
        self._warn()

    @Slot(object)
    def _on_thumbnails(self, keys: frozenset[str]) -> None:
        if len(self.kept) == 1 and self.kept[0].id in keys:
            self._panel.subject.show_image(self._desk.thumbnail(self.kept[0]))

    @Slot(object)
    def _on_shown(self, rendered: RenderedPicture) -> None:
        if not rendered.is_preview:
            self.forget_kept()

    def _show(self) -> None:
        items, name = self.given()
        latest = self._parts.pictures.latest
        if self._source == "kept":
            image = self._desk.thumbnail(self._kept[0]) if len(self._kept) == 1 else None
            self._panel.show_subject(name, image=image, items=self._kept)
        elif self._source == "canvas" and latest is not None:
            self._panel.show_subject(name, image=to_image(latest.picture).copy())
        else:
            self._panel.show_subject(name, count=len(items))
        self._show_sources(None)
        self.changed.emit()

    @Slot(object)
    def _show_sources(self, _cause: object) -> None:
        self._panel.show_sources(self._sources.beside_canvas(self._kept), self._source)

    @Slot(object)
    def _on_gallery(self, _cause: object) -> None:
        self._near_by_recipe = {kept.recipe: kept for kept in near_copies(self._desk.items())}
        self._warn()

    def _warn(self) -> None:
        """Warn of pictures that are not from the gallery where they were kept, and so measured."""
        if self._source != "kept":
            near = (self._near_by_recipe.get(item.recipe) for item in self.given()[0])
            self._panel.warn_of(tuple(kept for kept in near if kept is not None))
