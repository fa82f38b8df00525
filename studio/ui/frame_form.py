"""The frame's controls: seamless tiles, other shapes than the square, mirroring."""

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.document import Document
from studio.app.frame_editor import FrameEditor
from studio.core.recipe import BASE_CELLS, Frame, Recipe, Tile
from studio.ui.elided_label import name_label
from studio.ui.icon_button import IconButton
from studio.ui.segments import Segments
from studio.ui.texts import N_, tr
from studio.ui.theme import mark

SHAPES: Final[tuple[tuple[tuple[int, int], str], ...]] = (
    ((4, 4), N_("1 : 1, as learned")),
    ((6, 4), N_("3 : 2")),
    ((8, 4), N_("2 : 1")),
    ((12, 4), N_("3 : 1")),
    ((4, 6), N_("2 : 3")),
    ((4, 8), N_("1 : 2")),
    ((8, 8), N_("1 : 1, four times the room")),
)
TILES: Final[tuple[tuple[Tile, str], ...]] = (
    ("none", N_("None")),
    ("x", N_("Across")),
    ("y", N_("Down")),
    ("both", N_("Both")),
)


class FrameForm(QWidget):
    """Shows the frame of the document and asks for another.

    Signals:
        repeats_edited: Whether the picture is to be shown 3 × 3.
    """

    repeats_edited = Signal(bool)

    def __init__(
        self, document: Document, editor: FrameEditor, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._is_showing = False
        self.tiles = Segments(tuple((key, tr(name)) for key, name in TILES), name=tr("Tile"))
        self.repeats = QCheckBox(tr("Show it 3 × 3"))
        self.shapes = QComboBox()
        self.shapes.setAccessibleName(tr("Shape"))
        self.same = QCheckBox(tr("Go on with the same picture"))
        self.dice = IconButton("dice", tr("Something else beyond the square"))
        self.mirrored = QCheckBox(tr("Swap left and right"))
        self._missing = mark(
            QLabel(
                tr(
                    "This model can only make its square: its graph is of another kind. "
                    "Painting and enlarging work all the same."
                )
            ),
            "second",
        )
        self._missing.setWordWrap(True)
        self._beyond = QWidget()
        self._lay_out()
        self._connect()
        self.set_possible(True)
        document.recipe_changed.connect(self._show_recipe)
        self._show_recipe(document.recipe)

    def set_possible(self, is_possible: bool) -> None:
        """Say whether the model can make tiles and other shapes."""
        self._missing.setVisible(not is_possible)
        self.tiles.setEnabled(is_possible)
        self.shapes.setEnabled(is_possible)

    def show_repeats(self, is_shown: bool) -> None:
        """Tick whether the picture is shown 3 × 3."""
        self.repeats.setChecked(is_shown)

    def _lay_out(self) -> None:
        beyond = QHBoxLayout(self._beyond)
        beyond.setContentsMargins(0, 0, 0, 0)
        beyond.addWidget(self.same, 1)
        beyond.addWidget(self.dice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._missing)
        column.addLayout(_row(tr("Tile"), self.tiles))
        column.addWidget(self.repeats)
        column.addLayout(_row(tr("Shape"), self.shapes))
        column.addWidget(self._beyond)
        column.addWidget(self.mirrored)

    def _connect(self) -> None:
        for _, name in SHAPES:
            self.shapes.addItem(tr(name))
        self.tiles.current_changed.connect(self._on_tile)
        self.repeats.toggled.connect(self.repeats_edited)
        self.shapes.activated.connect(self._on_shape)
        self.same.toggled.connect(self._on_same)
        self.dice.clicked.connect(self._editor.roll_beyond)
        self.mirrored.toggled.connect(self._on_mirrored)

    @Slot(object)
    def _show_recipe(self, recipe: Recipe | None) -> None:
        frame = (recipe.frame if recipe else None) or Frame()
        size = frame.size or (BASE_CELLS, BASE_CELLS)
        self._is_showing = True
        self.tiles.set_current(frame.tile)
        self._show_size(size)
        self._beyond.setVisible(frame.size is not None)
        self.same.setChecked(frame.beyond is None)
        self.dice.setEnabled(frame.beyond is not None)
        self.mirrored.setChecked(frame.is_mirrored)
        self._is_showing = False

    def _show_size(self, size: tuple[int, int]) -> None:
        """Choose the shape; one that has no name of its own gets a line at the end."""
        known = [cells for cells, _ in SHAPES]
        while self.shapes.count() > len(SHAPES):
            self.shapes.removeItem(len(SHAPES))
        if size not in known:
            self.shapes.addItem(f"{size[0]} × {size[1]}")
        self.shapes.setCurrentIndex(known.index(size) if size in known else len(SHAPES))

    @Slot(object)
    def _on_tile(self, tile: Tile) -> None:
        if not self._is_showing:
            self._editor.set_tile(tile)

    @Slot(int)
    def _on_shape(self, place: int) -> None:
        if place < len(SHAPES):
            self._editor.set_size(SHAPES[place][0])

    @Slot(bool)
    def _on_same(self, is_same: bool) -> None:
        if not self._is_showing:
            self._editor.set_same_beyond(is_same)

    @Slot(bool)
    def _on_mirrored(self, is_mirrored: bool) -> None:
        if not self._is_showing:
            self._editor.set_mirrored(is_mirrored)


def _row(name: str, widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    label = name_label(QLabel(name))
    label.setMinimumWidth(48)
    row.addWidget(label)
    row.addWidget(widget, 1)
    return row
