"""Everything that a model's card says: how it was trained, how good it is, what it was made from."""

from typing import Final

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.app.item_models import ModelListModel
from studio.core.model_card import ModelCard
from studio.library.model_library import InstalledModel
from studio.ui.blend_form import BlendForm
from studio.ui.elided_label import ElidedLabel
from studio.ui.hairline import Hairline
from studio.ui.icon_button import IconButton
from studio.ui.import_words import missing_words
from studio.ui.model_cards import say_model
from studio.ui.picture_label import PictureLabel
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.score_words import ScoreRow, score_rows
from studio.ui.seed_row import group_digits
from studio.ui.texts import tr
from studio.ui.theme import mark

_SHEET_PX: Final = 132


class ModelFacts(QWidget):
    """Shows one model's card.

    Signals:
        open_requested: Folder of the model.
        close_requested: Back to what was there before.
        shown: The `InstalledModel` that is shown now.
        share_requested: As one file, to pass on.
        share_stopped: While it is written.
    """

    open_requested = Signal(object)
    close_requested = Signal()
    shown = Signal(object)
    share_requested = Signal()
    share_stopped = Signal()

    def __init__(self, models: ModelListModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._shown: InstalledModel | None = None
        self.title = mark(ElidedLabel(), "title")
        self._close = IconButton("close", tr("Close the details"))
        self._pictures = PictureLabel(_SHEET_PX)
        self.open = QPushButton(tr("Open"))
        self.share = QPushButton(tr("Share as a file…"))
        self.share.setToolTip(tr("Write the model as one zip that can be passed on"))
        self._sharing: float | None = None
        self.blend = BlendForm()
        self.blend.hide()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(tr("Details of the model"))
        keep_room(self._scroll)
        self._lay_out()
        self._close.clicked.connect(self.close_requested)
        self.open.clicked.connect(self._ask_open)
        self.share.clicked.connect(self._ask_share)
        models.dataChanged.connect(self._show_sheet)
        models.modelReset.connect(self._tell)

    @property
    def model(self) -> InstalledModel | None:
        """The model that is shown."""
        return self._shown

    @property
    def installed(self) -> tuple[InstalledModel, ...]:
        """All models that can be used."""
        return tuple(one for one in self._models.models if isinstance(one, InstalledModel))

    def show_model(self, model: InstalledModel | None) -> None:
        """Show a model; None shows nothing."""
        self._shown = model
        self.setVisible(model is not None)
        if model is None:
            return
        self.title.set_full_text(model.card.name)
        self._scroll.setWidget(_make_facts(model))
        self._show_sheet()
        self.blend.show_others(model, ())
        self._tell()

    def texts(self) -> list[str]:
        """Give all the words shown, for tests and screen readers."""
        inside = self._scroll.widget()
        return [label.text() for label in inside.findChildren(QLabel)] if inside else []

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 2, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._pictures)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.blend)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 10, 0)
        foot.addWidget(self.open)
        foot.addWidget(self.share)
        column.addLayout(foot)

    @Slot()
    def _show_sheet(self) -> None:
        """Show two rows of the contact sheet: enough to know a model by."""
        model = self._shown
        if model is None or model not in self._models.models:
            return
        index = self._models.index(self._models.models.index(model))
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QImage) and not image.isNull():
            half = image.width() // 2
            parts = (image, image.copy(QRect(half, 0, half, half)))
            self._pictures.show_images(parts)

    @Slot()
    def _tell(self) -> None:
        if self._shown is not None:
            self.shown.emit(self._shown)

    def show_sharing(self, share: float | None) -> None:
        """Show how much of a file is written, 0…1, and let it be stopped; None when none is."""
        self._sharing = share
        if share is None:
            self.share.setText(tr("Share as a file…"))
        else:
            self.share.setText(tr("Stop writing ({n} %)", n=round(share * 100)))

    @Slot()
    def _ask_share(self) -> None:
        (self.share_requested if self._sharing is None else self.share_stopped).emit()

    @Slot()
    def _ask_open(self) -> None:
        if self._shown is not None:
            self.open_requested.emit(self._shown.folder)


