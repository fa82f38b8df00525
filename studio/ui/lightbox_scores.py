"""What was measured of a snapshot, in four short blocks with the word which way is better."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from studio.core.snapshot import Snapshot, SnapshotScores
from studio.ui.elided_label import ElidedLabel
from studio.ui.score_words import say_number
from studio.ui.texts import N_, tr
from studio.ui.theme import mark

_BLOCKS: Final = (
    ("likeness", N_("Likeness"), N_("lower is better")),
    ("variety", N_("Variety"), N_("higher is better")),
    ("distance", N_("Distance to your pictures"), ""),
    ("copies", N_("Near copies"), ""),
)


class ScoreLine(QWidget):
    """Shows the scores of one snapshot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: dict[str, QLabel] = {}
        self._besides: dict[str, ElidedLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(1)
        for column, (key, name, better) in enumerate(_BLOCKS):
            value = mark(QLabel(), "sentence")
            value.setAlignment(Qt.AlignmentFlag.AlignBottom)
            beside = mark(ElidedLabel(), "sentence-small")
            words = " · ".join(tr(part) for part in (name, better) if part)
            title = mark(ElidedLabel(words), "sentence-small")
            grid.addWidget(title, 0, column)
            grid.addWidget(value, 1, column)
            grid.addWidget(beside, 2, column)
            grid.setColumnStretch(column, 1)
            self._values[key], self._besides[key] = value, beside

    def text(self, key: str) -> tuple[str, str]:
        """Give the figure of a block and what stands below it."""
        return self._values[key].text(), self._besides[key].full_text

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show the scores of a snapshot, or that it was not measured yet."""
        scores = snapshot.scores if snapshot is not None else None
        for key, _, _ in _BLOCKS:
            figure, beside = say_score(scores, key) if scores is not None else ("–", "")
            self._values[key].setText(figure)
            self._besides[key].set_full_text(beside)
        if snapshot is not None and scores is None:
            self._besides["likeness"].set_full_text(tr("Being measured."))


def say_score(scores: SnapshotScores, key: str) -> tuple[str, str]:
    """Give one score as people read it, and what it has to be seen beside."""
    if key == "likeness":
        floor = say_number(scores.likeness_floor)
        beside = (
            tr("real pictures: {floor}", floor=floor)
            if scores.is_held_out
            else tr("against pictures it learned from")
        )
        return say_number(scores.likeness), beside
    if key == "variety":
        return say_number(scores.variety), tr(
            "density {density}", density=say_number(scores.density)
        )
    if key == "distance":
        return say_number(scores.distance), tr("0 would be a copy")
    share = tr("{share} %", share=say_number(100 * scores.copies))
    beside = tr(
        "of {n}, at most {high} %",
        n=scores.num_made,
        high=say_number(100 * scores.copies_high),
    )
    return share, beside
