"""The kind of file for an export, and its bits for each colour where there is a choice."""

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.export.stills import DEEP_FORMATS, Format
from studio.ui.segments import Segments
from studio.ui.texts import tr


class FormatChoice(QWidget):
    """Two rows of segments.

    Signals:
        changed: Another kind or another depth was chosen by hand.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kinds = (("png", "PNG"), ("tiff", "TIFF"), ("jpeg", "JPEG"), ("webp", "WebP"))
        self.formats = Segments((*kinds, ("avif", "AVIF")), name=tr("Format"))
        depths = (("8", tr("8 bits")), ("16", tr("16 bits")))
        self.bits = Segments(depths, name=tr("Bits for each colour"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for choice in (self.formats, self.bits):
            column.addWidget(choice)
            choice.current_changed.connect(self.changed)

    @property
    def file_format(self) -> Format:
        """What is chosen."""
        return next((known for known in get_args(Format) if known == self.formats.current), "png")

    @property
    def num_bits(self) -> int:
        """Bits for each colour, 8 or 16."""
        return int(self.bits.current)

    def show_choice(self, kind: Format, bits: int) -> None:
        """Show what is remembered; depth only where the kind leaves a choice."""
        self.formats.set_current(kind)
        self.bits.set_current(str(bits))
        self.bits.setVisible(kind in DEEP_FORMATS)
