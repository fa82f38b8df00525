"""The wall with the lines above it: what is shown, how far it varies, breeding, back."""

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.app.small_pictures import SmallPictures
from studio.core.breeding import DEFAULT_SPREAD
from studio.core.recipe import Recipe
from studio.ui.elided_label import ElidedLabel
from studio.ui.fine_slider import FineSlider
from studio.ui.icon_button import IconButton
from studio.ui.recipe_thumbs import RecipeThumbs
from studio.ui.segments import Segments
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.wall import Wall, WallKind, WallPick
from studio.ui.wall_words import say_breed, say_seeds, say_title, say_varied

_SIDES: Final = (3, 4, 6)


class WallPage(QWidget):
    """Holds a wall and its buttons."""

    def __init__(
        self,
        wall: Wall,
        *,
        pictures: SmallPictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "canvas")
        self.setFocusProxy(wall)
        self.wall = wall
        self.bar = BreedBar(wall, pictures=pictures)
        self._title = mark(ElidedLabel(), "sentence")
        self._note = mark(ElidedLabel(), "sentence-second")
        self._back = IconButton("chevron-left", tr("Sheet before"))
        self._on = IconButton("chevron-right", tr("Sheet after"))
        self._more = mark(QPushButton(tr("More"), self), "bar")
        self._more.setAccessibleName(tr("More pictures"))
        self._more.setToolTip(tr("Other pictures (R)"))
        self.breed = mark(QPushButton(), "bar")
        self.breed.setToolTip(tr("New sheet from the chosen pictures (X)"))
        self._close = IconButton("close", tr("Back to the picture (Esc)"), parent=self)
        head = QHBoxLayout()
        head.setContentsMargins(24, 12, 24, 0)
        for widget, stretch in (
            (self._back, 0), (self._on, 0), (self._title, 0), (self._note, 1), (self.breed, 0),
            (self._more, 0), (self._close, 0),
        ):  # fmt: skip
            head.addWidget(widget, stretch)
        head.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(wall, 1)
        self._back.clicked.connect(lambda: wall.desk.turn(-1))
        self._on.clicked.connect(lambda: wall.desk.turn(1))
        self.breed.clicked.connect(wall.breed)
        self._more.clicked.connect(wall.desk.refill)
        self._close.clicked.connect(wall.close_requested)
        wall.desk.sheet_changed.connect(self._say)
        wall.desk.tiles_changed.connect(self._say_chosen)
        self._say(None)

    @property
    def title(self) -> str:
        """What is said to be shown."""
        return self._title.full_text

    def open(self, kind: WallKind, recipe: Recipe | None) -> None:
        """Fill the wall and take the keyboard."""
        self.wall.desk.fill(kind, recipe)
        self.wall.setFocus()

    @Slot(object)
    def _say(self, _cause: object) -> None:
        trail, sheet = self.wall.desk.trail, self.wall.desk.sheet
        self._title.set_full_text(say_title(sheet))
        self._back.setEnabled(trail.can_go_back)
        self._on.setEnabled(trail.can_go_forward)
        has_trail = trail.can_go_back or trail.can_go_forward
        self._back.setVisible(has_trail)
        self._on.setVisible(has_trail)
        self._say_chosen(None)

    @Slot(object)
    def _say_chosen(self, _cause: object) -> None:
        count = len(self.wall.chosen)
        if count > 1:
            said = tr("{n} chosen. X crosses them.", n=count)
        elif count:
            said = tr("1 chosen. Choose another to cross them, or press X to vary it.")
        else:
            said = tr("Click opens, the star keeps, ticked pictures are crossed.")
        self._note.set_full_text(said)
        self.breed.setText(say_breed(count))
        self.breed.setAccessibleName(say_breed(count))
        role = "main" if count > 1 else "bar"
        if self.breed.property("role") != role:
            mark(self.breed, role)


class BreedBar(QWidget):
    """The second line: parents, what varies and how far, how many, and the button that breeds."""

    def __init__(
        self,
        wall: Wall,
        *,
        pictures: SmallPictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._wall = wall
        self.parents = RecipeThumbs(pictures.request)
        pictures.ready.connect(self.parents.refresh)
        self.zones = mark(ElidedLabel(), "sentence-small")
        self._spread_name = mark(QLabel(tr("Spread")), "sentence-small")
        self.spread = FineSlider(
            0.0, 1.0, name=tr("Spread of the variations"), step=0.05, default=DEFAULT_SPREAD
        )
        self.spread.setToolTip(tr("How far variations go from their parents"))
        self.spread.setMinimumWidth(90)
        self.spread.setMaximumWidth(240)
        self.spread.show_number(DEFAULT_SPREAD)
        labels = tuple((str(side), str(side * side)) for side in _SIDES)
        self.sides = Segments(labels, name=tr("How many pictures"))
        self.sides.setToolTip(tr("How many pictures"))
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 0)
        row.setSpacing(8)
        row.addWidget(self.parents)
        row.addWidget(self.zones, 1)
        row.addWidget(self._spread_name)
        row.addWidget(self.spread, 2)
        row.addWidget(self.sides)
        desk = wall.desk
        self.spread.value_edited.connect(desk.set_spread)
        self.spread.default_requested.connect(self._reset_spread)
        self.sides.current_changed.connect(lambda key: desk.set_side(int(key)))
        self.parents.clicked.connect(self._open_parent)
        desk.sheet_changed.connect(self._show)
        desk.sheet_varied.connect(self._show)
        self._show(None)

    @Slot(object)
    def _show(self, _cause: object) -> None:
        sheet = self._wall.desk.sheet
        is_bred = sheet is not None and sheet.kind != "fresh"
        self.setVisible(is_bred)
        if sheet is not None:
            tips = [tr("Parent: {seeds}", seeds=say_seeds(one)) for one in sheet.parents]
            self.parents.show_recipes(sheet.parents, tips=tips)
            self.zones.set_full_text(say_varied(sheet))
            self.spread.show_number(sheet.spread)

    @Slot()
    def _reset_spread(self) -> None:
        self.spread.show_number(DEFAULT_SPREAD)
        self._wall.desk.set_spread(DEFAULT_SPREAD)

    @Slot(object)
    def _open_parent(self, recipe: Recipe) -> None:
        self._wall.recipe_chosen.emit(WallPick(recipe))
