"""The Paint panel: the brush, the painted regions, and the picture's frame."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from studio.app.brush_hand import BrushHand
from studio.app.document import Document
from studio.app.engine_client import EngineClient
from studio.app.frame_editor import FrameEditor
from studio.app.region_editor import RegionEditor
from studio.app.small_pictures import SmallPictures
from studio.ui.brush_tools import BrushTools
from studio.ui.frame_form import FrameForm
from studio.ui.panel_parts import PanelPart
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.region_list import RegionList
from studio.ui.texts import tr

_THUMB_PX = 64


class PaintPanel(QWidget):
    """Holds the hand and the editors of what is painted and framed."""

    def __init__(
        self, document: Document, engine: EngineClient, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.editor = RegionEditor(document, parent=self)
        self.hand = BrushHand(document, engine, editor=self.editor, parent=self)
        self.frame = FrameEditor(document, parent=self)
        self.tools = BrushTools(self.hand)
        pictures = SmallPictures(engine, "region", size=_THUMB_PX, parent=self)
        self.regions = RegionList(document, self.editor, pictures=pictures)
        self.form = FrameForm(document, self.frame)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 2, 12)
        column.setSpacing(10)
        column.addWidget(PanelPart(tr("Brush"), self.tools, has_line=False))
        column.addWidget(PanelPart(tr("Regions"), self.regions))
        column.addWidget(PanelPart(tr("Frame"), self.form))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_room(area)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self.tools.mode_edited.connect(self.hand.set_mode)
