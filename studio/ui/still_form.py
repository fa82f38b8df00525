"""How single pictures are exported: preset, format, size, quality."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from studio.app.preferences import ExportPreferences
from studio.export.stills import LAYERED_FORMATS, LOSSY_FORMATS
from studio.ui.fine_slider import FineSlider
from studio.ui.form_rows import form_column, labelled, section
from studio.ui.format_choice import FormatChoice
from studio.ui.number_box import NumberBox
from studio.ui.preset_row import PresetRow
from studio.ui.segments import Segments
from studio.ui.size_note import SizeNote
from studio.ui.texts import tr
from studio.ui.theme import mark

_SIZES: Final = (512, 1024, 2048)
_ROOM_FOR_SLIDER_PX: Final = 140


class StillForm(QWidget):
    """Shows and asks.

    Signals:
        changed: None; the artist chose something else.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_showing = False
        self._longer_px: tuple[int, ...] = ()
        self.presets = PresetRow()
        self.kind = FormatChoice()
        self.in_one = QCheckBox(tr("All pictures in one file"))
        self.in_one.setToolTip(tr("Several pictures become the layers of one file"))
        sizes = (("own", tr("As made")), *((str(size), str(size)) for size in _SIZES))
        self.sizes = Segments(sizes, name=tr("Size"))
        self.note = SizeNote()
        self.power = QCheckBox(tr("Sides are powers of two"))
        self.power.setToolTip(tr("For textures: each side is brought to the nearest power of two"))
        self.quality = FineSlider(1, 100, name=tr("Quality"), step=1)
        self.quality.setMinimumWidth(_ROOM_FOR_SLIDER_PX)
        self.quality_box = NumberBox(1, 100, name=tr("Quality"), decimals=0)
        self._quality_row = labelled(tr("Quality"), self.quality, self.quality_box)
        said = mark(QLabel(tr("sRGB, profile embedded")), "second")
        said.setAlignment(Qt.AlignmentFlag.AlignRight)
        column = form_column(self)
        for row in (
            section(tr("Preset")),
            self.presets,
            section(tr("Format")),
            self.kind,
            self.in_one,
            section(tr("Size, longer side in pixels")),
            self.sizes,
            self.note,
            self.power,
            self._quality_row,
            labelled(tr("Colour"), said),
        ):
            column.addWidget(row)
        self.kind.changed.connect(self._take)
        self.sizes.current_changed.connect(self._take)
        self.power.toggled.connect(self._take)
        self.in_one.toggled.connect(self._take)
        self.quality.value_edited.connect(self._take_quality)
        self.quality_box.number_edited.connect(self._take_quality)

    def show_sizes(self, longer_px: Sequence[int], chosen: ExportPreferences) -> None:
        """Say how pictures of these longer sides come to the chosen size."""
        self._longer_px = tuple(longer_px)
        self.note.show_sizes(self._longer_px, chosen.size)

    def show_choice(self, chosen: ExportPreferences) -> None:
        """Show what is remembered."""
        self._is_showing = True  # half of it shown must not be taken for a choice
        self.kind.show_choice(chosen.format, chosen.bits)
        self.sizes.set_current("own" if chosen.size is None else str(chosen.size))
        self.note.show_sizes(self._longer_px, chosen.size)
        self.power.setChecked(chosen.is_power_of_two)
        self.in_one.setChecked(chosen.in_one)
        self.in_one.setVisible(chosen.format in LAYERED_FORMATS)
        self.quality.show_number(float(chosen.quality))
        self.quality_box.show_number(float(chosen.quality))
        self._quality_row.setVisible(chosen.format in LOSSY_FORMATS)
        self._is_showing = False

    def read(self, chosen: ExportPreferences) -> ExportPreferences:
        """Give the preferences with what is chosen here."""
        own = self.sizes.current == "own"
        return msgspec.structs.replace(
            chosen,
            format=self.kind.file_format,
            bits=self.kind.num_bits,
            size=None if own else int(self.sizes.current),
            is_power_of_two=self.power.isChecked(),
            in_one=self.in_one.isChecked(),
            quality=round(self.quality_box.value()),
        )

    @Slot()
    def _take(self) -> None:
        if not self._is_showing:
            self.changed.emit()

    @Slot(float)
    def _take_quality(self, quality: float) -> None:
        self.quality_box.show_number(float(round(quality)))
        self._take()
