"""The list of the history under the hand: a state is taken along to the walk, the canvas, a pile."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QListView

from studio.app.history_model import LINE_ROLE
from studio.core.history_lines import LineRow
from studio.ui.recipe_drag import drag_recipe


class HistoryView(QListView):
    """Lets states be dragged away as recipes; nothing can be dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Take the recipe of the state under the pointer along."""
        index = self.currentIndex()
        row = index.data(LINE_ROLE)
        if isinstance(row, LineRow):
            image = index.data(Qt.ItemDataRole.DecorationRole)
            recipe = row.node.recipe
            drag_recipe(self, recipe, image=image if isinstance(image, QImage) else None)
