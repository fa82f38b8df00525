"""The number beside a slider: typed, signed with a true minus, told to screen readers."""

from PySide6.QtCore import QEvent, QLocale, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

_MINUS = "\N{MINUS SIGN}"


class NumberBox(QDoubleSpinBox):
    """A spin box without buttons.

    Signals:
        number_edited: The number when the artist has finished it; not emitted by `show_number`.
    """

    number_edited = Signal(float)

    def __init__(
        self,
        low: float,
        high: float,
        *,
        name: str,
        decimals: int = 1,
        is_signed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_signed = is_signed
        self._shown_decimals = decimals
        self._is_showing = False
        self.setLocale(QLocale.c())
        self.setDecimals(4)
        self.setRange(low, high)
        self.setSingleStep(0.1)
        self.setAccessibleName(name)
        self.setKeyboardTracking(False)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(56)
        self.valueChanged.connect(self._tell)

    def show_number(self, number: float) -> None:
        """Show a number that came from elsewhere."""
        if number == self.value():
            return
        self._is_showing = True
        self.setValue(number)
        self._is_showing = False

    def set_reach(self, low: float, high: float) -> None:
        """Take other ends; a number beyond them is shown at the end, and nothing is told."""
        self._is_showing = True
        self.setRange(low, high)
        self._is_showing = False

    def textFromValue(self, value: float) -> str:
        """Give the number with its sign; more digits only where they say something."""
        decimals = self._shown_decimals
        if abs(value - round(value, decimals)) > 0.004:
            decimals = 2
        text = f"{abs(value):.{decimals}f}"
        if float(text) == 0:
            return text
        plus = "+" if self._is_signed else ""
        return (_MINUS if value < 0 else plus) + text

    def valueFromText(self, text: str) -> float:
        """Read a number with either minus and either comma."""
        number = _parse(text.removesuffix(self.suffix()))
        return self.value() if number is None else number

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed that can still become a number."""
        number = _parse(text.removesuffix(self.suffix()))
        if number is not None and self.minimum() <= number <= self.maximum():
            return (QValidator.State.Acceptable, text, pos)
        is_number = set(text) <= set("0123456789.,+-\N{MINUS SIGN}% \N{NARROW NO-BREAK SPACE}")
        state = QValidator.State.Intermediate if is_number else QValidator.State.Invalid
        return (state, text, pos)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only in focus, so that scrolling past changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the whole number, ready to be replaced."""
        super().focusInEvent(event)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Shift makes a step ten times finer."""
        is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if is_fine and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            sign = 1 if event.key() == Qt.Key.Key_Up else -1
            self.setValue(self.value() + sign * self.singleStep() / 10)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the text the whole width: the style keeps room for buttons that are not there."""
        super().resizeEvent(event)
        self.lineEdit().setGeometry(self.rect().adjusted(2, 0, -6, 0))

    def changeEvent(self, event: QEvent) -> None:
        """The style lays the text out anew."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.lineEdit().setGeometry(self.rect().adjusted(2, 0, -6, 0))

    @Slot(float)
    def _tell(self, number: float) -> None:
        if not self._is_showing:
            self.number_edited.emit(number)


def _parse(text: str) -> float | None:
    plain = text.strip().strip("%").strip().replace(_MINUS, "-").replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None
