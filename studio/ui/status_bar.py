"""The status bar: what is saved and going on at the left, what is seen and how fast at the right."""

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QVBoxLayout, QWidget

from studio.ui.latency import Latency, LatencyLog
from studio.ui.texts import tr
from studio.ui.theme import mark

_NARROW_PX: Final = 900


class StatusBar(QStatusBar):
    """Says in short words how things are.

    Signals:
        latency_requested: The frame time was pressed.
        training_requested: The training at work was pressed.
    """

    latency_requested = Signal()
    training_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(10, 0, 10, 0)
        self._saved = self._label("second", tr("Saved state"))
        self._work = self._label("", tr("Work in the background"))
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(96)
        self._progress.setAccessibleName(tr("Progress"))
        self._left = self._label("second", tr("Time left"))
        self._training = mark(QPushButton(self), "quiet")
        self._training.setToolTip(tr("Go to the training"))
        self._training.clicked.connect(self.training_requested)
        self._trained = QProgressBar(self)
        self._trained.setTextVisible(False)
        self._trained.setFixedWidth(96)
        self._trained.setAccessibleName(tr("Progress of the training"))
        self._training_left = self._label("second", tr("Time left for the training"))
        left: tuple[QWidget, ...] = (
            self._saved, self._work, self._progress, self._left,
            self._training, self._trained, self._training_left,
        )  # fmt: skip
        for widget in left:
            self.addWidget(widget)
        self._size = self._label("second", tr("Size of the picture"))
        self._zoom = self._label("second", tr("Zoom"))
        self._provider = self._label("", tr("Runs on"))
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold)
        self._provider.setFont(font)
        self._time = mark(QPushButton(self), "quiet")
        self._time.setAccessibleName(tr("Time per picture"))
        self._time.setToolTip(tr("Time for the last picture. Press for more."))
        self._time.clicked.connect(self.latency_requested)
        right: tuple[QWidget, ...] = (self._size, self._zoom, self._provider, self._time)
        for widget in right:
            self.addPermanentWidget(widget)
        self.show_work("", None)
        self.show_training("", 0.0)
        self._time.hide()

    def show_saved(self, sentence: str, *, is_wrong: bool = False) -> None:
        """Say whether everything is saved."""
        self._saved.setText(sentence)
        mark(self._saved, "warn" if is_wrong else "second")

    def show_work(self, what: str, share: float | None, *, left: str = "") -> None:
        """Say what goes on in the background; "" for nothing. `share` 0…1 shows a bar."""
        self._work.setText(what)
        self._work.setVisible(bool(what))
        self._progress.setVisible(bool(what) and share is not None)
        self._progress.setValue(round(100 * (share or 0.0)))
        self._left.setText(left)
        self._left.setVisible(bool(left))

    def show_training(self, what: str, share: float, *, left: str = "") -> None:
        """Say how far the training at work is, 0…1; "" for none."""
        for widget in (self._training, self._trained, self._training_left):
            widget.setVisible(bool(what))
        self._training.setText(what)
        self._training.setAccessibleName(f"{what} {left}".strip())
        self._trained.setValue(round(100 * share))
        self._training_left.setText(left)

    def show_size(self, width: int, height: int) -> None:
        """Show the size of the picture in pixels; 0 × 0 shows nothing."""
        self._size.setText(f"{width} × {height}" if width else "")

    def show_zoom(self, scale: float | None) -> None:
        """Show how large the picture is seen; None shows nothing."""
        self._zoom.setText("" if scale is None else tr("{percent} %", percent=round(100 * scale)))

    def show_provider(self, provider: str, *, reason: str = "") -> None:
        """Show what really runs the model, and why it is not what was wished."""
        shown = {"CUDA": tr("GPU · CUDA"), "CPU": tr("CPU")}.get(provider, provider)
        self._provider.setText(shown)
        self._provider.setToolTip(reason or (tr("The model runs on this.") if shown else ""))
        self._provider.setAccessibleDescription(reason)

    def show_time(self, took_ms: float) -> None:
        """Show how long the engine took for the picture."""
        digits = 1 if took_ms < 100 else 0
        self._time.setText(tr("{time} ms", time=f"{took_ms:.{digits}f}"))
        self._time.show()

    def show_hand_time(self, latency: Latency, *, shown: int, asked: int) -> None:
        """Show how long it took from the hand to the screen, instead of the engine's own time."""
        if latency.p50_ms is None or latency.p95_ms is None:
            return
        self._time.setText(
            tr(
                "hand {p50} ms · 19 of 20 {p95} ms · {shown}/{asked}",
                p50=f"{latency.p50_ms:.0f}",
                p95=f"{latency.p95_ms:.0f}",
                shown=shown,
                asked=asked,
            )
        )
        self._time.show()

    def show_picture_facts(self, is_shown: bool) -> None:
        """Show or hide what is about the picture on the canvas."""
        self._size.setVisible(is_shown)
        self._zoom.setVisible(is_shown)

    @property
    def words(self) -> str:
        """All words shown, for tests and screen readers."""
        labels = (
            self._saved, self._work, self._left, self._training, self._training_left,
            self._size, self._zoom, self._provider,
        )  # fmt: skip
        return " · ".join(label.text() for label in labels if label.text())

    @property
    def provider_reason(self) -> str:
        """Why the provider is not the one wished, "" when it is."""
        return self._provider.accessibleDescription()

    @property
    def training_button(self) -> QPushButton:
        """The button that goes to the training at work."""
        return self._training

    @property
    def time_button(self) -> QPushButton:
        """The button that opens the latency panel."""
        return self._time

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the least telling part out where there is no room."""
        super().resizeEvent(event)
        for label in (self._left, self._training_left):
            label.setMaximumWidth(0 if self.width() < _NARROW_PX else 16777215)

    def _label(self, role: str, name: str) -> QLabel:
        label = mark(QLabel(self), role)
        label.setAccessibleName(name)
        label.setContentsMargins(4, 0, 8, 0)
        return label


class LatencyPanel(QWidget):
    """A small window over the status bar: how long pictures took from the hand to the screen."""

    def __init__(self, log: LatencyLog, *, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.setAccessibleName(tr("Time per picture"))
        self._log = log
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        column.addWidget(mark(QLabel(tr("From your hand to the screen"), self), "title"))
        self._preview = QLabel(self)
        self._full = QLabel(self)
        self._moves = QLabel(self)
        self._engine = mark(QLabel(self), "second")
        self._again = mark(QPushButton(tr("Measure again"), self), "bar")
        self._again.setAccessibleName(tr("Measure again"))
        self._again.clicked.connect(self._on_again)
        for widget in (self._preview, self._full, self._moves, self._engine, self._again):
            column.addWidget(widget)

    def open_above(self, corner: QPoint, *, engine_ms: float | None, provider: str) -> None:
        """Show the figures with the lower right corner at a point of the screen."""
        self._engine.setText(
            ""
            if engine_ms is None
            else tr(
                "Last picture: {time} ms on {provider}", time=f"{engine_ms:.1f}", provider=provider
            )
        )
        self._fill()
        self.adjustSize()
        self.move(corner - QPoint(self.width(), self.height()))
        self.show()

    @property
    def words(self) -> str:
        """What is shown."""
        return f"{self._preview.text()}\n{self._full.text()}\n{self._moves.text()}"

    @Slot()
    def _on_again(self) -> None:
        self._log.clear()
        self._fill()

    def _fill(self) -> None:
        self._preview.setText(f"{tr('Preview')}: {_told(self._log.previews)}")
        self._full.setText(f"{tr('Full picture')}: {_told(self._log.fulls)}")
        shown, asked = self._log.num_shown, self._log.num_asked
        self._moves.setText(
            tr(
                "{shown} of {asked} moves were shown, {rest} passed over by a newer one",
                shown=shown,
                asked=asked,
                rest=max(0, asked - shown),
            )
        )
        wide = QFontMetrics(self.font()).horizontalAdvance(self._full.text())
        self._full.setMinimumWidth(wide)


def _told(latency: Latency) -> str:
    if latency.p50_ms is None or latency.p95_ms is None:
        return tr("nothing measured yet")
    return tr(
        "half within {p50} ms, 19 of 20 within {p95} ms, 99 of 100 within {p99} ms ({n} pictures)",
        p50=f"{latency.p50_ms:.0f}",
        p95=f"{latency.p95_ms:.0f}",
        p99=f"{latency.p99_ms or latency.p95_ms:.0f}",
        n=latency.n,
    )