def _make_facts(model: InstalledModel) -> QWidget:
    card = model.card
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 4, 0)
    column.setSpacing(8)
    column.addLayout(_grid_of(_card_facts(model)))
    column.addWidget(Hairline())
    column.addWidget(mark(QLabel(tr("How good it is")), "second"))
    rows = score_rows(card)
    if rows:
        column.addLayout(_grid_of_scores(rows))
    else:
        column.addWidget(QLabel(tr("Not measured.")))
    column.addWidget(Hairline())
    column.addWidget(mark(QLabel(tr("What it learned from")), "second"))
    for right in card.rights:
        column.addWidget(_wrapped(right.source))
        beside = f"{right.credit} · {right.licence}"
        column.addWidget(mark(_wrapped(beside), "second"))
    if not card.rights:
        said = tr("The card names no source. Ask its maker before you publish.")
        column.addWidget(_wrapped(said))
    column.addStretch(1)
    return inside


def _card_facts(model: InstalledModel) -> list[tuple[str, str]]:
    card = model.card
    facts = [(tr("Kind"), say_model(card))]
    if card.sketch:
        facts.append((tr("Sketch"), tr("yes: small and quick")))
    record = card.training
    if record is not None:
        seen = tr("{n} images", n=group_digits(round(record.kimg * 1000)))
        facts += [
            (tr("Seen"), seen),
            (tr("Time"), say_duration(record.seconds)),
            (tr("Device"), record.device),
        ]
    else:
        facts.append((tr("Trained"), tr("elsewhere")))
    facts.append((tr("Graph differs by"), _say_error(card)))
    if missing := missing_words(card):
        facts.append((tr("Without"), missing))
    facts.append((tr("Credit"), card.credit or tr("none asked for")))
    return facts


def say_duration(seconds: float) -> str:
    """Give how long something took: "40 s", "12 min", "1 h 12 min"."""
    if seconds < 60:
        return tr("{n} s", n=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{n} min", n=minutes)
    hours = tr("{n} h", n=minutes // 60)
    return f"{hours} {tr('{n} min', n=minutes % 60)}" if minutes % 60 else hours


def _say_error(card: ModelCard) -> str:
    if card.export_error is None:
        return tr("not compared")
    levels = card.export_error * 127.5
    if levels < 0.5:  # a graph is exact when it never rounds to another level
        return tr("less than one level of 255")
    return tr("up to {n} of 255", n=round(levels))


def _grid_of(facts: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(4)
    grid.setHorizontalSpacing(12)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(mark(QLabel(name), "second"), row, 0, top)
        label = _wrapped(value)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | top)
        grid.addWidget(label, row, 1)
    return grid


def _grid_of_scores(rows: tuple[ScoreRow, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(1)
    grid.setHorizontalSpacing(12)
    grid.setColumnStretch(0, 1)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for column, text in ((1, tr("model")), (2, tr("real"))):
        label = mark(QLabel(text), "second")
        label.setToolTip(tr("The same measured between real pictures and real pictures"))
        grid.addWidget(label, 0, column, right)
    for place, row in enumerate(rows):
        line = 1 + 2 * place
        grid.addWidget(_wrapped(row.name), line, 0)
        grid.addWidget(QLabel(row.value), line, 1, right)
        grid.addWidget(mark(QLabel(row.floor or "–"), "second"), line, 2, right)
        below = mark(ElidedLabel(row.better), "second")
        below.setToolTip(row.beside)
        below.setContentsMargins(0, 0, 0, 4)
        grid.addWidget(below, line + 1, 0, 1, 3)
    return grid


def _wrapped(text: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)  # a card may come from a stranger
    label.setText(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
