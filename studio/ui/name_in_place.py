"""A name that can be changed where it stands: double-click, or `edit`; Enter takes it, Escape does not."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from studio.core.direction_book import MAX_NAME
from studio.ui.elided_label import ElidedLabel, name_label
from studio.ui.texts import tr
from studio.ui.theme import mark


class NameInPlace(QWidget):
    """Shows a name, shortened where there is no room.

    Signals:
        renamed: The new name, "" to get its own back; not emitted when nothing was changed.
        left: Renaming is over; the focus should go somewhere.
        drag_began: The pointer pulls at the name.
    """

    renamed = Signal(str)
    left = Signal()
    drag_began = Signal()

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ElidedLabel(name)
        name_label(self._label)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.field = QLineEdit()
        self.field.setMaxLength(MAX_NAME)
        self.field.setAccessibleName(tr("Name of the slider"))
        self.field.setPlaceholderText(tr("Empty for its own name"))
        self.field.hide()
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self._accept)
        self._pressed: QPointF | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label, 1)
        row.addWidget(self.field, 1)

    @property
    def text(self) -> str:
        """The whole name."""
        return self._label.full_text

    @property
    def is_editing(self) -> bool:
        """Whether the name is being changed."""
        return not self.field.isHidden()

    def set_text(self, text: str) -> None:
        """Show another name."""
        self._label.set_full_text(text)

    def set_quiet(self, is_quiet: bool) -> None:
        """Show the name in second text, as for a hidden slider."""
        mark(self._label, "second" if is_quiet else "")

    @Slot()
    def edit(self) -> None:
        """Let the artist write another name."""
        self.field.setText(self.text)
        self.field.selectAll()
        self._label.hide()
        self.field.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leaves the name as it was; going elsewhere takes it."""
        if watched is self.field and self.is_editing:
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                if event.key() == Qt.Key.Key_Escape:
                    self._close()
                    self.left.emit()
                    return True
            elif event.type() == QEvent.Type.FocusOut:
                self._take()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a drag may begin."""
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin a drag once the pointer has gone far enough."""
        if self._pressed is None:
            return
        far = (event.position() - self._pressed).manhattanLength()
        if far >= QApplication.startDragDistance():
            self._pressed = None
            self.drag_began.emit()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Forget the press."""
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.edit()

    @Slot()
    def _accept(self) -> None:
        self._take()
        self.left.emit()

    def _take(self) -> None:
        if self.is_editing:
            name = self.field.text().strip()
            self._close()
            if name != self.text:
                self.renamed.emit(name)

    def _close(self) -> None:
        self.field.hide()
        self._label.show()
