"""What the model will be called, and which model it starts from."""

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.core.run_plan import RunPlan
from studio.ui.texts import tr, tr_sentence
from studio.ui.theme import mark

SCRATCH: Final = "scratch"
_MAX_NAME: Final = 60


class StartForm(QWidget):
    """Asks for a name and, if the artist cares, for another start.

    Signals:
        renamed: The name.
        start_chosen: Id of a model, "scratch", or None for the nearest.
    """

    renamed = Signal(str)
    start_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.name.setMaxLength(_MAX_NAME)
        self.name.setAccessibleName(tr("Name of the model"))
        self.starts = QComboBox()
        self.starts.setAccessibleName(tr("Start from"))
        self.starts.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._why = mark(QLabel(), "second")
        self._why.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(mark(QLabel(tr("Name of the model")), "second"))
        column.addWidget(self.name)
        column.addSpacing(6)
        column.addWidget(mark(QLabel(tr("Start from")), "second"))
        column.addWidget(self.starts)
        column.addWidget(self._why)
        self.name.textEdited.connect(self.renamed)
        self.starts.activated.connect(self._on_start)
        self._filled: tuple[object, ...] = ()

    def show_plan(self, plan: RunPlan | None, *, name: str, start: str | None) -> None:
        """Show the name, and the starts that a plan found."""
        if not self.name.hasFocus() and self.name.text() != name:
            self.name.setText(name)
            self.name.setCursorPosition(0)
        self._fill(plan, start)
        self._why.setText(tr_sentence(plan.why) if plan is not None else "")
        self._why.setVisible(plan is not None)

    def _fill(self, plan: RunPlan | None, start: str | None) -> None:
        starts = plan.starts if plan is not None else ()
        nearest = starts[0].name if starts else ""
        filled = (starts, start)
        if filled == self._filled:
            return
        self._filled = filled
        self.starts.clear()
        words = tr("Nearest: {name}", name=nearest) if nearest else tr("The nearest model")
        self.starts.addItem(words, None)
        for one in starts:
            self.starts.addItem(one.name, one.id)
        self.starts.addItem(tr("From scratch"), SCRATCH)
        self.starts.setCurrentIndex(max(0, self.starts.findData(start)))

    @Slot(int)
    def _on_start(self, place: int) -> None:
        self.start_chosen.emit(self.starts.itemData(place))
