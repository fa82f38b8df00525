"""The form in a model's details that makes a model between it and another of its lineage."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.app.blend_desk import BlendWish
from studio.core.errors import StudioError
from studio.library.model_library import InstalledModel
from studio.ui.fine_slider import FineSlider
from studio.ui.texts import tr, tr_error
from studio.ui.theme import mark


class BlendForm(QWidget):
    """Which other model, how much of it in each zone, and a name.

    Signals:
        make_requested: `BlendWish`.
        cancel_requested: While one is being made.
    """

    make_requested = Signal(object)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: InstalledModel | None = None
        self._others: tuple[InstalledModel, ...] = ()
        self.offer = QPushButton(tr("Blend with…"))
        self.offer.setCheckable(True)
        self.offer.setToolTip(tr("Make a model between this one and a relative of it"))
        self.inside = QWidget()
        self.other = QComboBox()
        self.other.setAccessibleName(tr("The other model"))
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of the new model"))
        self.name.setMaxLength(80)
        names = (tr("Coarse"), tr("Medium"), tr("Fine"))
        self.sliders = tuple(FineSlider(0.0, 1.0, name=name, step=0.05) for name in names)
        self._shares = tuple(mark(QLabel(), "second") for _ in names)
        self.make = QPushButton(tr("Make model"))
        self.cancel = QPushButton(tr("Cancel"))
        self.said = mark(QLabel(), "second")
        self.said.setWordWrap(True)
        self._lay_out(names)
        for slider in self.sliders:
            slider.show_number(0.5)
            slider.value_edited.connect(self._show_shares)
            slider.default_requested.connect(self._back_to_half)
        self.offer.toggled.connect(self._show_inside)
        self.other.currentIndexChanged.connect(self._propose_name)
        self.name.textChanged.connect(self._show_shares)
        self.name.returnPressed.connect(self.make.click)
        self.make.clicked.connect(self._ask)
        self.cancel.clicked.connect(self.cancel_requested)
        self._is_busy = False
        self.show_busy(False)
        self.inside.hide()

    def show_others(self, model: InstalledModel, others: Sequence[InstalledModel]) -> None:
        """Offer to blend a model with others; without any, nothing is offered."""
        if (model, tuple(others)) != (self._model, self._others):
            self._model, self._others = model, tuple(others)
            self.other.clear()
            self.other.addItems([one.card.name for one in others])
            if not self._is_busy:
                self.offer.setChecked(False)
                self.said.clear()
        self.setVisible(bool(others) or self._is_busy)

    def show_busy(self, is_busy: bool) -> None:
        """Say that a model is being made, or no longer."""
        self._is_busy = is_busy
        self.said.setText(tr("Making the model…") if is_busy else "")
        self.cancel.setVisible(is_busy)
        if is_busy:
            self.cancel.setFocus()
        for part in (self.other, self.name, *self.sliders):
            part.setEnabled(not is_busy)
        self._show_shares()

    def show_error(self, error: StudioError) -> None:
        """Say why no model was made, and the way out."""
        self.said.setText(tr_error(error))

    def _lay_out(self, names: Sequence[str]) -> None:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(names):
            grid.addWidget(mark(QLabel(name), "second"), row, 0)
            grid.addWidget(self.sliders[row], row, 1)
            self._shares[row].setMinimumWidth(40)
            grid.addWidget(self._shares[row], row, 2)
        foot = QHBoxLayout()
        foot.addWidget(self.cancel)
        foot.addWidget(self.make, 1)
        form = QVBoxLayout(self.inside)
        form.setContentsMargins(0, 0, 0, 0)
        form.addWidget(self.other)
        form.addLayout(grid)
        form.addWidget(self.name)
        form.addWidget(self.said)
        form.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 10, 0)
        column.addWidget(self.offer)
        column.addWidget(self.inside)

    @Slot(bool)
    def _show_inside(self, is_open: bool) -> None:
        self.inside.setVisible(is_open)
        if is_open:
            self.other.setFocus()

    @Slot(int)
    def _propose_name(self, place: int) -> None:
        if self._model is not None and 0 <= place < len(self._others):
            self.name.setText(f"{self._model.card.name} + {self._others[place].card.name}")

    @Slot()
    def _back_to_half(self) -> None:
        slider = self.sender()
        if isinstance(slider, FineSlider):
            slider.show_number(0.5)
            self._show_shares()

    @Slot()
    def _show_shares(self, _new: object = None) -> None:
        shares = [slider.number for slider in self.sliders]
        for label, share in zip(self._shares, shares, strict=True):
            label.setText(tr("{share} %", share=round(100 * share)))
        is_one = all(share == shares[0] for share in shares) and shares[0] in (0.0, 1.0)
        self.make.setEnabled(not self._is_busy and not is_one and bool(self.name.text().strip()))

    @Slot()
    def _ask(self) -> None:
        place = self.other.currentIndex()
        if self._model is not None and 0 <= place < len(self._others):
            coarse, medium, fine = (round(slider.number, 3) for slider in self.sliders)
            name, other = self.name.text().strip(), self._others[place]
            self.make_requested.emit(BlendWish(self._model, other, (coarse, medium, fine), name))
