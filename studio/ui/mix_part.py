"""The mix in the Latents panel: two sources by a slider, more of them on a pad."""

from PySide6.QtCore import Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.latent_editor import LatentEditor
from studio.app.small_pictures import SmallPictures
from studio.core.blending import shares_of
from studio.core.mixing import alone
from studio.core.recipe import MAX_SOURCES, Recipe
from studio.ui.blend_pad import BlendPad
from studio.ui.canvas_drop import has_zones, read_drop
from studio.ui.icon_button import IconButton
from studio.ui.mix_row import MixRow
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of


class MixPart(QWidget):
    """Shows the sources of the picture and asks for other shares.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        dropped: `Dropped`: a picture that is to be one source more.
    """

    gesture_began = Signal()
    gesture_ended = Signal()
    dropped = Signal(object)

    def __init__(
        self, editor: LatentEditor, pictures: SmallPictures, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor, self._pictures = editor, pictures
        self._is_target = False
        self.setAcceptDrops(True)
        self.row, self.pad = MixRow(), BlendPad()
        self.add = IconButton(
            "plus", tr("Add a source (up to eight); or drop a picture here"), size=24
        )
        keeps_place = self.add.sizePolicy()
        keeps_place.setRetainSizeWhenHidden(True)
        self.add.setSizePolicy(keeps_place)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(mark(QLabel(tr("Mix of sources")), "second"))
        head.addStretch(1)
        head.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.row)
        column.addWidget(self.pad)
        for hand in (self.row, self.pad):
            hand.gesture_began.connect(self.gesture_began)
            hand.gesture_ended.connect(self.gesture_ended)
        self.row.mix_edited.connect(editor.set_mix)
        self.row.swap_requested.connect(editor.swap)
        self.row.dice_requested.connect(editor.roll_b)
        self.pad.shares_edited.connect(editor.set_shares)
        self.pad.remove_requested.connect(editor.remove_source)
        self.pad.dice_requested.connect(editor.roll_source)
        self.add.clicked.connect(editor.roll_added)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the sources of a recipe: a slider for two, a pad for more."""
        count, editor = len(recipe.sources), self._editor
        images = tuple(self._pictures.request(alone(recipe, place)) for place in range(count))
        self.row.setVisible(count <= 2)
        self.pad.setVisible(count > 2)
        self.add.setVisible(count > 1)  # the first one has a place of its own
        self.add.setEnabled(count < MAX_SOURCES)
        if count > 2:
            self.pad.show_blend(shares_of(recipe, editor.zones[0]), images)
        else:
            self.row.show_mix(editor.mix(), has_b=editor.has_b)
            self.row.a.show_image(images[0], is_there=True)
            self.row.b.show_image(images[-1], is_there=count > 1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for a picture with a recipe."""
        if has_zones(event.mimeData()) and self.add.isEnabled():
            self._light(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the dropped picture as a source."""
        self._light(False)
        dropped = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame of the lit."""
        if self._is_target:
            painter = QPainter(self)
            painter.setPen(QPen(QColor(tokens_of(self.palette()).accent), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)

    def _light(self, is_lit: bool) -> None:
        self._is_target = is_lit
        self.update()
