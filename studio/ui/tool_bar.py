"""The one tool bar: where one is, what is open, and the main action at the right end."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolBar,
    QWidget,
)

from studio.ui.action_buttons import ActionButton, MainButton
from studio.ui.actions import Actions, tip
from studio.ui.icons import icon
from studio.ui.model_picker import ModelPicker
from studio.ui.segments import Segments
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of
from studio.ui.train_tools import TrainButtons, TrainWords

HEIGHT_PX: Final = 48
SMALL_PX: Final = 1366
# Below this the bar would be cut at its left; what goes is in the menus, by key and in the Paint dock.
TIGHT_PX: Final = 1214
_SPARE: Final = frozenset({"compare", "one_to_one", "paint_keep", "paint_mix", "grab"})
_ICON_BUTTONS: Final = (
    ("undo", "redo"),
    ("compare", "fit", "one_to_one"),
    ("paint_keep", "paint_mix", "grab"),
    ("wall",),
)


class SearchButton(QPushButton):
    """Looks like a field; opens the command palette. Where there is little room only its icon stays."""

    def __init__(self, action: QAction, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "search")
        self._action = action
        self.setAccessibleName(action.text())
        self.setToolTip(tip(action))
        self.clicked.connect(action.trigger)
        self.set_small(False)

    def set_small(self, is_small: bool) -> None:
        """Show the icon only, or the words as well."""
        self._is_small = is_small
        self.setFixedWidth(36 if is_small else 220)
        mark(self, "flat" if is_small else "search")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, its icon, its words and its shortcut."""
        super().paintEvent(event)
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        left = 8 if self._is_small else 10
        drawn = icon("search", self.palette(), size=18).pixmap(
            QSize(18, 18), self.devicePixelRatioF()
        )
        painter.drawPixmap(left, round(self.height() / 2 - 9), drawn)
        if self._is_small:
            return
        painter.setPen(QColor(tokens.second))
        room = self.rect().adjusted(36, 0, -10, 0)
        keys = self._action.shortcut().toString(self._action.shortcut().SequenceFormat.NativeText)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, keys)
        words = room.adjusted(0, 0, -QFontMetrics(self.font()).horizontalAdvance(keys) - 8, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._action.text())


class ToolBar(QToolBar):
    """Holds the switch of places, the model, the tools and the main action."""

    def __init__(self, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Tool bar"), parent)
        self.setObjectName("tool_bar")
        self.setMovable(False)
        self.setFixedHeight(HEIGHT_PX)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.places = Segments(
            (("gallery", tr("Gallery")), ("explore", tr("Explore")), ("train", tr("Train"))),
            name=tr("Place"),
            parent=self,
        )
        self.places.set_current("explore")
        self.picker = ModelPicker(self)
        self.search = SearchButton(actions.action("palette"), parent=self)
        self.export = MainButton(actions.action("export"), "export", role="bar", parent=self)
        self.keep = MainButton(actions.action("keep"), "keep", role="main", parent=self)
        self.open = MainButton(actions.action("open"), "open", role="bar", parent=self)
        self.new = MainButton(actions.action("dice"), "dice", role="main", parent=self)
        self.train_words = TrainWords(parent=self)
        self.train_buttons = TrainButtons(actions, parent=self)
        self._explore: list[QWidget] = [self.export, self.keep]
        self._spare: list[QWidget] = []
        self._gallery: list[QWidget] = [self.open, self.new]
        self._is_tight = False
        if (layout := self.layout()) is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        self._fill(actions)
        self.show_place("explore")

    def show_place(self, place: str) -> None:
        """Show the tools of a place."""
        self.places.set_current(place)
        self._show_tools(place)

    def _show_tools(self, place: str) -> None:
        is_train = place == "train"
        self.picker.setVisible(not is_train)
        self.train_words.setVisible(is_train)
        self.train_buttons.setVisible(is_train)
        for widget in self._explore:
            is_left_out = self._is_tight and widget in self._spare
            widget.setVisible(place == "explore" and not is_left_out)
        for widget in self._gallery:
            widget.setVisible(place == "gallery")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the search field to its icon where there is little room; leave tools out where less."""
        super().resizeEvent(event)
        is_small = event.size().width() < SMALL_PX
        if is_small != (event.oldSize().width() < SMALL_PX) or event.oldSize().width() < 0:
            self.search.set_small(is_small)
        is_tight = event.size().width() < TIGHT_PX
        if is_tight != self._is_tight:
            self._is_tight = is_tight
            self._show_tools(self.places.current)

    def _fill(self, actions: Actions) -> None:
        inside = QWidget(self)
        inside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside.setFixedHeight(HEIGHT_PX)
        row = QHBoxLayout(inside)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(2)
        row.addWidget(self.places)
        row.addSpacing(16)
        row.addWidget(self.picker)
        row.addWidget(self.train_words, 1000)
        for names in _ICON_BUTTONS:
            gap = QWidget(inside)
            gap.setFixedWidth(14)
            row.addWidget(gap)
            self._explore.append(gap)
            if _SPARE.issuperset(names):
                self._spare.append(gap)
            for name in names:
                if not actions.has(name):
                    continue
                button = ActionButton(actions.action(name), _icon_of(name), parent=inside)
                row.addWidget(button)
                self._explore.append(button)
                if name in _SPARE:
                    self._spare.append(button)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addSpacing(12)
        row.addWidget(self.open)
        row.addWidget(self.export)
        row.addSpacing(6)
        row.addWidget(self.new)
        row.addWidget(self.keep)
        row.addWidget(self.train_buttons)
        self.addWidget(inside)


def _icon_of(name: str) -> str:
    icons = {"one_to_one": "one-to-one", "paint_keep": "mask", "paint_mix": "brush"}
    return icons.get(name, name)
