"""Keeping, starring, binning, copying and dragging pictures out, each with a word about it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.app.ancestry import find_kept_id, find_lineage
from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient, RenderedPicture
from studio.app.gallery_desk import GalleryDesk
from studio.app.keeping import Keeper, KeepFailure
from studio.app.outbox import Outbox, picture_mime
from studio.core.changes import describe_change
from studio.core.errors import StudioError
from studio.core.lineage import Lineage
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.library.gallery import Kept
from studio.ui.change_words import say_bred, say_change
from studio.ui.drag_types import MIME_RECIPE
from studio.ui.near_note import near_copies
from studio.ui.pictures import to_pixmap
from studio.ui.texts import tr, tr_plural

_DRAG_PX = 128


class Saying(Protocol):
    """How a flow says something: `Toast.say`."""

    def __call__(
        self, text: str, *, button: str = "", do: Callable[[], None] | None = None
    ) -> None:
        """Say it, with a button where something can be undone."""


class KeepFlow(QObject):
    """Keeps pictures and says so; hands them out.

    Signals:
        kept: `Kept`, a new picture is safe.
        near_kept: `Kept` that is a near copy of a training picture; nothing else is said of it.
        refused: `StudioError`.
    """

    kept = Signal(object)
    near_kept = Signal(object)
    refused = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        desk: GalleryDesk,
        keeper: Keeper,
        outbox: Outbox,
        say: Saying,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._engine = document, engine
        self._desk, self._keeper, self._outbox = desk, keeper, outbox
        self._say = say
        self._sliders: DirectionDesk | None = None
        self._star_next: set[Recipe] = set()
        keeper.kept.connect(self._on_kept)
        keeper.failed.connect(self._on_failed)
        desk.trashed.connect(self._on_trashed)
        desk.failed.connect(self.refused)

    def follow_sliders(self, sliders: DirectionDesk) -> None:
        """Name pictures by the artist's names and units of the sliders."""
        self._sliders = sliders

    # ---------------------------------------------------------------- keeping

    @Slot()
    def keep(self) -> None:
        """Keep the picture on the canvas; one that was painted over is kept already."""
        if self._document.painted is not None:
            self._say(tr("It is kept already, with its paint."))
        elif self._document.recipe is not None:
            self.keep_recipe(self._document.recipe)

    def keep_recipe(self, recipe: Recipe, *, made_from: tuple[Recipe, ...] = ()) -> None:
        """Keep the picture of a recipe.

        Args:
            recipe: What to keep.
            made_from: What it was bred from, when it does not stand on the canvas.
        """
        node = self._document.history.current
        if node is not None and node.recipe == recipe:
            lineage = find_lineage(self._document.history, self._desk.items())
            name = self.name_of(recipe)
        else:
            lineage = Lineage(find_kept_id(made_from[:1], self._desk.items()), made_from)
            name = say_bred(len(made_from)) if made_from else self.name_of(recipe)
        self._keeper.keep(recipe, name=name, lineage=lineage)

    @Slot()
    def star_present(self) -> None:
        """Give the picture on the canvas its star or take it; it is kept first when it is not yet."""
        recipe = self._document.recipe
        if recipe is None:
            return
        kept = self.find_painted() or self.find_kept(recipe)
        if kept is not None:
            self._star(kept, not kept.starred)
        else:
            self._star_next.add(recipe)
            self.keep_recipe(recipe)

    def find_kept(self, recipe: Recipe) -> Kept | None:
        """Give the newest kept picture of a recipe, none that was painted over."""
        made = (kept for kept in self._desk.items() if not kept.painted_in)
        return next((kept for kept in made if kept.recipe == recipe), None)

    def find_painted(self) -> Kept | None:
        """Give the kept picture that is shown in place of the recipe's, None for none."""
        painted = self._document.painted
        return self._desk.find(painted.kept) if painted is not None else None

    @Slot(object)
    def _on_kept(self, kept: Kept) -> None:
        self._desk.refresh()
        self.kept.emit(kept)
        is_starring = kept.recipe in self._star_next
        if is_starring:
            self._star_next.discard(kept.recipe)
            self._star(kept, True)
        if near_copies((kept,)):
            self.near_kept.emit(kept)
        elif not is_starring:
            self._say_kept(kept)

    def _say_kept(self, kept: Kept) -> None:
        def undo() -> None:
            self._desk.trash((kept,))

        count = len(self._desk.items())
        said = tr_plural(
            "Kept. {n} picture in the gallery.", "Kept. {n} pictures in the gallery.", n=count
        )
        self._say(said, button=tr("Undo"), do=undo)

    def _star(self, kept: Kept, is_starred: bool) -> None:
        self._desk.star((kept,), is_starred)
        self._say(tr("Starred.") if is_starred else tr("Star taken away."))

    @Slot(object)
    def _on_failed(self, failure: KeepFailure) -> None:
        self._star_next.discard(failure.recipe)
        self.refused.emit(failure.error)

    # ---------------------------------------------------------------- bin

    @Slot(object)
    def _on_trashed(self, items: tuple[Kept, ...]) -> None:
        def undo() -> None:
            self._desk.restore(items)

        said = tr_plural("In the bin.", "{n} pictures are in the bin.", n=len(items))
        self._say(said, button=tr("Undo"), do=undo)

    # ---------------------------------------------------------------- handing out

    def copy(self, rendered: RenderedPicture) -> None:
        """Put the picture on the clipboard, as an image and as a file."""
        mime = self._mime_of(rendered)
        if mime is None:
            return
        QGuiApplication.clipboard().setMimeData(mime)
        self._say(tr("Copied."))

    def copy_recipe(self) -> None:
        """Put the recipe on the clipboard as text."""
        if self._document.recipe is not None:
            QGuiApplication.clipboard().setText(recipe_to_json(self._document.recipe))
            self._say(tr("Recipe copied."))

    def drag_out(self, rendered: RenderedPicture, source: QWidget) -> None:
        """Drag the picture out of the window as a file; returns when it was dropped."""
        extra = {MIME_RECIPE: recipe_to_json(rendered.recipe).encode()}
        mime = self._mime_of(rendered, extra=extra)
        if mime is None:
            return
        drag = QDrag(source)
        drag.setMimeData(mime)
        pixmap = to_pixmap(rendered.picture)
        drag.setPixmap(
            pixmap.scaled(
                _DRAG_PX,
                _DRAG_PX,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        drag.exec(Qt.DropAction.CopyAction)

    def _mime_of(
        self, rendered: RenderedPicture, *, extra: Mapping[str, bytes] | None = None
    ) -> QMimeData | None:
        """Give what is handed out of the canvas: what came back painted over, or what was made."""
        kept = self.find_painted()
        if kept is not None:
            return self._desk.mime_of((kept,), extra=extra)
        path = self._file_of(rendered)
        return picture_mime(path, rendered.picture, extra=extra) if path is not None else None

    def _file_of(self, rendered: RenderedPicture) -> Path | None:
        """Give a real file of the picture; None when there is none, and then it was said why."""
        opened = self._engine.opened
        if opened is None:
            return None
        try:
            return self._outbox.file_of_picture(
                rendered.picture,
                rendered.recipe,
                card=opened.card,
                name=self._file_name(rendered.recipe),
            )
        except StudioError as error:
            self.refused.emit(error)
            return None

    def name_of(self, recipe: Recipe) -> str:
        """Give what changed last, as the history says it: the name of a picture to be kept."""
        names = self._sliders.names if self._sliders else {}
        units = {key: self._sliders.unit(key) for key in names} if self._sliders else {}
        node = self._document.history.current
        if node is not None and node.recipe == recipe and node.made_from:
            return say_bred(len(node.made_from))
        if node is None or node.recipe != recipe or node.parent is None:
            return say_change(describe_change(None, recipe), names, units=units)
        parent = self._document.history.node(node.parent)
        before = parent.recipe if parent else None
        return say_change(describe_change(before, recipe), names, units=units)

    def _file_name(self, recipe: Recipe) -> str:
        opened = self._engine.opened
        model = opened.card.id if opened else "picture"
        seed = recipe.sources[0].seed
        return f"{model}-{seed}" if seed is not None else model
