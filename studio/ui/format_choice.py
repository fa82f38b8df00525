"""The kind of file for an export, and its bits for each colour where there is a choice."""

from typing import Final, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.export.stills import DEEP_FORMATS, FileFormat
from studio.ui.segments import Segments
from studio.ui.texts import tr

_COLUMNS: Final = 4  # the layered ones are in the second row


class FormatChoice(QWidget):
    """Two rows of segments.

    Signals:
        changed: Another kind or another depth was chosen by hand.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kinds = (
            ("png", "PNG"), ("tiff", "TIFF"), ("jpeg", "JPEG"), ("webp", "WebP"), ("avif", "AVIF"),
            ("ora", "ORA"), ("psd", "PSD"),
        )  # fmt: skip
        self.formats = Segments(kinds, name=tr("Format"), num_columns=_COLUMNS)
        self.formats.button("ora").setToolTip(tr("OpenRaster: layers for Krita, GIMP, MyPaint"))
        self.formats.button("psd").setToolTip(tr("Photoshop: layers and masks"))
        depths = (("8", tr("8 bits")), ("16", tr("16 bits")))
        self.bits = Segments(depths, name=tr("Bits for each colour"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for choice in (self.formats, self.bits):
            column.addWidget(choice)
            choice.current_changed.connect(self.changed)

    @property
    def file_format(self) -> FileFormat:
        """What is chosen."""
        return next(
            (known for known in get_args(FileFormat) if known == self.formats.current), "png"
        )

    @property
    def num_bits(self) -> int:
        """Bits for each colour, 8 or 16."""
        return int(self.bits.current)

    def show_choice(self, kind: FileFormat, bits: int) -> None:
        """Show what is remembered; depth only where the kind leaves a choice."""
        self.formats.set_current(kind)
        self.bits.set_current(str(bits))
        self.bits.setVisible(kind in DEEP_FORMATS)
