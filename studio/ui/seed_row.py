"""The seed: typed or pasted, drawn by dice, locked."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.core.recipe import MAX_SEED
from studio.ui.elided_label import name_label
from studio.ui.icon_button import IconButton
from studio.ui.texts import tr
from studio.ui.theme import tabular_font

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def group_digits(number: int) -> str:
    """Give a number in groups of three with thin spaces."""
    return f"{number:,}".replace(",", THIN_SPACE)


def read_seed(text: str) -> int | None:
    """Give the seed that a text holds; None when it holds none in range.

    Spaces, commas, points and words around the digits ("seed 77 120") are no matter.
    """
    kept = "".join(char for char in text if char.isascii() and char.isdigit())
    if not kept or len(kept) > 10 or "-" in text:
        return None
    seed = int(kept)
    return seed if seed <= MAX_SEED else None


class SeedField(QLineEdit):
    """A field for a seed.

    Signals:
        seed_edited: The seed entered; not emitted when it is the one shown.
    """

    seed_edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed: int | None = None
        self.setAccessibleName(tr("Seed"))
        self.setToolTip(
            tr("A number from 0 to 2 147 483 647; the same seed gives the same picture")
        )
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFont(tabular_font(self.font()))
        self.setMinimumWidth(96)
        self.editingFinished.connect(self._take)

    def show_seed(self, seed: int | None, other: str = "") -> None:
        """Show a seed, or another text where there is none."""
        self._seed = seed
        text = other if seed is None else group_digits(seed)
        if text != self.text():
            self.setText(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the whole number, ready to be replaced."""
        super().focusInEvent(event)
        self.selectAll()

    @Slot()
    def _take(self) -> None:
        seed = read_seed(self.text())
        if seed is None or seed == self._seed:
            if seed is not None or self._seed is not None:
                self.show_seed(self._seed)
            return
        self.show_seed(seed)
        self.seed_edited.emit(seed)


class SeedRow(QWidget):
    """Shows the seed and asks for others.

    Signals:
        seed_edited: The seed typed or pasted.
        previous_requested, dice_requested: The seed before; a new one.
        lock_requested: Whether the seed is to be locked.
    """

    seed_edited = Signal(object)
    previous_requested = Signal()
    dice_requested = Signal()
    lock_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = SeedField()
        self.previous = IconButton("chevron-left", tr("Previous seed"))
        self.dice = IconButton("dice", tr("New seed"))
        self.lock = IconButton("unlock", tr("Lock the seed"), checkable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(name_label(QLabel(tr("Seed"))), 1)
        self.field.setFixedWidth(116)
        for widget in (self.field, self.previous, self.dice, self.lock):
            row.addWidget(widget)
        self.field.seed_edited.connect(self.seed_edited)
        self.previous.clicked.connect(self.previous_requested)
        self.dice.clicked.connect(self.dice_requested)
        self.lock.clicked.connect(self.lock_requested)

    def show_seed(self, seed: int | None, *, has_picture: bool, can_go_back: bool) -> None:
        """Show the seed, or that the picture has none."""
        self.field.show_seed(seed, tr("stored latent") if has_picture else "")
        self.previous.setEnabled(can_go_back)

    def show_lock(self, is_locked: bool) -> None:
        """Show whether the seed is locked."""
        self.lock.setChecked(is_locked)
        self.lock.set_icon_name("lock" if is_locked else "unlock")
        self.lock.set_tip(tr("Unlock the seed") if is_locked else tr("Lock the seed"))
        self.dice.setEnabled(not is_locked)
