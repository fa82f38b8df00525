"""What can be done with kept pictures, the same in the dock and on the gallery page."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QDrag, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from studio.app.gallery_desk import GalleryDesk
from studio.core.recipe_json import recipe_to_json
from studio.library.kept import Kept
from studio.ui.board_menu import fill_board_menu
from studio.ui.drag_types import MIME_ALL_KEPT, MIME_KEPT, MIME_RECIPE
from studio.ui.texts import tr, tr_plural
from studio.ui.tile_view import TileView


class KeptActions(QObject):
    """Answers the wishes of a `TileView`: some itself through the desk, some by asking on.

    Signals:
        open_requested: `Kept` whose recipe is to come back.
        export_requested: Tuple of `Kept`.
        send_requested: (tuple of `Kept`, key of a program) to send there.
        sheet_requested: `Kept` whose provenance sheet is wished.
        teach_requested: (tuple of `Kept`, "more" or "less") to teach a slider from.
    """

    open_requested = Signal(object)
    export_requested = Signal(object)
    send_requested = Signal(object)
    teach_requested = Signal(object)
    sheet_requested = Signal(object)

    def __init__(self, desk: GalleryDesk, view: TileView, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._view = view
        self._window = parent
        self._programs: tuple[tuple[str, str], ...] = ()
        view.open_requested.connect(self._on_open)
        view.star_requested.connect(self._on_star)
        view.trash_requested.connect(self._on_trash)
        view.menu_requested.connect(self._on_menu)
        view.drag_requested.connect(self._on_drag)

    def offer_programs(self, programs: Sequence[tuple[str, str]]) -> None:
        """Offer to send pictures to programs: key and name of each."""
        self._programs = tuple(programs)

    def make_menu(self, items: Sequence[Kept], *, in_trash: bool) -> QMenu:
        """Give the menu for some pictures; the caller deletes it."""
        menu = QMenu(self._window)
        if in_trash:
            menu.addAction(tr("Restore"), lambda: self._desk.restore(items))
            return menu
        first, is_one = items[0], len(items) == 1
        menu.addAction(tr("Open"), lambda: self.open_requested.emit(first)).setEnabled(is_one)
        star = tr("Remove star") if first.starred else tr("Star")
        menu.addAction(star, lambda: self._desk.star(items, not first.starred))
        menu.addAction(tr("Rename…"), lambda: self._ask_name(first)).setEnabled(is_one)
        menu.addAction(tr("Tags…"), lambda: self._ask_tags(items))
        fill_board_menu(menu.addMenu(tr("Boards")), self._desk.boards, items=items)
        teach = menu.addMenu(tr("Teach a slider"))
        for which, text in (("more", tr("More like this")), ("less", tr("Less like this"))):
            teach.addAction(text, partial(self.teach_requested.emit, (tuple(items), which)))
        menu.addSeparator()
        menu.addAction(tr("Export…"), lambda: self.export_requested.emit(tuple(items)))
        send = menu.addMenu(tr("Send to"))
        for key, name in self._programs:
            send.addAction(name, partial(self.send_requested.emit, (tuple(items), key)))
        sheet = menu.addAction(tr("Provenance sheet…"), lambda: self.sheet_requested.emit(first))
        sheet.setEnabled(is_one and not first.is_damaged)
        menu.addAction(tr("Copy"), lambda: self.copy(items))
        show = menu.addAction(tr("Show file"), lambda: self._show_file(first))
        show.setEnabled(is_one and not first.is_damaged)
        menu.addSeparator()
        trash = menu.addAction(tr("Move to bin"), lambda: self._desk.trash(items))
        trash.setShortcut(QKeySequence.StandardKey.Delete)
        return menu

    def copy(self, items: Sequence[Kept]) -> None:
        """Put pictures on the clipboard, as files and the first as image."""
        mime = self._desk.mime_of(items, extra=_payload(items))
        if mime is not None:
            QGuiApplication.clipboard().setMimeData(mime)

    @Slot(object)
    def _on_open(self, kept: Kept) -> None:
        if self._is_in_trash(kept):
            self._desk.restore([kept])
        else:
            self.open_requested.emit(kept)

    @Slot(object)
    def _on_star(self, wish: tuple[tuple[Kept, ...], bool]) -> None:
        self._desk.star(*wish)

    @Slot(object)
    def _on_trash(self, items: tuple[Kept, ...]) -> None:
        if not self._is_in_trash(items[0]):
            self._desk.trash(items)

    @Slot(object)
    def _on_menu(self, wish: tuple[tuple[Kept, ...], QPoint]) -> None:
        items, place = wish
        menu = self.make_menu(items, in_trash=self._is_in_trash(items[0]))
        menu.exec(place)
        menu.deleteLater()

    @Slot(object)
    def _on_drag(self, items: tuple[Kept, ...]) -> None:
        mime = self._desk.mime_of(items, extra=_payload(items))
        if mime is not None:
            drag = QDrag(self._view)
            drag.setMimeData(mime)
            self._view.start_drag(drag, items[0])

    def _is_in_trash(self, kept: Kept) -> bool:
        return any(one.id == kept.id for one in self._desk.items(in_trash=True))

    def _ask_name(self, kept: Kept) -> None:
        name, is_given = QInputDialog.getText(
            self._window, tr("Rename picture"), tr("Name"), text=kept.name
        )
        if is_given:
            self._desk.rename(kept, name)

    def _ask_tags(self, items: Sequence[Kept]) -> None:
        text, is_given = QInputDialog.getText(
            self._window,
            tr_plural("Tags of {n} picture", "Tags of {n} pictures", n=len(items)),
            tr("Words, parted by commas"),
            text=", ".join(items[0].tags),
        )
        if is_given:
            self._desk.set_tags(items, read_tags(text))

    def _show_file(self, kept: Kept) -> None:
        folder = self._desk.picture_path(kept).parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def read_tags(text: str) -> tuple[str, ...]:
    """Give the tags that a line of text holds, each once, in their order."""
    words = [" ".join(word.split()) for word in text.replace("，", ",").split(",")]
    return tuple(dict.fromkeys(word for word in words if word))


def _payload(items: Sequence[Kept]) -> dict[str, bytes]:
    first = items[0]
    return {
        MIME_KEPT: first.id.encode("ascii"),
        MIME_ALL_KEPT: "\n".join(kept.id for kept in items).encode("ascii"),
        MIME_RECIPE: recipe_to_json(first.recipe).encode(),
    }
