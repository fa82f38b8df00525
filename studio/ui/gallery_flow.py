"""The two views of the gallery and the rest of the window: what is opened, shown, exported from them."""

from PySide6.QtCore import QObject, Slot

from studio.app.gallery_desk import GalleryDesk
from studio.ui.export_flow import ExportFlow
from studio.ui.gallery_page import GalleryPage
from studio.ui.gallery_panel import GalleryPanel
from studio.ui.parts import Parts
from studio.ui.provenance_flow import ProvenanceFlow


class GalleryFlow(QObject):
    """Connects the Styles panel and the Gallery page."""

    def __init__(
        self,
        parts: Parts,
        desk: GalleryDesk,
        *,
        panel: GalleryPanel,
        page: GalleryPage,
        exporting: ExportFlow,
    ) -> None:
        super().__init__(parts.window)
        self._window = parts.window
        for view in (panel, page):
            view.open_requested.connect(parts.restoring.open_kept)
            view.open_style_requested.connect(parts.restoring.open_style)
            view.open_model_requested.connect(parts.models.open)
        panel.details_requested.connect(page.show_model)
        panel.details_requested.connect(self._go_to_gallery)
        panel.export_requested.connect(exporting.show_kept)
        page.open_recipe_requested.connect(parts.restoring.open_recipe)
        page.selection_edited.connect(exporting.on_page_selection)
        views = [view.actions_on_kept for view in (panel, page)]
        self.sheets = ProvenanceFlow(parts, desk, on_kept=views)
        page.new_requested.connect(parts.window.actions_table.action("dice").trigger)

    @Slot(object)
    def _go_to_gallery(self, _cause: object) -> None:
        self._window.show_place("gallery")
