"""One direction: name, reset, value, slider and the strip of what it does."""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QLabel, QMenu, QVBoxLayout, QWidget

from studio.app.strips import POSITIONS
from studio.core.recipe import MAX_STRENGTH
from studio.ui.fine_slider import FineSlider
from studio.ui.icon_button import IconButton
from studio.ui.number_box import NumberBox
from studio.ui.preview_strip import PreviewStrip
from studio.ui.texts import tr

_END: Final = 3.0  # the slider's ends; the box takes numbers up to ±5


class ElidedLabel(QLabel):
    """A label that shortens its text instead of widening its panel; the whole is in its tip."""

    def __init__(self, text: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names come from strangers' files, too
        self._full = ""
        self.set_full_text(text)

    @property
    def full_text(self) -> str:
        """The text before it was shortened."""
        return self._full

    def set_full_text(self, text: str) -> None:
        """Show another text."""
        self._full = text
        self.setAccessibleName(text)
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._shorten()

    def minimumSizeHint(self) -> QSize:
        """Give room for a few letters only."""
        return QSize(24, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Give room for the whole text."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._full) + 2, super().sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Shorten anew in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._shorten()

    def _shorten(self) -> None:
        metrics = QFontMetrics(self.font())
        text = metrics.elidedText(self._full, Qt.TextElideMode.ElideRight, max(self.width(), 24))
        if text != self.text():
            self.setText(text)
        self.setToolTip(self._full if text != self._full else "")


def name_label(label: QLabel) -> QLabel:
    """Give a label the weight of a control's name."""
    font = label.font()
    font.setWeight(QFont.Weight.Medium)
    label.setFont(font)
    return label


class DirectionRow(QWidget):
    """Shows one direction and asks for changes.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        value_edited: The strength chosen.
        reset_requested: Back to 0 in all zones.
        renamed: The artist's name for it, "" for its own.
        starred: Whether it stands first.
        hidden: It is not to be shown.
    """

    gesture_began = Signal()
    value_edited = Signal(float)
    gesture_ended = Signal()
    reset_requested = Signal()
    renamed = Signal(str)
    starred = Signal(bool)
    hidden = Signal()

    def __init__(self, direction: str, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.direction = direction
        self._is_starred = False
        self._has_strip = True
        self._name = ElidedLabel(name)
        self._star = IconButton("star-filled", tr("Starred"), size=20)
        self._star.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._reset = IconButton("reset", tr("Back to 0"), size=24)
        self.box = NumberBox(-MAX_STRENGTH, MAX_STRENGTH, name=name, is_signed=True)
        self.slider = FineSlider(-_END, _END, name=name, default=0.0)
        self.slider.setToolTip(tr("Double-click for 0, Shift for fine moves"))
        self.strip = PreviewStrip(POSITIONS, name=name)
        self._lay_out()
        self._connect()
        self.set_starred(False)
        self.show_number(0.0, is_moved=False)

    @property
    def name(self) -> str:
        """The name shown."""
        return self._name.full_text

    def set_name(self, name: str) -> None:
        """Show another name."""
        self._name.set_full_text(name)
        for widget in (self.box, self.slider):
            widget.setAccessibleName(name)
        self.strip.setAccessibleName(tr("Previews of {name}", name=name))

    def set_starred(self, is_starred: bool) -> None:
        """Show whether it has a star."""
        self._is_starred = is_starred
        self._star.setVisible(is_starred)

    def set_has_strip(self, has_strip: bool) -> None:
        """Show the strip, or only name and slider where there is little room."""
        self._has_strip = has_strip
        self.strip.setVisible(has_strip)

    @property
    def has_strip(self) -> bool:
        """Whether the strip is shown."""
        return self._has_strip

    def show_number(self, number: float, *, is_moved: bool) -> None:
        """Show the strength in the chosen zones, and whether there is anything to reset."""
        self.box.show_number(number)
        self.slider.show_number(number)
        self.strip.show_number(number)
        if self._reset.isEnabled() != is_moved or self._reset.isHidden() == is_moved:
            self._reset.setEnabled(is_moved)
            self._reset.setVisible(is_moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the slider's scale over the strip's pictures."""
        super().resizeEvent(event)
        self.slider.set_inset_px(self._cell_px() / 2)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what is rare."""
        menu = self.make_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def make_menu(self) -> QMenu:
        """Give the menu of this row; the caller deletes it."""
        menu = QMenu(self)
        menu.addAction(tr("Copy value"), self._copy_value)
        menu.addAction(tr("Reset"), self.reset_requested.emit).setEnabled(self._reset.isEnabled())
        menu.addSeparator()
        star = tr("Remove star") if self._is_starred else tr("Star")
        menu.addAction(star, self._toggle_star)
        menu.addAction(tr("Rename…"), self._ask_name)
        menu.addAction(tr("Hide"), self.hidden.emit)
        return menu

    def _cell_px(self) -> float:
        count = len(POSITIONS)
        return (self.width() - 2 * (count - 1)) / count

    def _lay_out(self) -> None:
        name_label(self._name)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._name, 1)
        head.addWidget(self._star)
        head.addWidget(self._reset)
        head.addWidget(self.box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.slider)
        column.addWidget(self.strip)

    def _connect(self) -> None:
        self.slider.gesture_began.connect(self.gesture_began)
        self.slider.gesture_ended.connect(self.gesture_ended)
        self.slider.value_edited.connect(self.value_edited)
        self.slider.default_requested.connect(self.reset_requested)
        self.box.number_edited.connect(self.value_edited)
        self.strip.position_chosen.connect(self.value_edited)
        self._reset.clicked.connect(self.reset_requested)

    @Slot()
    def _copy_value(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.box.value():.2f}")

    @Slot()
    def _toggle_star(self) -> None:
        self.starred.emit(not self._is_starred)

    @Slot()
    def _ask_name(self) -> None:
        name, is_given = QInputDialog.getText(
            self, tr("Rename direction"), tr("Name (empty for its own)"), text=self.name
        )
        if is_given:
            self.renamed.emit(name.strip())
