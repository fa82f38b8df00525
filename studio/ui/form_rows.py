"""Rows of small forms: words at the left, what is chosen at the right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.theme import mark


def form_column(parent: QWidget) -> QVBoxLayout:
    """Give a widget the layout of a form: rows below each other, no margins."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    return column


def labelled(words: str, *items: QWidget) -> QWidget:
    """Give a row: words, then widgets at the right end."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    label = ElidedLabel(words)  # a long word in another language must not widen the panel
    label.setBuddy(items[0])
    line.addWidget(label, 1)
    for item in items:
        line.addWidget(item)
    return row


def section(words: str) -> QLabel:
    """Give the second text above a part of a form."""
    return mark(QLabel(words), "second")


def choice(
    name: str, options: Sequence[tuple[str, object]], *, changed: Callable[[], object]
) -> QComboBox:
    """Give a box of a few things; `changed` is called when the artist chose another."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    for text, key in options:
        box.addItem(text, key)
    box.activated.connect(lambda _place: changed())
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box


def pick(box: QComboBox, key: object) -> None:
    """Choose an entry by its key; nothing happens when there is none."""
    place = next((i for i in range(box.count()) if box.itemData(i) == key), -1)
    if place >= 0:
        box.setCurrentIndex(place)


def whole_box(
    name: str, span: tuple[int, int], *, changed: Callable[[], object], nothing: str = ""
) -> QSpinBox:
    """Give a box for a whole number in a span; `nothing` is what its lowest value is called."""
    box = QSpinBox()
    box.setRange(*span)
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setKeyboardTracking(False)
    box.setFixedWidth(92)
    if nothing:
        box.setSpecialValueText(nothing)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.valueChanged.connect(lambda _value: changed())
    return box
