"""The sliders and the rest of the window: what is brought back, what lies on the piles, what is said."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Slot

from studio.app.arrivals import read_recipe
from studio.app.picture_opening import OpenedFile, PictureOpening
from studio.app.pile_store import Pile
from studio.app.style_shelf import StyleShelf
from studio.core.direction_book import TaughtDirection
from studio.core.errors import PictureError, StudioError
from studio.core.recipe import Recipe
from studio.library.kept import Kept
from studio.ui.canvas_drop import Dropped, read_drop
from studio.ui.drag_types import MIME_RECIPE
from studio.ui.kept_actions import KeptActions
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_sentence


class DirectionFlow(QObject):
    """Connects the sliders of the Latents panel, and the page where one is taught."""

    def __init__(
        self, parts: Parts, styles: StyleShelf, *, kept_actions: Sequence[KeptActions]
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._styles = parts, styles
        panel = parts.latent_panel
        self._desk, self._teaching, self._place = panel.desk, panel.teaching, panel.sliders
        self._opening = PictureOpening(parts.engine, parent=self)
        self._pile_by_path: dict[Path, list[Pile]] = {}
        self._desk.take_over(parts.preferences.values.directions)
        parts.keeping.follow_sliders(self._desk)
        panel.directions.hidden.connect(self._on_hidden)
        panel.directions.removed.connect(self._on_removed)
        self._place.teach_page.dropped.connect(self._on_dropped)
        self._place.teach_page.kept.connect(self._on_kept)
        self._opening.opened.connect(self._on_opened)
        for actions in kept_actions:
            actions.teach_requested.connect(self._on_kept_pictures)
        connect = parts.window.actions_table.connect_command
        connect("teach", self.open)
        connect("teach_more", partial(self._add_present, "more"))
        connect("teach_less", partial(self._add_present, "less"))

    @Slot()
    def open(self) -> None:
        """Show the page where a slider is taught."""
        self._parts.window.show_place("explore")
        self._parts.window.docks.open("latents")
        self._place.open_teaching()

    def finish(self) -> None:
        """Wait until everything is read and written, before the window closes."""
        self._teaching.finish()
        self._opening.finish()
        self._desk.finish()

    # ---------------------------------------------------------------- the piles

    def _add_present(self, which: Pile) -> None:
        """Put the canvas's picture, or the one at hand on the wall, on a pile; the focus stays."""
        window, wall = self._parts.window, self._parts.wall_page.wall
        window.show_place("explore")
        window.docks.open("latents")
        self._place.show_teaching()
        if not window.is_wall_shown:
            self._teaching.add_present(which)
        elif wall.at_hand is not None:
            self._teaching.add([wall.at_hand], which)

    @Slot(object)
    def _on_kept_pictures(self, wish: tuple[tuple[Kept, ...], Pile]) -> None:
        items, which = wish
        self.open()
        self._teaching.add([kept.recipe for kept in items], which)

    @Slot(object)
    def _on_dropped(self, dropped: tuple[QMimeData, Pile]) -> None:
        mime, which = dropped
        try:
            recipe = self._recipe_in(mime)
        except StudioError as error:
            self._teaching.refuse(error)
            return
        if recipe is not None:
            self._teaching.add([recipe], which)
            return
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if not paths:
            self._teaching.refuse(
                PictureError(
                    "A copied picture carries no recipe.",
                    "Drop or open the picture’s file instead.",
                )
            )
            return
        for path in paths:
            self._pile_by_path.setdefault(path, []).append(which)
            self._opening.open(path)

    def _recipe_in(self, mime: QMimeData) -> Recipe | None:
        """Give the recipe of our own drags of one picture; None for files and several pictures."""
        if len(mime.urls()) > 1:
            return None
        if mime.hasFormat(MIME_RECIPE):
            return read_recipe(bytes(mime.data(MIME_RECIPE).data()))
        found = read_drop(mime) or Dropped()
        style = self._styles.find(found.style) if found.style else None
        return style.recipe if style else None

    @Slot(object)
    def _on_opened(self, file: OpenedFile) -> None:
        piles = self._pile_by_path.get(file.path, [])
        if not piles:
            return
        which = piles.pop(0)
        if file.opened.recipe is not None:
            self._teaching.add([file.opened.recipe.recipe], which)
        else:
            self._teaching.refuse(
                file.opened.refused
                or PictureError(
                    f"“{file.path.name}” carries no recipe.",
                    "Drop a picture that was kept or exported with its recipe.",
                )
            )

    # ---------------------------------------------------------------- what is said

    @Slot(object)
    def _on_hidden(self, direction: str) -> None:
        def undo() -> None:
            self._desk.hide(direction, False)

        name = tr_sentence(self._desk.names.get(direction, ""))
        self._say(tr("“{name}” is hidden.", name=name), undo)

    @Slot(object)
    def _on_removed(self, taught: TaughtDirection) -> None:
        def undo() -> None:
            self._desk.add(taught)

        self._say(tr("“{name}” was removed.", name=taught.name), undo)

    @Slot(object)
    def _on_kept(self, taught: TaughtDirection) -> None:
        def undo() -> None:
            self._teaching.take_back(taught.id)

        self._say(tr("“{name}” is a slider now.", name=taught.name), undo)

    def _say(self, text: str, undo: Callable[[], None]) -> None:
        self._parts.window.toast.say(text, button=tr("Undo"), do=undo)
