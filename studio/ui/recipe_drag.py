"""Takes a recipe along under the pointer: dropped on a zone it gives only that."""

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QImage
from PySide6.QtWidgets import QWidget

from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.ui.drag_types import MIME_RECIPE
from studio.ui.tile_view import ghost_of


def recipe_mime(recipe: Recipe) -> QMimeData:
    """Give what a drag of a recipe carries."""
    mime = QMimeData()
    mime.setData(MIME_RECIPE, recipe_to_json(recipe).encode())
    return mime


def drag_recipe(source: QWidget, recipe: Recipe, *, image: QImage | None) -> None:
    """Drag a recipe; returns when it was dropped."""
    drag = QDrag(source)
    drag.setMimeData(recipe_mime(recipe))
    if image is not None and not image.isNull():
        ghost = ghost_of(image)
        drag.setPixmap(ghost)
        drag.setHotSpot(QPoint(ghost.width() // 2, ghost.height() // 2))
    drag.exec(Qt.DropAction.CopyAction)
