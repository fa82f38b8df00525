"""The list of painted regions, the highest on top, and what can be done to the chosen one."""

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.document import Document
from studio.app.region_editor import RegionEditor
from studio.app.small_pictures import SmallPictures
from studio.core.recipe import MAX_REGION_NAME, Region
from studio.ui.brush_tools import PercentRow
from studio.ui.canvas_drop import has_zones, read_drop
from studio.ui.icon_button import IconButton
from studio.ui.name_in_place import NameInPlace
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of

_THUMB_PX: Final = 28
ROW_PX: Final = 36


class RegionRow(QWidget):
    """One region: its picture, its name, and its buttons.

    Signals:
        chosen: It was clicked or came into focus.
        renamed: Its new name.
        shown: Whether it is to be visible.
        dice_requested, remove_requested: Another picture for it; take it out.
        dropped: `Dropped` on it.
    """

    chosen = Signal()
    renamed = Signal(str)
    shown = Signal(bool)
    dice_requested = Signal()
    remove_requested = Signal()
    dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self._region: Region | None = None
        self._pictures: SmallPictures | None = None
        self._is_chosen = False
        self.name_field = NameInPlace("")
        self.name_field.field.setMaxLength(MAX_REGION_NAME)
        self.name_field.field.setAccessibleName(tr("Name of the region"))
        self.dice = IconButton("dice", tr("Another picture here"), size=24)
        self.eye = IconButton("eye", tr("Show or hide"), size=24)
        self.bin = IconButton("trash", tr("Remove the region"), size=24)
        row = QHBoxLayout(self)
        row.setContentsMargins(_THUMB_PX + 12, 0, 2, 0)
        row.setSpacing(2)
        row.addWidget(self.name_field, 1)
        for button in (self.dice, self.eye, self.bin):
            row.addWidget(button)
        self.name_field.installEventFilter(self)
        self.name_field.renamed.connect(self.renamed)
        self.name_field.left.connect(self.setFocus)
        self.dice.clicked.connect(self.dice_requested)
        self.eye.clicked.connect(self._on_eye)
        self.bin.clicked.connect(self.remove_requested)

    def show_region(
        self, region: Region, number: int, *, is_chosen: bool, pictures: SmallPictures
    ) -> None:
        """Show a region; `number` counts from the lowest, 1."""
        self._region, self._is_chosen, self._pictures = region, is_chosen, pictures
        own = tr("Kept {n}", n=number) if region.kind == "keep" else tr("Mixed {n}", n=number)
        self.name_field.field.setPlaceholderText(own)
        self.name_field.set_text(region.name or own)
        self.name_field.set_quiet(not region.is_visible)
        self.setAccessibleName(region.name or own)
        self.dice.setVisible(region.kind == "mix")
        self.eye.set_icon_name("eye" if region.is_visible else "eye-off")
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Choose it by a click on its name, too."""
        if watched is self.name_field and event.type() == QEvent.Type.MouseButtonPress:
            self.chosen.emit()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        self.chosen.emit()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose it by the keyboard, too."""
        super().focusInEvent(event)
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Delete takes it out."""
        if event.key() == Qt.Key.Key_F2:
            self.name_field.edit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take kept pictures and styles."""
        if has_zones(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped."""
        dropped = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground of a chosen row, and the picture."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        place = QRectF(4, (self.height() - _THUMB_PX) / 2, _THUMB_PX, _THUMB_PX)
        image = None
        if self._region is not None and self._pictures is not None:
            image = self._pictures.request(self._region.recipe)
        if image is None:
            painter.fillRect(place, QColor(tokens.base))
        else:
            painter.drawImage(place, image)

    @Slot()
    def _on_eye(self) -> None:
        self.shown.emit(self._region is not None and not self._region.is_visible)


class RegionList(QWidget):
    """Shows the regions of the document and passes wishes to the editor.

    Signals:
        dropped: `Dropped` and the place of the region it was dropped on.
    """

    dropped = Signal(object, object)

    def __init__(
        self,
        document: Document,
        editor: RegionEditor,
        *,
        pictures: SmallPictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor, self._pictures = editor, pictures
        self._rows: list[RegionRow] = []
        self._empty = mark(QLabel(tr("Nothing painted yet.")), "second")
        self.strength = PercentRow(tr("Strength"))
        self.invert = IconButton("swap", tr("Turn the region inside out"))
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 4, 0, 0)
        below.setSpacing(4)
        below.addWidget(self.strength, 1)
        below.addWidget(self.invert)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self._empty)
        self._column.addWidget(self._below)
        self.strength.gesture_began.connect(document.begin_gesture)
        self.strength.gesture_ended.connect(document.end_gesture)
        self.strength.edited.connect(self._on_strength)
        self.invert.clicked.connect(self._on_invert)
        editor.chosen_changed.connect(self.refresh)
        pictures.ready.connect(self._on_picture)
        self.refresh(None)

    @property
    def rows(self) -> tuple[RegionRow, ...]:
        """The rows, the lowest region first."""
        return tuple(self._rows)

    @Slot(object)
    def refresh(self, _cause: object) -> None:
        """Show the regions as they are now."""
        regions = self._editor.regions
        while len(self._rows) < len(regions):
            self._add_row(len(self._rows))
        while len(self._rows) > len(regions):
            row = self._rows.pop()
            row.hide()
            row.deleteLater()
        for place, (row, region) in enumerate(zip(self._rows, regions, strict=True)):
            row.show_region(
                region,
                place + 1,
                is_chosen=place == self._editor.chosen,
                pictures=self._pictures,
            )
        chosen = self._editor.chosen_region
        self._empty.setVisible(not regions)
        self._below.setVisible(chosen is not None)
        if chosen is not None:
            self.strength.show_part(chosen.strength)

    def _add_row(self, place: int) -> None:
        row, editor = RegionRow(self), self._editor
        row.chosen.connect(partial(editor.choose, place))
        row.renamed.connect(lambda name: editor.change(place, name=name))
        row.shown.connect(lambda is_shown: editor.change(place, is_visible=is_shown))
        row.dice_requested.connect(partial(editor.roll, place))
        row.remove_requested.connect(partial(editor.remove, place))
        row.dropped.connect(lambda dropped: self.dropped.emit(dropped, place))
        self._rows.append(row)
        self._column.insertWidget(0, row)  # the highest on top
        row.show()

    @Slot(float)
    def _on_strength(self, strength: float) -> None:
        self._editor.change(self._editor.chosen, strength=strength)

    @Slot()
    def _on_invert(self) -> None:
        self._editor.invert(self._editor.chosen)

    @Slot(object)
    def _on_picture(self, _recipe: object) -> None:
        for row in self._rows:
            row.update()
