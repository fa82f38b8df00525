"""The boards as the window works with them: which there are, which is open, what lies there."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.core.errors import StorageError
from studio.library.boards import MAX_BOARDS, BoardList, all_boards, board_name, is_same_board
from studio.library.gallery import Gallery
from studio.library.kept import Kept

if TYPE_CHECKING:
    from studio.app.gallery_desk import GalleryDesk


class RemovedBoard(msgspec.Struct, frozen=True):
    """A board that was removed, and what lay there; the pictures themselves stay."""

    name: str
    items: tuple[Kept, ...]


class BoardDesk(QObject):
    """Reads and changes the boards.

    Signals:
        chosen: Name of the board that is open now, "" for all pictures.
        changed: None; a board was made, named, removed, filled or emptied.
    """

    chosen = Signal(object)
    changed = Signal(object)

    def __init__(self, gallery: Gallery, desk: "GalleryDesk") -> None:
        super().__init__(desk)
        self._gallery, self._desk = gallery, desk
        self._list = BoardList(gallery.home)
        self._listed = self._list.read()
        self._present = ""
        self._counts: dict[str, int] | None = None
        desk.changed.connect(self._on_gallery)

    @property
    def present(self) -> str:
        """The board that is open: what is kept lies there. "" for none."""
        return self._present

    @property
    def counts(self) -> dict[str, int]:
        """Every board in its order, and how many pictures lie there."""
        if self._counts is None:
            used = Counter(name for kept in self._desk.items() for name in kept.boards)
            names = all_boards(self._listed, tuple(used))
            self._counts = {
                name: sum(n for other, n in used.items() if is_same_board(name, other))
                for name in names
            }
        return self._counts

    @property
    def num_pictures(self) -> int:
        """How many pictures are kept in all."""
        return len(self._desk.items())

    def items(self, name: str) -> tuple[Kept, ...]:
        """Give the pictures on a board, newest first."""
        return tuple(kept for kept in self._desk.items() if lies_on(kept, name))

    def choose(self, name: str) -> None:
        """Open a board; "" or a name that there is not opens none."""
        found = next((one for one in self.counts if is_same_board(one, name)), "")
        self._gallery.new_boards = (found,) if found else ()
        if found != self._present:
            self._present = found
            self.chosen.emit(found)

    def make(self, text: str) -> str:
        """Make a board, or find it when there is one of that name; gives its name, "" for none."""
        name = board_name(text)
        found = next((one for one in self.counts if is_same_board(one, name)), "")
        if not name or found:
            return found
        if len(self.counts) >= MAX_BOARDS:
            error = StorageError(f"There are {MAX_BOARDS} boards already.", "Remove one first.")
            self._desk.failed.emit(error)
            return ""
        self._write((*self.counts, name))
        return name

    def rename(self, name: str, text: str) -> None:
        """Call a board something else; a name that is taken joins the two."""
        new = board_name(text)
        if not new or new == name:
            return
        names = [one for one in self.counts if not is_same_board(one, new) or one == name]
        taken = [one for one in self.counts if is_same_board(one, new) and one != name]
        items, was_open = self.items(name), self._present == name
        if taken:
            new = taken[0]
            self._write(tuple(one for one in self.counts if one != name))
        else:
            self._write(tuple(new if one == name else one for one in names))
        self._lay(items, off=name, on=new)
        if was_open:
            self.choose(new)

    def remove(self, name: str) -> RemovedBoard:
        """Remove a board; its pictures stay kept."""
        items = self.items(name)
        self._write(tuple(one for one in self.counts if one != name))
        self._lay(items, off=name)
        if self._present == name:
            self.choose("")
        return RemovedBoard(name, items)

    def bring_back(self, removed: RemovedBoard) -> None:
        """Undo `remove`."""
        self.make(removed.name)
        self.put(removed.items, removed.name)

    def put(self, items: Sequence[Kept], name: str) -> None:
        """Lay pictures on a board, too."""
        self._lay(items, on=name)

    def put_ids(self, ids: Sequence[str], name: str) -> None:
        """Lay pictures on a board by their ids; ids of nothing are passed over."""
        found = [self._desk.find(kept_id) for kept_id in ids]
        self._lay([kept for kept in found if kept is not None], on=name)

    def take(self, items: Sequence[Kept], name: str) -> None:
        """Take pictures off a board; they stay kept."""
        self._lay(items, off=name)

    def _lay(self, items: Sequence[Kept], *, off: str = "", on: str = "") -> None:
        def change(kept: Kept) -> object:
            boards = self._gallery.get(kept.id).boards  # as it is when its turn comes
            left = [name for name in boards if not (off and is_same_board(name, off))]
            if on and not any(is_same_board(name, on) for name in left):
                left.append(on)
            return self._gallery.set_boards(kept.id, left)

        if items:
            self._desk.change(items, change)

    def _write(self, names: tuple[str, ...]) -> None:
        self._listed = names
        self._desk.do(partial(self._list.write, names))
        self._on_gallery(None)

    @Slot(object)
    def _on_gallery(self, _cause: object) -> None:
        self._counts = None
        self.changed.emit(None)


def lies_on(kept: Kept, name: str) -> bool:
    """Say whether a picture lies on a board."""
    return any(is_same_board(name, board) for board in kept.boards)
