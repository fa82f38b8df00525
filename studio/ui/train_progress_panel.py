"""The right panel of the Train place: time left, facts, curves, advice, copies."""

import time
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from studio.app.training_desk import DeskState, Phase
from studio.app.training_run import RunState
from studio.app.training_view import RunView
from studio.core.snapshot import Snapshot
from studio.ui.curve import Curve, CurvePoints
from studio.ui.elided_label import ElidedLabel
from studio.ui.line_list import LineList
from studio.ui.panel_parts import PanelPart, SidePanel
from studio.ui.texts import tr, tr_plural, tr_sentence
from studio.ui.theme import mark
from studio.ui.train_advice import advice_line
from studio.ui.train_words import Line, say_ago_exact, say_bytes, say_images, say_left

_TICK_MS: Final = 1000  # "40 s ago" goes on without news
_FACTS: Final = ("seen", "speed", "hand", "saved")
_NUM_NOTES: Final = 3


class TrainProgressPanel(SidePanel):
    """Shows how far a run is and how good it gets.

    Signals:
        best_requested: Show the best snapshot.
        keep_training_requested: The advice was read and is not taken.
    """

    best_requested = Signal()
    keep_training_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Progress"), parent=parent)
        self._state: RunState | None = None
        self._phase: Phase = "nothing"
        self._shown: int | None = None
        self._dismissed: int | None = None
        self.left = mark(QLabel(), "figure")
        self.percent = mark(QLabel(), "title")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("Progress of the training"))
        self.ends, self.counted = mark(QLabel(), "second"), mark(QLabel(), "second")
        self.likeness = Curve(tr("Likeness"), tr("lower is better"))
        self.variety = Curve(tr("Variety"), tr("higher is better"))
        self.distance = Curve(tr("Distance to your pictures"), "")
        self.overfit = Curve(tr("Learned by heart"), tr("lower is better"))
        self.losses = Curve(tr("Loss of the generator"), "")
        self.more = mark(QPushButton(tr("More curves")), "quiet")
        self.more.setCheckable(True)
        self.advice, self.notes = LineList(), LineList()
        self._names: dict[str, QLabel] = {}
        self._values: dict[str, ElidedLabel] = {}
        self._lay_out()
        self.advice.pressed.connect(self._on_pressed)
        self.more.toggled.connect(self._show_more)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_saved)
        self._show_more(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.left, 1)
        head.addWidget(self.percent)
        self.column.addLayout(head)
        self.column.addWidget(self.bar)
        below = QHBoxLayout()
        below.addWidget(self.ends, 1)
        below.addWidget(self.counted)
        self.column.addLayout(below)
        self.column.addLayout(self._make_facts())
        self._curves = PanelPart("", self.likeness, self.variety, self.distance)
        self._advice = PanelPart("", self.advice)
        self._notes = PanelPart(tr("What changed by itself"), self.notes)
        parts = (
            self._curves, self._advice, self.more, self.overfit, self.losses, self._notes,
        )  # fmt: skip
        for part in parts:
            self.column.addWidget(part)
        self.column.addStretch(1)

    def _make_facts(self) -> QGridLayout:
        names = {
            "seen": tr("Seen"),
            "speed": tr("Speed"),
            "hand": tr("Canvas comes first"),
            "saved": tr("Last saved"),
        }
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, key in enumerate(_FACTS):
            name = self._names[key] = mark(QLabel(names[key]), "second")
            value = self._values[key] = ElidedLabel()
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        return grid

    def fact(self, key: str) -> str:
        """Give the words of a fact: "seen", "speed", "hand" or "saved"."""
        return self._values[key].full_text

    # ---------------------------------------------------------------- showing

    def show_state(self, desk: DeskState) -> None:
        """Show the run as it is now."""
        self._state, self._phase = desk.run, desk.phase
        (self._tick.start if desk.is_training and self.isVisible() else self._tick.stop)()
        view = desk.run.view if desk.run is not None else RunView()
        self._show_head(view)
        self._show_facts(view)
        self._show_curves(view)
        self._show_lines(view)

    def show_cursor(self, number: int | None) -> None:
        """Mark the snapshot that is looked at."""
        self._shown = number
        if self._state is not None:
            self._show_curves(self._state.view)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing ticks where nobody looks."""
        super().hideEvent(event)
        self._tick.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on ticking."""
        super().showEvent(event)
        if self._phase in ("running", "paused", "waiting"):
            self._tick.start()
        self._show_saved()

    def _show_head(self, view: RunView) -> None:
        self.left.setText(_say_phase(self._phase, view))
        self.percent.setText(
            tr("{percent} %", percent=round(100 * view.share)) if view.kimg else ""
        )
        self.bar.setValue(round(1000 * view.share))
        ends = ""
        if self._phase == "running" and view.seconds_left is not None:
            clock = time.strftime("%H:%M", time.localtime(time.time() + view.seconds_left))
            ends = tr("ends about {time}", time=clock)
        self.ends.setText(ends)
        count = len(view.snapshots)
        words = tr_plural("{n} snapshot", "{n} snapshots", n=count) if count else ""
        if count and view.num_planned > count and self._phase != "finished":
            words = tr("{n} of about {total} snapshots", n=count, total=view.num_planned)
        self.counted.setText(words)

    def _show_facts(self, view: RunView) -> None:
        seen = tr(
            "{seen} of {total} images",
            seen=say_images(view.kimg),
            total=say_images(view.total_kimg),
        )
        self._show_fact("seen", seen if view.total_kimg else "")
        speed = ""
        if view.images_per_s and self._phase == "running":
            digits = 0 if view.images_per_s >= 10 else 1
            speed = tr("{n} images a second", n=f"{view.images_per_s:.{digits}f}")
        self._show_fact("speed", speed)
        hand = ""
        if self._phase == "running":
            percent = round(100 * view.yielded)
            hand = tr("training waits while you draw")
            if percent:
                hand = tr("{percent} % of the time", percent=percent)
        self._show_fact("hand", hand)
        self._show_saved()

    def _show_fact(self, key: str, text: str) -> None:
        value = self._values[key]
        if text != value.full_text:
            value.set_full_text(text)
        for label in (self._names[key], value):
            label.setVisible(bool(text))

    @Slot()
    def _show_saved(self) -> None:
        saved_at = self._state.saved_at if self._state is not None else 0.0
        self._show_fact("saved", say_ago_exact(time.time() - saved_at) if saved_at else "")

    def _show_curves(self, view: RunView) -> None:
        scored = [one for one in view.snapshots if one.scores is not None]
        self._curves.setVisible(bool(scored))
        end = view.total_kimg
        best = view.best_snapshot
        shown = next((one for one in view.snapshots if one.number == self._shown), None)
        read = shown if shown is not None and shown.scores is not None else view.newest_scored
        curves = {"likeness": self.likeness, "variety": self.variety, "distance": self.distance}
        for key, curve in curves.items():
            points = CurvePoints(
                points=tuple((one.images / 1000, _score(one, key)) for one in scored),
                end=end,
                cursor=shown.images / 1000 if shown is not None else None,
                star=best.images / 1000 if best is not None else None,
            )
            value = f"{_score(read, key):.2f}" if read is not None else ""
            curve.show_points(points, value)
        overfit = CurvePoints(points=tuple((p.kimg, p.value) for p in view.overfit), end=end)
        last = f"{100 * view.overfit[-1].value:.0f} %" if view.overfit else ""
        self.overfit.show_points(overfit, last)
        loss = view.generator_loss
        self.losses.show_points(
            CurvePoints(points=tuple((p.kimg, p.value) for p in loss), end=end),
            f"{loss[-1].value:.2f}" if loss else "",
        )
        self.more.setVisible(bool(loss))

    def _show_lines(self, view: RunView) -> None:
        advice = advice_line(view, self._phase, dismissed=self._dismissed)
        self.advice.show_lines((advice,) if advice is not None else ())
        self._advice.setVisible(advice is not None)
        notes = tuple(
            Line(f"note{place}", "info", tr_sentence(said), is_plain=True)
            for place, said in enumerate(reversed(view.notes[-_NUM_NOTES:]))
        )
        self.notes.show_lines(notes)
        self._notes.setVisible(bool(notes))

    # ---------------------------------------------------------------- asking

    @Slot(bool)
    def _show_more(self, is_shown: bool) -> None:
        for curve in (self.overfit, self.losses):
            curve.setVisible(is_shown)
        self.more.setText(tr("Fewer curves") if is_shown else tr("More curves"))

    @Slot(object)
    def _on_pressed(self, pressed: tuple[str, str]) -> None:
        button = pressed[1]
        if button == "best":
            self.best_requested.emit()
        elif button == "go_on" and self._state is not None:
            self._dismissed = self._state.view.best
            self._show_lines(self._state.view)
            self.keep_training_requested.emit()


def _score(snapshot: Snapshot | None, key: str) -> float:
    scores = snapshot.scores if snapshot is not None else None
    return float(getattr(scores, key)) if scores is not None else 0.0


def _say_phase(phase: Phase, view: RunView) -> str:
    if phase == "running":
        return say_left(view.seconds_left) or tr("Training")
    if phase == "waiting":
        return tr("Waits for {size} on the disk", size=say_bytes(view.need_bytes))
    return {
        "starting": tr("Starting…"),
        "paused": tr("Paused"),
        "stopping": tr("Saving…"),
        "making": tr("Making the model…"),
        "finished": tr("Stopped") if view.end == "stopped" else tr("Finished"),
        "failed": tr("Stopped by a fault"),
    }.get(phase, tr("Not started"))
