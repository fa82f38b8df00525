"""The model picker: which model the pictures come from, and all others to choose from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.icons import paint_icon
from studio.ui.texts import tr
from studio.ui.theme import mark, second_font, tokens_of

_ROW_PX: Final = 60
_WIDTH_PX: Final = 360
_MAX_ROWS: Final = 8
_NAME_PX: Final = 220
Index = QModelIndex | QPersistentModelIndex


class ModelChoice(msgspec.Struct, frozen=True):
    """One line of the list.

    Attributes:
        folder: Where the model lies.
        name: What it is called.
        detail: Kind, size and origin in a few words.
        problem: Why it cannot be used, "" when it can.
        preview: Its contact sheet, None while it is read or when there is none.
        is_open: Whether the pictures come from it now.
    """

    folder: Path
    name: str
    detail: str = ""
    problem: str = ""
    preview: QImage | None = None
    is_open: bool = False


class ModelChoices(QAbstractListModel):
    """The models as a list; `Qt.UserRole` is the `ModelChoice`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[ModelChoice, ...] = ()

    def set_choices(self, choices: Sequence[ModelChoice]) -> None:
        """Show other models."""
        self.beginResetModel()
        self._choices = tuple(choices)
        self.endResetModel()

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        """All lines."""
        return self._choices

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Give the number of lines."""
        return 0 if parent.isValid() else len(self._choices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a line's name, its spoken form or itself."""
        if not index.isValid() or not 0 <= index.row() < len(self._choices):
            return None
        choice = self._choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{choice.name}, {choice.problem or choice.detail}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return choice.problem or None
        return choice if role == Qt.ItemDataRole.UserRole else None


class ModelDelegate(QStyledItemDelegate):
    """Draws the preview, the name and a line below it."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give the height of a row; a broken model's sentence may need two lines."""
        choice = index.data(Qt.ItemDataRole.UserRole)
        return QSize(_WIDTH_PX - 20, _ROW_PX + (16 if choice.problem else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a line."""
        choice = index.data(Qt.ItemDataRole.UserRole)
        area: QRect = option.rect
        tokens = tokens_of(option.palette)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & option.state.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 4, 4)
        box = QRect(area.left() + 8, area.center().y() - 22, 44, 44)
        self._paint_preview(painter, box, choice=choice)
        column = area.adjusted(64, 9, -12, -8)
        painter.setPen(QColor(tokens.text))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(choice.name, Qt.TextElideMode.ElideRight, column.width() - 20)
        painter.drawText(column, Qt.AlignmentFlag.AlignTop, name)
        painter.setFont(second_font(painter.font()))
        painter.setPen(QColor(tokens.warn if choice.problem else tokens.second))
        below = column.adjusted(0, 21, 0, 0)
        flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(below, flags, choice.problem or choice.detail)
        if choice.is_open:
            mark_box = QRect(area.right() - 28, area.top() + 8, 18, 18).toRectF()
            paint_icon(painter, mark_box, name="check", colour=tokens.accent)
        painter.restore()

    def _paint_preview(self, painter: QPainter, box: QRect, *, choice: ModelChoice) -> None:
        if choice.preview is not None and not choice.preview.isNull():
            side = min(choice.preview.width(), choice.preview.height())
            painter.drawImage(box, choice.preview, QRect(0, 0, side, side))
            return
        name = "warning" if choice.problem else "model"
        grey = QColor(128, 128, 128)
        paint_icon(painter, box.adjusted(12, 12, -12, -12).toRectF(), name=name, colour=grey)


class ModelList(QWidget):
    """The list that opens under the picker.

    Signals:
        model_chosen: Path of a usable model's folder.
        add_requested: A model folder is to be opened from somewhere else.
    """

    model_chosen = Signal(object)
    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.setAccessibleName(tr("Models"))
        self.model = ModelChoices(self)
        self._list = QListView(self)
        self._list.setAccessibleName(tr("Models"))
        self._list.setModel(self.model)
        self._list.setItemDelegate(ModelDelegate(self))
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.entered.connect(self._list.setCurrentIndex)
        self._list.clicked.connect(self._on_clicked)
        self._list.installEventFilter(self)
        add = mark(QPushButton(tr("Open a model folder…"), self), "flat")
        add.setAccessibleName(tr("Open a model folder…"))
        add.clicked.connect(self._on_add)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self._list)
        column.addWidget(add)

    def open_at(self, corner: QPoint) -> None:
        """Show the list with its upper left corner at a point of the screen."""
        height = sum(
            self._list.sizeHintForRow(row) for row in range(min(self.model.rowCount(), _MAX_ROWS))
        )
        self._list.setFixedSize(_WIDTH_PX, max(_ROW_PX, height + 4))
        self.adjustSize()
        self.move(corner)
        row = next((i for i, c in enumerate(self.model.choices) if c.is_open), 0)
        self._list.setCurrentIndex(self.model.index(row))
        self.show()
        self._list.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Choose with Enter, leave with Escape."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_clicked(self._list.currentIndex())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        return super().eventFilter(watched, event)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        choice = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(choice, ModelChoice) and not choice.problem:
            self.close()
            self.model_chosen.emit(choice.folder)

    @Slot()
    def _on_add(self) -> None:
        self.close()
        self.add_requested.emit()


class ModelPicker(QPushButton):
    """Shows the open model as "name · size" and opens the list.

    Signals:
        model_chosen: Path of the chosen model's folder.
        add_requested: A model folder is to be opened from somewhere else.
    """

    model_chosen = Signal(object)
    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "flat")
        self._name, self._size = "", ""
        self._list = ModelList(self)
        self._list.model_chosen.connect(self.model_chosen)
        self._list.add_requested.connect(self.add_requested)
        self.clicked.connect(self.open_list)
        self.show_model("", "")

    @property
    def list_widget(self) -> ModelList:
        """The list."""
        return self._list

    def show_model(self, name: str, size: str) -> None:
        """Show what is open; "" for nothing."""
        self._name, self._size = name or tr("Choose a model"), size
        spoken = tr("Model: {name}", name=f"{name} · {size}") if name else self._name
        self.setAccessibleName(spoken)
        self.setToolTip(spoken if name else "")
        self.setFixedWidth(self._text_width() + 70)
        self.update()

    def set_choices(self, choices: Sequence[ModelChoice]) -> None:
        """Set what the list shows."""
        self._list.model.set_choices(choices)

    @Slot()
    def open_list(self) -> None:
        """Show the list below the button."""
        self._list.open_at(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, then its icon, its words and the arrow."""
        super().paintEvent(event)
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        middle = self.height() / 2
        left_box = QRect(8, round(middle - 10), 20, 20).toRectF()
        right_box = QRect(self.width() - 26, round(middle - 8), 16, 16).toRectF()
        paint_icon(painter, left_box, name="model", colour=tokens.text)
        paint_icon(painter, right_box, name="chevron-down", colour=tokens.second)
        painter.setPen(QColor(tokens.text))
        room = QRect(36, 0, self.width() - 64, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._words())

    def _words(self) -> str:
        metrics = QFontMetrics(self.font())
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, _NAME_PX)
        return f"{name}  ·  {self._size}" if self._size else name

    def _text_width(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance(self._words())
