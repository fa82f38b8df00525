"""What stands below the sliders: why there are none, and how hidden ones come back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.texts import tr
from studio.ui.theme import mark


class DirectionRest(QWidget):
    """A sentence where no slider is shown, and a button for hidden ones.

    Signals:
        teach_requested: The artist wants to teach a slider.
        hidden_requested: Hidden sliders are to be shown, or hidden again.
    """

    teach_requested = Signal()
    hidden_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = mark(QLabel(), "second")
        self._sentence.setWordWrap(True)
        self.teach = QPushButton(tr("Teach a slider"))
        self.teach.setAccessibleName(self.teach.text())
        self.hidden = mark(QPushButton(), "quiet")
        self.hidden.setAccessibleName(tr("Hidden sliders"))
        self.teach.clicked.connect(self.teach_requested)
        self.hidden.clicked.connect(self.hidden_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._sentence)
        column.addWidget(self.teach, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.hidden, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def sentence(self) -> str:
        """The sentence shown, "" where sliders are."""
        return "" if self._sentence.isHidden() else self._sentence.text()

    def say(
        self,
        *,
        num_all: int,
        num_shown: int,
        num_hidden: int,
        is_searched: bool,
        shows_hidden: bool,
    ) -> None:
        """Say what is not shown.

        Args:
            num_all: How many sliders the model has, taught ones among them.
            num_shown: How many are seen.
            num_hidden: How many the artist hid; 0 says nothing of them.
            is_searched: Whether only some names are wanted.
            shows_hidden: Whether the hidden ones are shown, too.
        """
        if not num_all:
            said = tr(
                "This model brings no sliders. Seed, truncation and mixing work, "
                "and you can teach it sliders of your own."
            )
        elif is_searched:
            said = tr("No direction has this name.")
        else:
            said = tr("All sliders are hidden.")
        self._sentence.setText(said)
        self._sentence.setVisible(not num_shown)
        self.teach.setVisible(not num_all)
        self.hidden.setVisible(num_hidden > 0)
        self.hidden.setText(
            tr("Hide them again ({n})", n=num_hidden)
            if shows_hidden
            else tr("Show hidden ({n})", n=num_hidden)
        )
