"""The bar under the canvas about a picture from outside: how near the model comes, and what to do."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from studio.app.inversion_desk import Brought
from studio.core.inversion import PARTS, FoundPicture, word_of
from studio.ui.icon_button import IconButton
from studio.ui.picture_label import PictureLabel
from studio.ui.pictures import to_image
from studio.ui.score_words import say_number
from studio.ui.texts import N_, tr, tr_sentence
from studio.ui.theme import mark

HEIGHT_PX: Final = 64
MARGIN_PX: Final = 12
MOST_WIDTH_PX: Final = 860
_PICTURE_PX: Final = 48
HEADS: Final = {
    "near": N_("Near in character."),
    "rough": N_("Roughly near."),
    "far": N_("Far from your picture."),
}
PART_TEXTS: Final = {
    "light": N_("light"),
    "colours": N_("colours"),
    "forms": N_("forms"),
    "details": N_("details"),
}


def say_nearness(found: FoundPicture) -> str:
    """Give the honest word: only what was measured."""
    met = [tr(PART_TEXTS[part]) for part in PARTS if part in found.met]
    missed = [tr(PART_TEXTS[part]) for part in PARTS if part not in found.met]
    head, comma = tr(HEADS[word_of(found.share)]), tr(", ")
    if not met:
        return tr("{head} Nothing is in the same place.", head=head)
    if not missed:
        return tr("{head} Everything is in place.", head=head)
    return tr(
        "{head} In place: {met}. Not: {missed}.",
        head=head,
        met=comma.join(met),
        missed=comma.join(missed),
    )


class InversionBar(QWidget):
    """Lies over the lower edge of the canvas as long as there is such a picture.

    Signals:
        asked: "refine", "stop", "find", "compare", "keep" or "close".
        height_changed: How many px of the canvas it takes, 0 when it is hidden.
    """

    asked = Signal(object)
    height_changed = Signal(object)

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.setAccessibleName(tr("Your picture"))
        self.picture = PictureLabel(_PICTURE_PX)
        self.picture.setAccessibleName(tr("Your own picture"))
        self.picture.setFixedSize(QSize(_PICTURE_PX, _PICTURE_PX))
        self._sentence = QLabel()
        self._figures = mark(QLabel(), "second")
        for label in (self._sentence, self._figures):
            label.setMinimumWidth(0)
            label.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Refining"))
        self.main = QPushButton()
        self._main_wish = ""
        self.compare = mark(QPushButton(tr("Compare")), "chip")
        self.compare.setCheckable(True)
        self.compare.setToolTip(
            tr("Your picture beside the model’s version; hold B for yours alone")
        )
        self.keep = QPushButton(tr("Keep"))
        self.keep.setToolTip(tr("Keep the model’s version in the gallery"))
        self.shut = IconButton("close", tr("Put your picture away; the model’s version stays"))
        self._arrange()
        self.main.clicked.connect(lambda: self.asked.emit(self._main_wish))
        self.compare.clicked.connect(lambda: self.asked.emit("compare"))
        self.keep.clicked.connect(lambda: self.asked.emit("keep"))
        self.shut.clicked.connect(lambda: self.asked.emit("close"))
        canvas.installEventFilter(self)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence.text()

    @property
    def figures(self) -> str:
        """The second line."""
        return self._figures.text()

    def show_brought(self, brought: Brought | None) -> None:
        """Say what has become of a picture; None hides the bar."""
        if brought is None:
            self.hide()
            self.height_changed.emit(0)
            return
        self.picture.show_images((to_image(brought.picture),))
        sentence, figures = _words(brought)
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._figures.setText(figures)
        self._figures.setVisible(bool(figures) and brought.phase != "refining")
        self.progress.setVisible(brought.phase in ("refining", "looking"))
        self.progress.setRange(0, 0 if brought.phase == "looking" else 100)
        self.progress.setValue(round(100 * brought.share))
        self._main_wish, text, tip = _main(brought)
        self.main.setVisible(bool(text))
        self.main.setText(text)
        self.main.setToolTip(tip)
        self.main.setAccessibleName(text)
        is_found = brought.found is not None and brought.phase != "elsewhere"
        self.compare.setVisible(is_found)
        self.keep.setVisible(is_found)
        self.show()
        self.raise_()
        self._place()
        self.height_changed.emit(self.height() + MARGIN_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the canvas changes its size."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addStretch(1)
        for widget in (self._sentence, self._figures, self.progress):
            words.addWidget(widget)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.picture)
        row.addSpacing(4)
        row.addLayout(words, 1)
        for button in (self.main, self.compare, self.keep, self.shut):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        width = min(MOST_WIDTH_PX, parent.width() - 2 * MARGIN_PX)
        height = max(HEIGHT_PX, self.heightForWidth(width), self.minimumSizeHint().height())
        self.setGeometry(
            (parent.width() - width) // 2, parent.height() - height - MARGIN_PX, width, height
        )


def _words(brought: Brought) -> tuple[str, str]:
    if brought.phase == "looking":
        return tr("Looking for “{name}” in the model…", name=brought.name), ""
    if brought.phase == "refused" and brought.error is not None:
        return tr_sentence(brought.error.what), tr_sentence(brought.error.way_out)
    if brought.phase == "elsewhere":
        return tr("This was found in another model, “{name}”.", name=brought.model_name), ""
    if brought.phase == "refining":
        return tr("Coming nearer. What is on the canvas is the best so far."), ""
    assert brought.found is not None
    if brought.error is not None:
        return say_nearness(brought.found), tr_sentence(brought.error.what)
    figure = say_number(brought.found.share)
    return (
        say_nearness(brought.found),
        tr(
            "{share} of the distance of the model’s mean picture; 0 would be the same", share=figure
        ),
    )


def _main(brought: Brought) -> tuple[str, str, str]:
    """Give wish, text and tip of the first button; no text for none."""
    if brought.phase == "refining":
        return "stop", tr("Stop"), tr("Stop here; the best so far stays")
    if brought.phase == "elsewhere":
        return "find", tr("Find it here"), tr("Look for your picture in the model that is open")
    if brought.phase == "found" and brought.can_refine:
        return "refine", tr("Refine"), tr("Come nearer for half a minute; you can go on working")
    return "", "", ""
