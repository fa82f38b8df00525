"""The line that chooses a sound and what its loudness does."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from studio.app.walk_desk import WalkDesk
from studio.core.directions import DirectionEntry
from studio.core.recipe import MAX_STRENGTH
from studio.core.walk import Drive, SoundDrive
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.number_box import NumberBox
from studio.ui.texts import N_, tr
from studio.ui.theme import mark

_DRIVES: Final[tuple[tuple[Drive, str], ...]] = (
    ("strength", N_("moves a slider")),
    ("speed", N_("makes it faster")),
)
_NAME_PX: Final = 160


class WalkSoundRow(QWidget):
    """Shows the sound of the present walk and changes it."""

    def __init__(self, desk: WalkDesk, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._directions: tuple[DirectionEntry, ...] = ()
        self.choose = QPushButton(tr("Choose a sound…"))
        self.choose.setAccessibleName(tr("Choose a sound…"))
        self.name = ElidedLabel()
        self.name.setFixedWidth(_NAME_PX)
        self.drive = QComboBox()
        for key, text in _DRIVES:
            self.drive.addItem(tr(text), key)
        self.drive.setAccessibleName(tr("What the sound does"))
        self.drive.setToolTip(tr("What the sound does"))
        self.direction = QComboBox()
        self.direction.setAccessibleName(tr("Slider that the sound moves"))
        self.direction.setToolTip(tr("Slider that the sound moves"))
        self.direction.setMinimumWidth(120)
        self.amount = NumberBox(
            -MAX_STRENGTH, MAX_STRENGTH, name=tr("How much at the loudest place"), is_signed=True
        )
        self.amount.setToolTip(tr("How much at the loudest place"))
        self.remove = IconButton("close", tr("Without a sound"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        by = mark(QLabel(tr("by up to")), "second")
        self._rest = (self.drive, self.direction, by, self.amount, self.remove)
        for widget in (self.choose, self.name, *self._rest):
            row.addWidget(widget)
        row.addStretch(1)
        self.choose.clicked.connect(self._choose)
        self.drive.activated.connect(self._tell)
        self.direction.activated.connect(self._tell)
        self.amount.number_edited.connect(self._tell)
        self.remove.clicked.connect(lambda: desk.set_sound("", None))
        desk.changed.connect(self._show)
        self._show()

    def show_directions(self, entries: tuple[DirectionEntry, ...]) -> None:
        """Offer the sliders of a model."""
        self._directions = entries
        self.direction.clear()
        for entry in entries:
            self.direction.addItem(entry.name, entry.id)
        self._show()

    def take(self, path: Path) -> None:
        """Take a sound."""
        old = self._desk.walk.sound
        first = tuple(entry.id for entry in self._directions[:1])
        self._desk.set_sound(str(path), old or SoundDrive(directions=first))

    @Slot()
    def _show(self, _cause: object = None) -> None:
        saved = self._desk.present
        drive = saved.walk.sound
        self.name.set_full_text(Path(saved.sound).name if saved.sound else "")
        self.name.setVisible(bool(saved.sound))
        for widget in self._rest:
            widget.setVisible(bool(saved.sound) and drive is not None)
        if drive is not None:
            self.drive.setCurrentIndex(self.drive.findData(drive.drive))
            self.amount.show_number(drive.amount)
            self.direction.setVisible(bool(saved.sound) and drive.drive == "strength")
            if drive.directions:
                self.direction.setCurrentIndex(self.direction.findData(drive.directions[0]))

    @Slot()
    def _tell(self, _cause: object = None) -> None:
        drive: Drive = self.drive.currentData()
        amount = self.amount.value()
        chosen = self.direction.currentData()
        sound = SoundDrive(
            drive=drive,
            amount=abs(amount) if drive == "speed" else amount,
            directions=(chosen,) if chosen else (),
        )
        self._desk.set_sound(self._desk.present.sound, sound)

    @Slot()
    def _choose(self) -> None:
        before = self._desk.present.sound
        kinds = tr("Sounds (*.wav *.mp3 *.flac *.ogg *.m4a *.opus *.aif *.aiff);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Choose a sound"), str(Path(before).parent) if before else "", kinds
        )
        if path:
            self.take(Path(path))
