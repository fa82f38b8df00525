"""The menu that lays kept pictures on boards, and the question for a board's name."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from studio.app.board_desk import BoardDesk, lies_on
from studio.app.gallery_desk import GalleryDesk
from studio.library.kept import Kept
from studio.ui.texts import tr


def fill_board_menu(menu: QMenu, boards: BoardDesk, *, items: Sequence[Kept]) -> None:
    """Offer every board, ticked where all the pictures lie, and a new one."""
    for name in boards.counts:
        is_on = all(lies_on(kept, name) for kept in items)
        change = boards.take if is_on else boards.put
        action = menu.addAction(name.replace("&", "&&"), partial(change, tuple(items), name))
        action.setCheckable(True)
        action.setChecked(is_on)
    if boards.counts:
        menu.addSeparator()
    menu.addAction(tr("New board…"), partial(_put_on_new, menu, boards, items=tuple(items)))


def ask_board(parent: QWidget, title: str, *, text: str = "") -> str:
    """Ask for the name of a board; "" when there is none."""
    name, is_given = QInputDialog.getText(parent, title, tr("Name"), text=text)
    return name if is_given else ""


def _put_on_new(menu: QMenu, boards: BoardDesk, *, items: tuple[Kept, ...]) -> None:
    parent = menu.parentWidget()
    name = boards.make(ask_board(parent, tr("New board"))) if parent is not None else ""
    if name:
        boards.put(items, name)


def say_nothing(desk: GalleryDesk) -> str:
    """Give the sentence that stands where no picture is yet."""
    if desk.boards.present:
        return tr("Nothing is on this board yet. What you keep now goes here.")
    return tr("Nothing kept yet. Press K when you like what you see.")
