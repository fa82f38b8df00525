"""Bringing back what was kept or dropped: every control returns, and it is said how exactly."""

from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.arrivals import Arrivals, read_recipe
from studio.app.document import Document
from studio.app.engine_client import RenderedPicture
from studio.app.outbox import pasted_path
from studio.app.picture_opening import Comparison, OpenedFile, PictureOpening
from studio.app.style_shelf import Style, StyleShelf
from studio.core.arrays import pixel_hash
from studio.core.enlargement import with_enlargement
from studio.core.errors import ModelError, PictureError, RecipeError, StorageError
from studio.core.history import Painted
from studio.core.recipe import ZONES, Recipe, Zone
from studio.files.atomic import write_bytes_atomic
from studio.library.gallery import Gallery, Kept
from studio.ui.canvas_drop import Dropped
from studio.ui.model_flow import ModelFlow
from studio.ui.texts import tr, tr_sentence

# Two processors round differently by a few levels; a larger difference has another cause.
SLIGHT_LEVELS: Final = 8


class ZoneWish(msgspec.Struct, frozen=True):
    """Zones that are to be taken from another picture, and its name, "" for none."""

    other: Recipe
    zones: tuple[Zone, ...]
    name: str = ""


class RestoreFlow(QObject):
    """Takes drops and kept pictures to the document.

    Signals:
        said: A sentence for the toast.
        refused: `StudioError` for what cannot be used.
        restored: `Kept` whose recipe was put on the canvas.
        style_opened: `Style` that was put on the canvas.
        picture_brought: `OpenedFile` of a picture without a recipe, to be looked for.
        image_brought: `QImage` without a file, to be looked for.
        zones_wished: `ZoneWish`: zones of another picture were dropped on the present one.
        recipe_opened: `Recipe` that was put on the canvas because it was clicked.
    """

    said = Signal(object)
    refused = Signal(object)
    restored = Signal(object)
    style_opened = Signal(object)
    picture_brought = Signal(object)
    image_brought = Signal(object)
    recipe_opened = Signal(object)
    zones_wished = Signal(object)

    def __init__(
        self,
        document: Document,
        *,
        arrivals: Arrivals,
        opening: PictureOpening,
        models: ModelFlow,
        gallery: Gallery,
        styles: StyleShelf,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._models, self._gallery = document, models, gallery
        self._arrivals, self._opening, self._styles = arrivals, opening, styles
        self._waiting_kept: Kept | None = None
        self._waiting_painted: Kept | None = None
        self._waiting_file: OpenedFile | None = None
        self._kept_files: dict[str, Recipe] = {}
        arrivals.picture_arrived.connect(opening.open)
        arrivals.recipe_arrived.connect(self._on_recipe)
        arrivals.refused.connect(self.refused)
        opening.opened.connect(self._on_opened)
        opening.compared.connect(self._on_compared)

    @Slot(object)
    def take(self, dropped: Dropped) -> None:
        """Take what was dropped or pasted."""
        if dropped.kept is not None:
            self._take_kept(dropped.kept, dropped.zone)
        elif dropped.style is not None:
            self._take_style(dropped.style, dropped.zone)
        elif dropped.recipe is not None:
            self._take_recipe(dropped.recipe, dropped.zone)
        elif dropped.paths:
            self._arrivals.take(dropped.paths[0])
            if len(dropped.paths) > 1:
                self.said.emit(tr("Several files were dropped; the first was opened."))
        elif dropped.png is not None:
            path, content = pasted_path(self._gallery.home, dropped.png), dropped.png
            self._opening.open_made(path, lambda: write_bytes_atomic(path, content))
        elif dropped.image is not None:
            self.image_brought.emit(dropped.image)

    def recipe_of(self, dropped: Dropped) -> Recipe | None:
        """Give the recipe of a kept picture, style or recipe; None, and why, when it has none."""
        try:
            if dropped.kept is not None:
                return self._gallery.get(dropped.kept).recipe
            if dropped.recipe is not None:
                return read_recipe(dropped.recipe)
        except (StorageError, RecipeError) as error:
            self.refused.emit(error)
            return None
        style = self._styles.find(dropped.style) if dropped.style is not None else None
        return style.recipe if style is not None else None

    @Slot(object)
    def open_kept(self, kept: Kept) -> None:
        """Put a kept picture on the canvas and check its pixels; a painted one lies over its recipe."""
        if kept.painted_in or self._document.painted is not None:
            self._show_painted(kept)
            return
        self._waiting_kept = kept
        if not self._models.show_recipe(kept.recipe):
            self._waiting_kept = None
            return
        self.restored.emit(kept)

    def _show_painted(self, kept: Kept) -> None:
        """Show a painted picture, or one that was made in place of a painted one."""
        if self._models.is_open(kept.recipe):
            painted = Painted(kept.id, kept.painted_in) if kept.painted_in else None
            self._document.show_painted(kept.recipe, painted)
        elif self._models.show_recipe(kept.recipe):
            self._waiting_painted = kept  # once the picture below is there
        else:
            return
        self.restored.emit(kept)

    @Slot(object)
    def open_style(self, style: Style) -> None:
        """Put a named style on the canvas, opening its model when needed; of a part only that."""
        if style.zones != ZONES and self._document.recipe is not None:
            self.zones_wished.emit(ZoneWish(style.recipe, style.zones, style.name))
            self.style_opened.emit(style)
        elif self._models.show_recipe(style.recipe):
            self.style_opened.emit(style)

    @Slot(object)
    def open_recipe(self, recipe: Recipe) -> None:
        """Put a recipe on the canvas, opening its model when needed."""
        if self._models.show_recipe(recipe):
            self.recipe_opened.emit(recipe)

    @Slot(object)
    def check_shown(self, rendered: RenderedPicture) -> None:
        """Compare a picture that reached the canvas with what is being restored."""
        if rendered.is_preview:
            return
        kept, file, painted = self._waiting_kept, self._waiting_file, self._waiting_painted
        if painted is not None and rendered.recipe == painted.recipe:
            self._waiting_painted = None
            self._show_painted(painted)
        if kept is not None and rendered.recipe == kept.recipe:
            self._waiting_kept = None
            if pixel_hash(rendered.picture) == kept.pixel_hash:
                self.said.emit(tr("Restored. The pixels are identical."))
            elif not kept.is_damaged:
                # By how much they differ needs the pixels themselves.
                path = self._gallery.picture_path(kept)
                self._kept_files[str(path)] = kept.recipe
                self._opening.open(path)
        if file is not None and _recipe_of(file) == rendered.recipe:
            self._waiting_file = None
            if not self._opening.compare(file):
                self.said.emit(tr("Restored. The file’s pixels cannot be compared."))

    def _take_recipe(self, raw: bytes, zone: Zone | None) -> None:
        if zone is None:
            self._arrivals.take_recipe(raw)
            return
        try:
            self.zones_wished.emit(ZoneWish(read_recipe(raw), (zone,)))
        except RecipeError as error:
            self.refused.emit(error)

    def _take_kept(self, kept_id: str, zone: Zone | None) -> None:
        try:
            kept = self._gallery.get(kept_id)
        except StorageError as error:
            self.refused.emit(error)
            return
        if zone is None:
            self.open_kept(kept)
        else:
            self.zones_wished.emit(ZoneWish(kept.recipe, (zone,), kept.name))

    def _take_style(self, key: str, zone: Zone | None) -> None:
        style = self._styles.find(key)
        if style is None:
            self.refused.emit(
                ModelError("This style is not there any more.", "Install its model again.")
            )
        elif zone is None:
            self.open_style(style)
        else:
            self.zones_wished.emit(ZoneWish(style.recipe, (zone,), style.name))

    @Slot(object)
    def _on_recipe(self, recipe: Recipe) -> None:
        recipe = with_enlargement(recipe, 1)
        if self._models.show_recipe(recipe):
            self.said.emit(tr("Restored from a recipe."))

    @Slot(object)
    def _on_opened(self, file: OpenedFile) -> None:
        if str(file.path) in self._kept_files:
            if _recipe_of(file) == self._kept_files.pop(str(file.path)):
                self._opening.compare(file)
            return
        recipe = _recipe_of(file)
        if recipe is not None:
            self._restore(file, recipe)
            return
        if file.opened.refused is not None or file.opened.picture is None:
            self.refused.emit(file.opened.refused or _no_picture())
        if file.opened.picture is not None:  # also where its recipe was refused
            self.picture_brought.emit(file)

    def _restore(self, file: OpenedFile, recipe: Recipe) -> None:
        self._waiting_file = file
        was_here = self._document.recipe == recipe
        if not self._models.show_recipe(recipe):
            self._waiting_file = None
        elif was_here:  # nothing will be rendered: compare at once
            self._waiting_file = None
            self._opening.compare(file)
        if file.opened.recipe is not None and file.opened.recipe.unknown_fields:
            self.said.emit(tr("Made by a newer version: what is known here was restored."))

    @Slot(object)
    def _on_compared(self, comparison: Comparison) -> None:
        match = comparison.match
        if match.is_identical:
            self.said.emit(tr("Restored. The pixels are identical."))
        elif match.kind == "differs" and match.max_levels <= SLIGHT_LEVELS:
            self.said.emit(self._say_slight(match.max_levels))
        else:
            self.said.emit(tr("Restored. {how}", how=tr_sentence(comparison.sentence)))

    def _say_slight(self, most: int) -> str:
        """Two processors round differently: the other one than this made the picture."""
        if self._models.provider == "CPU":
            text = tr(
                "Restored. Differs by at most {most} of 255, because it was made on a GPU.",
                most=most,
            )
        else:
            text = tr(
                "Restored. Differs by at most {most} of 255, because it was made on a CPU.",
                most=most,
            )
        return text


def _recipe_of(file: OpenedFile) -> Recipe | None:
    """Give what goes onto the canvas: how it is enlarged is a matter of the export."""
    opened = file.opened.recipe
    return with_enlargement(opened.recipe, 1) if opened is not None else None


def _no_picture() -> PictureError:
    return PictureError("This is no picture.", "Choose another picture.")
