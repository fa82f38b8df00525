"""The mixing sheet with the line above it: which zones the columns give, export, back."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.app.mixing_desk import MixingDesk
from studio.core.recipe import ZONES, Zone
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.mixing_view import MixingView
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.zone_chips import ZONE_NAMES


class MixingPage(QWidget):
    """Holds the sheet and its buttons.

    Signals:
        export_requested: Write the sheet as one picture.
    """

    export_requested = Signal()

    def __init__(
        self, desk: MixingDesk, view: MixingView, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "canvas")
        self.setFocusProxy(view)
        self._desk, self.view = desk, view
        self._title = mark(ElidedLabel(tr("Mixing sheet")), "sentence")
        self._note = mark(ElidedLabel(), "sentence-small")
        self.zones = ZoneToggles()
        self.zones.setToolTip(tr("What the columns give; the rows give the rest"))
        more = mark(QPushButton(tr("More")), "bar")
        more.setAccessibleName(tr("More pictures"))
        more.setToolTip(tr("Other pictures for all but the first row (R)"))
        self.export = mark(QPushButton(tr("Export sheet")), "bar")
        self.export.setToolTip(tr("Write the whole sheet as one picture"))
        close = IconButton("close", tr("Back to the picture (Esc)"))
        self._lay_out((more, self.export, close))
        self.zones.zones_edited.connect(desk.set_zones)
        more.clicked.connect(desk.roll_all)
        self.export.clicked.connect(self.export_requested)
        close.clicked.connect(view.close_requested)
        desk.changed.connect(self._show)
        desk.progress_changed.connect(self._on_progress)
        desk.exported.connect(self._show)
        desk.failed.connect(self._show)
        self._show(None)

    def _lay_out(self, buttons: tuple[QWidget, ...]) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(24, 12, 24, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addSpacing(8)
        head.addWidget(mark(QLabel(tr("Columns give")), "sentence-small"))
        head.addWidget(self.zones)
        head.addStretch(1)
        for widget in buttons:
            head.addWidget(widget)
        self._note.setContentsMargins(24, 4, 24, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addWidget(self.view, 1)

    @Slot(object)
    def _show(self, _cause: object) -> None:
        self.zones.show_zones(self._desk.zones)
        self.export.setEnabled(not self._desk.is_exporting)
        self.export.setText(tr("Export sheet"))
        self._note.set_full_text(
            tr("Drop pictures on the left and on top. Click a mix to go there, the star keeps it.")
        )

    @Slot(object)
    def _on_progress(self, progress: tuple[int, int]) -> None:
        self.export.setEnabled(False)
        self.export.setText(tr("{done} of {total}", done=progress[0], total=progress[1]))


class ZoneToggles(QWidget):
    """Three buttons for what the columns give: one or two of the zones.

    Signals:
        zones_edited: Tuple of the zones.
    """

    zones_edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "well")
        self.setFixedHeight(32)
        self.setAccessibleName(tr("What the columns give"))
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self.buttons: dict[Zone, QPushButton] = {}
        for zone in ZONES:
            button = mark(QPushButton(tr(ZONE_NAMES[zone])), "segment")
            button.setCheckable(True)
            button.setAccessibleName(tr(ZONE_NAMES[zone]))
            button.clicked.connect(self._on_clicked)
            self.buttons[zone] = button
            row.addWidget(button)

    def show_zones(self, zones: tuple[Zone, ...]) -> None:
        """Show which zones are given."""
        for zone, button in self.buttons.items():
            button.setChecked(zone in zones)

    @Slot()
    def _on_clicked(self) -> None:
        chosen = tuple(zone for zone, button in self.buttons.items() if button.isChecked())
        if 0 < len(chosen) < len(ZONES):
            self.zones_edited.emit(chosen)
            return
        sender = self.sender()  # none or all: the sheet would show only its heads again
        assert isinstance(sender, QPushButton)
        sender.setChecked(not sender.isChecked())
