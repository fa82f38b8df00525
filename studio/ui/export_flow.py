"""Exporting: what the panels show as their subject, and what their buttons do."""

import msgspec
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication, QImage

from studio.app.engine_client import RenderedPicture
from studio.app.exporting import Exported, Exporter, ExportFailure, ExportItem, ExportPlan
from studio.app.gallery_desk import GalleryDesk
from studio.app.training_pictures import TrainingPictures
from studio.core.recipe import Recipe
from studio.export.file_names import safe_name
from studio.library.kept import Kept
from studio.ui.enlarged_view import EnlargedView
from studio.ui.export_panel import ExportPanel
from studio.ui.near_note import near_copies, say_near
from studio.ui.parts import Parts
from studio.ui.pictures import to_image
from studio.ui.texts import tr, tr_plural, tr_sentence


class ExportFlow(QObject):
    """Connects the Export panel beside the canvas and the one in the gallery with the exporter."""

    def __init__(
        self,
        parts: Parts,
        *,
        exporter: Exporter,
        desk: GalleryDesk,
        panel: ExportPanel,
        page_panel: ExportPanel,
        training: TrainingPictures,
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._exporter, self._desk = parts, exporter, desk
        self._panel, self._page_panel, self._training = panel, page_panel, training
        self._near_by_recipe: dict[Recipe, Kept] = {}
        self._kept: tuple[Kept, ...] = ()
        self._page_kept: tuple[Kept, ...] = ()
        actions = parts.window.actions_table
        actions.connect_command("export", self._open)
        actions.connect_command("export_again", self._again)
        panel.export_requested.connect(self._export)
        panel.again_requested.connect(self._again)
        panel.copy_requested.connect(self._copy)
        page_panel.export_requested.connect(self._export_page)
        page_panel.again_requested.connect(self._again_page)
        page_panel.copy_requested.connect(self._copy_page)
        for one in (panel, page_panel):
            one.cancel_requested.connect(exporter.cancel)
            exporter.progress_changed.connect(one.show_progress)
        exporter.exported.connect(self._on_exported)
        exporter.failed.connect(self._on_failed)
        parts.pictures.shown.connect(self._on_shown)
        parts.keeping.near_kept.connect(self._on_near_kept)
        desk.changed.connect(self._on_gallery)
        desk.thumbnails.ready.connect(self._on_thumbnails)
        EnlargedView(parts)  # what would be exported, on the canvas
        self._on_gallery(None)

    @property
    def panels(self) -> tuple[ExportPanel, ExportPanel]:
        """The panel beside the canvas and the one in the gallery."""
        return self._panel, self._page_panel

    def at_hand(self) -> list[ExportItem]:
        """Give what a command would export now: what is chosen in the gallery, or the canvas's."""
        if self._parts.window.place == "gallery":
            return _as_items(self._page_kept)
        return self._items()

    @Slot(object)
    def show_kept(self, items: tuple[Kept, ...]) -> None:
        """Make kept pictures the subject, until the picture on the canvas changes."""
        self.set_subject(items)
        self._parts.window.docks.open("export")

    def set_subject(self, items: tuple[Kept, ...]) -> None:
        """Make kept pictures the subject, and leave the panel where it is."""
        self._kept = items
        image = self._desk.thumbnail(items[0]) if len(items) == 1 else None
        name = (
            items[0].name
            if len(items) == 1
            else tr_plural("{n} picture", "{n} pictures", n=len(items))
        )
        self._panel.show_subject(name, image=image, items=items)

    @Slot(object)
    def _on_thumbnails(self, keys: frozenset[str]) -> None:
        if len(self._kept) == 1 and self._kept[0].id in keys:
            self._panel.subject.show_image(self._desk.thumbnail(self._kept[0]))

    @Slot(object)
    def on_page_selection(self, items: tuple[Kept, ...]) -> None:
        """Remember what is chosen in the gallery."""
        self._page_kept = items

    # ---------------------------------------------------------------- beside the canvas

    @Slot(object)
    def _on_shown(self, rendered: RenderedPicture) -> None:
        if rendered.is_preview:
            return
        self._kept = ()
        image: QImage = to_image(rendered.picture).copy()
        self._panel.show_subject(self._parts.keeping.name_of(rendered.recipe), image=image)
        self._warn_of_shown()

    def _open(self) -> None:
        if self._parts.window.place == "explore":
            self._parts.window.docks.open("export")
            self._panel.export.setFocus()
        else:
            self._page_panel.export.setFocus()

    @Slot(object)
    def _export(self, plan: ExportPlan) -> None:
        self._start(self._items(), plan)

    @Slot()
    def _again(self) -> None:
        if self._parts.window.place == "gallery":
            self._again_page()
        elif not self._exporter.export_again(self._items()):
            self._start(self._items(), self._panel.plan)

    @Slot()
    def _copy(self) -> None:
        if self._kept:
            self._copy_items(self._kept)
        elif self._parts.pictures.latest is not None:
            self._parts.keeping.copy(self._parts.pictures.latest)

    def _items(self) -> list[ExportItem]:
        if self._kept:
            return _as_items(self._kept)
        recipe = self._parts.document.recipe
        if recipe is None:
            return []
        return [ExportItem(recipe, self._parts.keeping.name_of(recipe))]

    # ---------------------------------------------------------------- near copies

    @Slot(object)
    def _on_gallery(self, _cause: object) -> None:
        self._near_by_recipe = {kept.recipe: kept for kept in near_copies(self._desk.items())}
        if not self._kept:
            self._warn_of_shown()

    def _warn_of_shown(self) -> None:
        """Warn of the picture on the canvas where it was kept, and so measured, before."""
        recipe = self._parts.document.recipe
        near = self._near_by_recipe.get(recipe) if recipe is not None else None
        self._panel.warn_of((near,) if near is not None else ())

    @Slot(object)
    def _on_near_kept(self, kept: Kept) -> None:
        warning = say_near(is_shipped=self._training.is_shipped(kept.model))
        self._parts.window.toast.say(
            tr("Kept. {warning}", warning=warning),
            button=tr("Show"),
            do=lambda: self.show_kept((kept,)),
        )

    # ---------------------------------------------------------------- in the gallery

    @Slot(object)
    def _export_page(self, plan: ExportPlan) -> None:
        self._start(_as_items(self._page_kept), plan)

    @Slot()
    def _again_page(self) -> None:
        items = _as_items(self._page_kept)
        if items and not self._exporter.export_again(items):
            self._start(items, self._page_panel.plan)

    @Slot()
    def _copy_page(self) -> None:
        self._copy_items(self._page_kept)

    def export_set(self, items: tuple[Kept, ...], name: str) -> None:
        """Write pictures into a folder of this name, where the last export went."""
        plan = self._page_panel.plan
        folder = plan.folder / safe_name(name)
        self._start(_as_items(items), msgspec.structs.replace(plan, folder=folder))

    # ---------------------------------------------------------------- both

    def _start(self, items: list[ExportItem], plan: ExportPlan) -> None:
        if items and not self._exporter.is_running:
            self._exporter.export(items, plan)

    def _copy_items(self, items: tuple[Kept, ...]) -> None:
        mime = self._desk.mime_of(items) if items else None
        if mime is not None:
            QGuiApplication.clipboard().setMimeData(mime)
            self._parts.window.toast.say(tr("Copied."))

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        self._parts.window.actions_table.give("exported", True)
        count = len(exported.paths)
        folder = exported.plan.folder.name
        if exported.was_cancelled:
            said = tr_plural(
                "Stopped. {n} file is in “{folder}”.",
                "Stopped. {n} files are in “{folder}”.",
                n=count,
                folder=folder,
            )
        elif count == 1:
            said = tr(
                "Exported as “{name}” to “{folder}”.", name=exported.paths[0].name, folder=folder
            )
        else:
            said = tr("{n} files exported to “{folder}”.", n=count, folder=folder)
        if exported.num_near:
            warning = (
                tr("It is very close to a training picture.")
                if count == 1
                else tr_plural(
                    "{n} of them is very close to a training picture.",
                    "{n} of them are very close to training pictures.",
                    n=exported.num_near,
                )
            )
            said = f"{said} {warning}"
        self._end(said, is_error=False)
        self._parts.window.toast.say(said)

    @Slot(object)
    def _on_failed(self, failure: ExportFailure) -> None:
        error = failure.error
        self._end(f"{tr_sentence(error.what)} {tr_sentence(error.way_out)}", is_error=True)

    def _end(self, sentence: str, *, is_error: bool) -> None:
        for panel in (self._panel, self._page_panel):
            panel.show_progress(None)
            panel.show_result(sentence, is_error)


def _as_items(items: tuple[Kept, ...]) -> list[ExportItem]:
    return [ExportItem(kept.recipe, kept.name, kept) for kept in items]
