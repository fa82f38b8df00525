"""The artist's own styles: saving a part of the picture, taking it over, renaming, removing."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from studio.app.style_shelf import Style, StyleShelf
from studio.core.named_style import SavedStyle
from studio.ui.parts import Parts
from studio.ui.styles_row import StylesRow
from studio.ui.texts import tr


class StyleFlow(QObject):
    """Connects the command, the rows of styles and what is on the disk."""

    def __init__(self, parts: Parts, shelf: StyleShelf, *, rows: Sequence[StylesRow]) -> None:
        super().__init__(parts.window)
        assert shelf.saved is not None, "without a home nothing can be saved"
        self._parts, self._saved, self._rows = parts, shelf.saved, rows
        parts.window.actions_table.connect_command("save_style", self.save)
        self._saved.saved.connect(self._on_saved)
        self._saved.removed.connect(self._on_removed)
        self._saved.failed.connect(parts.keeping.refused)
        for row in rows:
            row.remove_requested.connect(self._remove)

    @Slot()
    def save(self) -> None:
        """Save the chosen zones of the present picture as a style."""
        parts = self._parts
        recipe, opened, latest = parts.document.recipe, parts.engine.opened, parts.pictures.latest
        if recipe is None or opened is None or recipe.model != opened.card.model:
            return
        has_picture = latest is not None and latest.recipe == recipe and not latest.is_preview
        self._saved.save(
            recipe,
            parts.latent_panel.editor.zones,
            name=tr("Style {n}", n=len(self._saved.styles) + 1),
            card=opened.card,
            picture=latest.picture if latest is not None and has_picture else None,
        )

    @Slot(object)
    def _on_saved(self, style: SavedStyle) -> None:
        window = self._parts.window
        if window.place == "explore":
            window.docks.open("styles")
        window.toast.say(tr("Saved as a style. Write its name, or leave it."))
        for row in self._rows:
            row.edit_name(f"saved/{style.id}")

    @Slot(object)
    def _remove(self, style: Style) -> None:
        if style.saved is not None:
            self._saved.remove(style.saved)

    @Slot(object)
    def _on_removed(self, style: SavedStyle) -> None:
        def undo() -> None:
            self._saved.put_back(style)

        said = tr("The style “{name}” was removed.", name=style.name)
        self._parts.window.toast.say(said, button=tr("Undo"), do=undo)
