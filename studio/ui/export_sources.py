"""Which pictures can be exported: the one on the canvas, kept ones, the wall, the way here, a board."""

from typing import Literal

from PySide6.QtCore import QObject

from studio.app.exporting import ExportItem
from studio.app.gallery_desk import GalleryDesk
from studio.core.recipe import Recipe
from studio.library.kept import Kept
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_plural

SourceKey = Literal["canvas", "kept", "wall", "history", "board"]


class ExportSources(QObject):
    """Gives the pictures of each source as they are now."""

    def __init__(self, parts: Parts, desk: GalleryDesk) -> None:
        super().__init__(parts.window)
        self._parts, self._desk = parts, desk

    def items(self, key: SourceKey, kept: tuple[Kept, ...] = ()) -> list[ExportItem]:
        """Give the pictures of a source; `kept` are those that were chosen in the gallery."""
        if key == "kept":
            return as_items(kept)
        if key == "board":
            return as_items(self._board())
        return [
            ExportItem(recipe, self._parts.keeping.name_of(recipe)) for recipe in self._recipes(key)
        ]

    def name(self, key: SourceKey, kept: tuple[Kept, ...] = ()) -> str:
        """Give what the pictures of a source are called together."""
        if key == "wall":
            return tr("Wall")
        if key == "history":
            return tr("History")
        if key == "board":
            return self._desk.boards.present
        items = self.items(key, kept)
        if len(items) == 1:
            return items[0].name
        return tr_plural("{n} picture", "{n} pictures", n=len(items))

    def beside_canvas(self, kept: tuple[Kept, ...]) -> list[tuple[str, str]]:
        """Give key and words of each source that the panel beside the canvas offers."""
        found = [("canvas", tr("This picture"))]
        if kept:
            words = tr_plural("{n} kept picture", "{n} kept pictures", n=len(kept))
            found.append(("kept", words))
        for key, words in (("wall", tr("The wall")), ("history", tr("The way here"))):
            count = len(self._recipes("wall" if key == "wall" else "history"))
            if count > 1:
                found.append((key, f"{words} · {count}"))
        return found

    def in_gallery(self, kept: tuple[Kept, ...]) -> list[tuple[str, str]]:
        """Give key and words of each source that the gallery's panel offers."""
        board = self._board()
        found = [("kept", tr_plural("{n} chosen picture", "{n} chosen pictures", n=len(kept)))]
        if board:
            name = self._desk.boards.present
            found.append(("board", tr("Board “{name}” · {n}", name=name, n=len(board))))
        return found

    def _board(self) -> tuple[Kept, ...]:
        boards = self._desk.boards
        return boards.items(boards.present) if boards.present else ()

    def _recipes(self, key: SourceKey) -> list[Recipe]:
        document, opened = self._parts.document, self._parts.engine.opened
        if key == "canvas":
            return [document.recipe] if document.recipe is not None else []
        if opened is None:
            return []
        if key == "wall":
            found = [tile.recipe for tile in self._parts.wall_page.wall.tiles]
        else:
            found, node = [], document.history.current
            while node is not None:
                found.insert(0, node.recipe)
                node = None if node.parent is None else document.history.node(node.parent)
        return [one for one in dict.fromkeys(found) if one.model == opened.card.model]


def as_items(kept: tuple[Kept, ...]) -> list[ExportItem]:
    """Give kept pictures as an export takes them."""
    return [ExportItem(one.recipe, one.name, one) for one in kept]
