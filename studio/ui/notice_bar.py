"""A bar over a page: what is wrong or ready, what to do, one button, and details on request."""

import msgspec
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.hairline import Hairline
from studio.ui.icons import pixmap
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of
from studio.ui.train_words import TONE_ICONS, TONE_NAMES, Tone


class Notice(msgspec.Struct, frozen=True):
    """What a bar says.

    Attributes:
        tone: Which sign.
        sentence: What there is to say.
        way_out: What to do now; "" when the button says it.
        button: Text of the button; "" for none.
        wish: What the button asks for, given back by `asked`.
        details: More for those who want it; "" for none.
    """

    tone: Tone
    sentence: str
    way_out: str = ""
    button: str = ""
    wish: str = ""
    details: str = ""


class NoticeBar(QWidget):
    """Shows a notice, or nothing.

    Signals:
        asked: The notice's `wish`, when its button was pressed.
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "panel")
        self._notice: Notice | None = None
        self._sign = QLabel()
        self._sentence = mark(QLabel(), "title")
        self._way_out = QLabel()
        self.button = QPushButton()
        self.more = QPushButton(tr("Details"))
        self.more.setCheckable(True)
        self.more.setAccessibleName(tr("Details"))
        self._details = mark(QLabel(), "second")
        self._details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for label in (self._sentence, self._way_out, self._details):
            label.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._sentence)
        words.addWidget(self._way_out)
        words.addWidget(self._details)
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(Hairline())
        self.button.clicked.connect(self._on_pressed)
        self.more.toggled.connect(self._details.setVisible)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """What is shown, None for nothing."""
        return self._notice

    def show_notice(self, notice: Notice | None) -> None:
        """Show another notice, or nothing."""
        if notice == self._notice:
            return
        self._notice = notice
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._sentence.setText(notice.sentence)
        self._way_out.setText(notice.way_out)
        self._way_out.setVisible(bool(notice.way_out))
        self.button.setText(notice.button)
        self.button.setAccessibleName(notice.button or tr("Go on"))
        self.button.setVisible(bool(notice.button))
        self._details.setText(notice.details)
        self.more.setVisible(bool(notice.details))
        self.more.setChecked(False)
        self._details.hide()
        self._sign.setAccessibleName(tr(TONE_NAMES[notice.tone]))
        self.setAccessibleName(notice.sentence)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        if self._notice is None:
            return
        tokens = tokens_of(self.palette())
        colours = {"ok": tokens.ok, "warn": tokens.warn, "error": tokens.error}
        self._sign.setPixmap(
            pixmap(
                TONE_ICONS[self._notice.tone],
                size=18,
                colour=colours.get(self._notice.tone, tokens.second),
                ratio=self.devicePixelRatioF(),
            )
        )

    @Slot()
    def _on_pressed(self) -> None:
        if self._notice is not None:
            self.asked.emit(self._notice.wish)
