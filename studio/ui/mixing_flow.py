"""The mixing sheet in the window: opening it, dropping on its heads, going to a mix, exporting."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from studio.app.arrivals import read_recipe
from studio.app.gallery_desk import GalleryDesk
from studio.app.mixing_desk import MixingDesk
from studio.app.small_pictures import SmallPictures
from studio.app.style_shelf import StyleShelf
from studio.core.blending import main_source
from studio.core.errors import RecipeError, StudioError
from studio.core.recipe import Recipe
from studio.ui.canvas_drop import Dropped
from studio.ui.export_panel import default_folder, say_folder
from studio.ui.main_window import PageActs
from studio.ui.mixing_page import MixingPage
from studio.ui.mixing_view import HeadDrop, MixingView
from studio.ui.parts import Parts
from studio.ui.texts import tr
from studio.ui.wall import WallPick

PAGE = "mixing"
_PICTURE_PX = 128


class MixingFlow(QObject):
    """Builds the page and connects it; `follow` after the window was built."""

    def __init__(self, parts: Parts, *, desk: GalleryDesk, styles: StyleShelf) -> None:
        super().__init__(parts.window)
        self._parts, self._gallery, self._styles = parts, desk, styles
        self.desk = MixingDesk(parts.document, parts.engine, parent=self)
        pictures = SmallPictures(parts.engine, PAGE, size=_PICTURE_PX, parent=self)
        self.view = MixingView(self.desk, pictures)
        self.page = MixingPage(self.desk, self.view)
        parts.window.actions_table.connect_command("mixing_sheet", self._toggle)

    def follow(self) -> None:
        """Take the page into the window and connect it."""
        window, view = self._parts.window, self.view
        acts = PageActs(keep=view.keep_current, dice=view.roll_current)
        window.add_page(PAGE, self.page, acts=acts)
        view.recipe_chosen.connect(self._on_chosen)
        view.keep_requested.connect(self._on_keep)
        view.head_dropped.connect(self._on_dropped)
        view.close_requested.connect(self._close)
        self.page.export_requested.connect(self._export)
        self.desk.exported.connect(self._on_exported)
        self.desk.failed.connect(self._parts.keeping.refused)
        self.desk.changed.connect(self._on_changed)
        self._gallery.changed.connect(self._on_gallery)
        self._parts.latent_panel.source_dropped.connect(self._on_source)
        self._on_gallery(None)

    @Slot()
    def _toggle(self) -> None:
        window = self._parts.window
        window.show_place("explore")
        if window.page == PAGE:
            window.show_page("")
        else:
            self.desk.fill()
            window.show_page(PAGE)

    @Slot()
    def _close(self) -> None:
        self._parts.window.show_page("")

    @Slot(object)
    def _on_changed(self, _cause: object) -> None:
        if not self.desk.rows and self._parts.window.page == PAGE:
            self.desk.fill()  # another model was opened

    @Slot(object)
    def _on_chosen(self, pick: WallPick) -> None:
        self._close()
        self._parts.document.edit(pick.recipe, made_from=pick.made_from)

    @Slot(object)
    def _on_keep(self, pick: WallPick) -> None:
        self._parts.keeping.keep_recipe(pick.recipe, made_from=pick.made_from)

    @Slot(object)
    def _on_gallery(self, _cause: object) -> None:
        made = (kept for kept in self._gallery.items() if not kept.painted_in)
        self.view.set_kept(frozenset(kept.recipe for kept in made))

    @Slot(object)
    def _on_dropped(self, drop: HeadDrop) -> None:
        try:
            recipe = self._recipe_of(drop.dropped)
        except StudioError as error:
            self._parts.keeping.refused.emit(error)
            return
        try:
            self.desk.put(drop.head, drop.place, recipe=recipe)
        except ValueError:
            self._parts.keeping.refused.emit(_other_model())

    @Slot(object)
    def _on_source(self, dropped: Dropped) -> None:
        """Take a dropped picture as one source more of the present one."""
        present = self._parts.document.recipe
        try:
            recipe = self._recipe_of(dropped)
        except StudioError as error:
            self._parts.keeping.refused.emit(error)
            return
        if present is None or recipe.model != present.model:
            self._parts.keeping.refused.emit(_other_model())
            return
        self._parts.latent_panel.editor.add_source(main_source(recipe))
        if len(recipe.sources) > 1:
            self._parts.window.toast.say(
                tr("That picture is made of several sources; its main one was added.")
            )

    def _recipe_of(self, dropped: Dropped) -> Recipe:
        """Give the recipe of what was dropped; raises `StudioError`."""
        kept = self._gallery.find(dropped.kept) if dropped.kept else None
        if kept is not None:
            return kept.recipe
        style = self._styles.find(dropped.style) if dropped.style else None
        if style is not None:
            return style.recipe
        if dropped.recipe is not None:
            return read_recipe(dropped.recipe)
        raise RecipeError("This picture is not there any more.", "Drop another one.")

    @Slot()
    def _export(self) -> None:
        opened = self._parts.engine.opened
        if opened is not None:
            folder = self._parts.preferences.values.export.folder or default_folder()
            self.desk.export(Path(folder), opened.card)

    @Slot(object)
    def _on_exported(self, path: Path) -> None:
        said = tr(
            "The sheet was exported as “{name}” to {folder}.",
            name=path.name,
            folder=say_folder(path.parent),
        )
        self._parts.window.toast.say(said)


def _other_model() -> RecipeError:
    return RecipeError(
        "Only pictures of the same model can be mixed.",
        "Open that picture’s model first, or drop another picture.",
    )
