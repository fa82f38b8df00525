"""The open board in the Styles dock."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox

from studio.app.board_desk import BoardDesk
from studio.ui.texts import tr


class BoardBox(QComboBox):
    """Chooses the open board where there is little room; not there while there is no board."""

    def __init__(self, boards: BoardDesk) -> None:
        super().__init__()
        self._boards = boards
        self.setAccessibleName(tr("Which board"))
        self.setToolTip(tr("Which board"))
        self.activated.connect(self._on_activated)
        boards.changed.connect(self._show)
        boards.chosen.connect(self._show)
        self._show()

    @Slot(object)
    def _show(self, _cause: object = None) -> None:
        names = list(self._boards.counts)
        if [self.itemData(row) for row in range(self.count())] != ["", *names]:
            self.clear()
            self.addItem(tr("Every board"), "")
            for name in names:
                self.addItem(name, name)
        self.setCurrentIndex(max(self.findData(self._boards.present), 0))
        self.setVisible(bool(names))

    @Slot(int)
    def _on_activated(self, row: int) -> None:
        self._boards.choose(self.itemData(row))
