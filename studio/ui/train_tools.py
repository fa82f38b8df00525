"""What the tool bar shows in the Train place: which training, and what can be done with it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.app.training_desk import DeskState, Phase
from studio.ui.action_buttons import MainButton
from studio.ui.actions import Actions
from studio.ui.elided_label import ElidedLabel
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark

_NAME_PX: Final = 240
_FOLDER_PHASES: Final[tuple[Phase, ...]] = ("reported", "planning", "planned")
_AT_WORK: Final[tuple[Phase, ...]] = ("running", "paused", "waiting")


class TrainWords(QWidget):
    """Name, start, number of pictures and size, in one line."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = mark(QLabel(), "title")
        self.name.setMaximumWidth(_NAME_PX)
        self.facts = ElidedLabel()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.name)
        row.addWidget(self.facts, 1)

    def show_state(self, desk: DeskState) -> None:
        """Show which training it is."""
        folder, plan = desk.folder, desk.folder.plan
        facts = []
        if plan is not None:
            start = plan.start.name if plan.start is not None else ""
            facts.append(tr("tuned from {name}", name=start) if start else tr("from scratch"))
        if folder.summary is not None:
            count = folder.summary.num_used
            facts.append(tr_plural("{n} picture", "{n} pictures", n=count))
        if plan is not None:
            facts.append(tr("{size} px", size=plan.resolution))
        name = folder.name
        cut = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _NAME_PX)
        self.name.setText(cut)
        self.name.setToolTip(name)
        self.facts.set_full_text(" · ".join(facts))


class TrainButtons(QWidget):
    """The buttons at the right end; which of them are there depends on what is going on."""

    def __init__(self, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)

        def button(name: str, sign: str, *, text: str, role: str = "bar") -> MainButton:
            return MainButton(actions.action(name), sign, role=role, text=text, parent=self)

        self.pause = button("train_pause", "pause", text=tr("Pause"))
        self.go_on = button("train_pause", "play", text=tr("Continue"))
        self.stop = button("train_stop", "stop", text=tr("Stop and keep"))
        self.make = button("train_model", "model", text=tr("Make the model"), role="main")
        self.try_out = button("train_try", "brush", text=tr("Try on canvas"), role="main")
        self.try_also = button("train_try", "brush", text=tr("Try on canvas"))
        self.choose = button("train_choose", "folder", text=tr("Choose a folder…"), role="main")
        self.start = button("train_start", "play", text=tr("Start training"), role="main")
        self.use = button("train_open", "explore", text=tr("Use the model"), role="main")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._all = (
            self.go_on, self.pause, self.stop, self.try_also, self.make, self.try_out,
            self.choose, self.start, self.use,
        )  # fmt: skip
        for one in self._all:
            row.addWidget(one)
        self.show_state(DeskState(), has_model=False)

    def show_state(self, desk: DeskState, *, has_model: bool) -> None:
        """Show the buttons that mean something now."""
        shown = self._shown(desk, has_model=has_model)
        for one in self._all:
            one.setVisible(one in shown)

    def _shown(self, desk: DeskState, *, has_model: bool) -> tuple[MainButton, ...]:
        phase = desk.phase
        if phase == "nothing":
            return (self.choose,) if desk.run is None else ()
        if phase == "starting":
            return (self.stop,)
        if phase in _FOLDER_PHASES:
            return (self.start,)
        if phase in _AT_WORK:
            first = {"paused": (self.go_on,), "running": (self.pause,)}.get(phase, ())
            return (*first, self.stop, self.try_out)
        if phase == "finished":
            can_go_on = desk.run is not None and desk.run.view.end in ("stopped", "time")
            first = (self.go_on,) if can_go_on else ()
            return (*first, self.try_also, self.use if has_model else self.make)
        if phase == "failed":
            return (self.go_on, self.try_out)
        return (self.try_out,) if phase in ("making", "stopping") else ()
