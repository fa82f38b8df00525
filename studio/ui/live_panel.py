"""The Live panel: whether messages are received and sent, how many came, and the addresses."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.live_desk import LiveState
from studio.app.preferences import LivePreferences
from studio.core.live import ROOT
from studio.ui.number_box import NumberBox
from studio.ui.texts import N_, tr
from studio.ui.theme import mark

_MIN_PORT: Final = 1024  # lower ones belong to the system
_MAX_PORT: Final = 65_535
_BOX_PX: Final = 68
# Address below the root, its numbers, what it does; sliders are put in between.
FIRST: Final = (
    ("seed", "0 … 2³¹−1", N_("Seed")),
    ("dice", "1", N_("New seed")),
    ("psi", "0 … 1.5", N_("Truncation")),
    ("mix", "0 … 1", N_("Share of source B")),
    ("zone/coarse", "0, 1", N_("Sliders change the coarse zone")),
    ("zone/medium", "0, 1", N_("Sliders change the medium zone")),
    ("zone/fine", "0, 1", N_("Sliders change the fine zone")),
)
LAST: Final = (
    ("style", "1, 2, …", N_("A style of this model, by its place")),
    ("kept", "1, 2, …", N_("A kept picture of this model, 1 is the newest")),
    ("walk/play", "1", N_("Play the walk")),
    ("walk/stop", "1", N_("Stop the walk")),
    ("walk/position", "0 … 1", N_("Place in the walk")),
)


class LivePanel(QWidget):
    """Shows and asks.

    Signals:
        listen_asked: Whether to receive.
        send_asked: Whether to send.
        ports_chosen: `LivePreferences`.
    """

    listen_asked = Signal(bool)
    send_asked = Signal(bool)
    ports_chosen = Signal(object)

    def __init__(self, ports: LivePreferences, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listen = QCheckBox(tr("Receive on this computer"))
        self.send = QCheckBox(tr("Send what changes"))
        self.port = _port_box(tr("Port to receive on"), ports.port)
        self.out_port = _port_box(tr("Port to send to"), ports.out_port)
        self.said = QLabel()
        self.counts = mark(QLabel(), "second")
        self.last = mark(QLabel(), "second")
        self.table = _make_table()
        self.copy = QPushButton(tr("Copy all addresses"))
        self._lay_out()
        self.listen.clicked.connect(self.listen_asked)
        self.send.clicked.connect(self.send_asked)
        for box in (self.port, self.out_port):
            box.number_edited.connect(self._on_port)
        self.copy.clicked.connect(self._copy_all)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self._copy_chosen)
        self.show_state(LiveState())

    def show_state(self, state: LiveState) -> None:
        """Show how it stands."""
        self.listen.setChecked(state.port > 0)
        self.send.setChecked(state.out_port > 0)
        self.port.setEnabled(not state.port)
        self.out_port.setEnabled(not state.out_port)
        if state.port:
            self.say(tr("Listening on port {port}, to this computer only.", port=state.port))
        else:
            self.say(tr("Off. Nothing is received."))
        self.counts.setText(
            tr(
                "{taken} understood · {refused} refused · {sent} sent",
                taken=state.num_taken,
                refused=state.num_refused,
                sent=state.num_sent,
            )
        )
        last = state.last
        name = "" if last is None else f"{ROOT}{last.address}"
        said = "" if last is None else tr("Last: {what}", what=f"{name} {last.number:.4g}")
        self.last.setText(said)

    def say(self, sentence: str, *, is_error: bool = False) -> None:
        """Say how it stands, or why it cannot be done."""
        self.said.setText(sentence)
        mark(self.said, "error" if is_error else "")

    def show_sliders(self, names: Sequence[str]) -> None:
        """List the addresses, with the sliders as they are shown now."""
        sliders = [(f"slider/{place}", "−3 … 3", name) for place, name in enumerate(names, start=1)]
        rows = [
            *((path, numbers, tr(what)) for path, numbers, what in FIRST),
            *sliders,
            *((path, numbers, tr(what)) for path, numbers, what in LAST),
        ]
        self.table.setRowCount(len(rows))
        for row, (path, numbers, what) in enumerate(rows):
            for column, text in enumerate((f"{ROOT}{path}", numbers, what)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        for switch, box in ((self.listen, self.port), (self.send, self.out_port)):
            row = QHBoxLayout()
            row.addWidget(switch, 1)
            row.addWidget(mark(QLabel(tr("Port")), "second"))
            row.addWidget(box)
            column.addLayout(row)
        for label in (self.said, self.counts, self.last):
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(self.table, 1)
        hint = mark(
            QLabel(
                tr(
                    "To teach a controller: turn “Send what changes” on, let the controller learn,"
                    " and move the slider here."
                )
            ),
            "second",
        )
        hint.setWordWrap(True)
        column.addWidget(hint)
        column.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignRight)

    @Slot()
    def _on_port(self) -> None:
        self.ports_chosen.emit(
            LivePreferences(port=int(self.port.value()), out_port=int(self.out_port.value()))
        )

    @Slot()
    def _copy_all(self) -> None:
        self._copy(range(self.table.rowCount()))

    @Slot()
    def _copy_chosen(self) -> None:
        self._copy(sorted({index.row() for index in self.table.selectedIndexes()}))

    def _copy(self, rows: Sequence[int]) -> None:
        lines = []
        for row in rows:
            items = [self.table.item(row, column) for column in range(self.table.columnCount())]
            lines.append("\t".join(item.text() for item in items if item is not None))
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))


def _port_box(name: str, port: int) -> NumberBox:
    box = NumberBox(_MIN_PORT, _MAX_PORT, name=name, decimals=0)
    box.setFixedWidth(_BOX_PX)
    box.setToolTip(name)
    box.show_number(port)
    return box


def _make_table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setAccessibleName(tr("Addresses"))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    header = table.horizontalHeader()
    header.hide()
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return table
