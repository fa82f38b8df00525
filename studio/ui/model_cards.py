"""Models as cards: four of their pictures, name, family and size."""

from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.app.item_models import ITEM_ROLE, ModelListModel
from studio.core.model_card import ModelCard
from studio.library.model_library import BrokenModel, InstalledModel
from studio.ui.icons import pixmap
from studio.ui.score_words import say_copies
from studio.ui.texts import tr, tr_sentence
from studio.ui.theme import SECOND_PX, tokens_of

_CARD: Final = QSize(264, 88)
_SHEET_PX: Final = 72
_LINE_PX: Final = 18.0
_OFFER_PX: Final = 28

Index = QModelIndex | QPersistentModelIndex


def say_model(card: ModelCard) -> str:
    """Give family and size of a model, "GAN, 256 px"."""
    family = {"gan": tr("GAN"), "plain": tr("plain ONNX")}.get(card.family, card.family)
    return tr("{family}, {size} px", family=family, size=card.resolution)


class ModelCardDelegate(QStyledItemDelegate):
    """Draws one model."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Give the card's size; a list in a dock makes it as wide as itself."""
        view = option.widget
        is_list = isinstance(view, QListView) and view.flow() == QListView.Flow.TopToBottom
        return QSize(120, 72) if is_list else _CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw ground, four pictures and three lines."""
        model = index.data(ITEM_ROLE)
        tokens = tokens_of(option.palette)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        card = QRectF(option.rect).adjusted(0, 2, -8, -2)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised if is_hovered else tokens.panel))
        painter.drawRoundedRect(card, 4, 4)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        side = min(_SHEET_PX, card.height() - 12)
        sheet = QRectF(card.left() + 6, card.top() + (card.height() - side) / 2, side, side)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QImage) and not image.isNull():
            painter.drawImage(sheet, image)
        else:
            painter.fillRect(sheet, QColor(tokens.base))
            name = "warning" if isinstance(model, BrokenModel) else "model"
            colour = tokens.warn if isinstance(model, BrokenModel) else tokens.second
            sign = pixmap(name, size=20, colour=colour, ratio=2.0)
            painter.drawPixmap(sheet.center().toPoint() - sign.rect().center() / 2, sign)
        words = card.adjusted(side + 16, 8, -8, -6)
        room = int(words.height() // _LINE_PX)
        lines = _words(model)[:room]
        _draw_words(painter, words, words=lines, colours=(tokens.text, tokens.second))
        if is_hovered and isinstance(model, InstalledModel):
            sign = pixmap("info", size=18, colour=tokens.second, ratio=2.0)
            painter.drawPixmap(details_place(option.rect).topLeft() + QPoint(5, 5), sign)
        painter.restore()


def details_place(card: QRect) -> QRect:
    """Give where hovering offers the details."""
    return QRect(card.right() - 8 - _OFFER_PX, card.top() + 2, _OFFER_PX, _OFFER_PX)


def _words(model: object) -> tuple[str, ...]:
    if isinstance(model, InstalledModel):
        third = tr("comes with the program") if model.is_shipped else ""
        if model.card.sketch:
            third = tr("sketch: small and quick")
        elif model.card.training is not None and not model.is_shipped:
            minutes = max(1, round(model.card.training.seconds / 60))
            third = tr("{n} min of training", n=minutes)
        lines = (model.card.name, say_model(model.card), third, say_copies(model.card))
        return tuple(line for line in lines if line)
    if isinstance(model, BrokenModel):
        return (model.folder.name, tr_sentence(model.error.what))
    return ()


def _draw_words(
    painter: QPainter, place: QRectF, *, words: tuple[str, ...], colours: tuple[str, str]
) -> None:
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    is_sentence = len(words) == 2  # why a model cannot be used: it may take two lines
    for line, text in enumerate(words):
        painter.setFont(font)
        painter.setPen(QColor(colours[min(line, 1)]))
        if line == 1 and is_sentence:
            wrap = int(flags) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(place.adjusted(0, _LINE_PX, 0, 0), wrap, text)
            return
        cut = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(place.adjusted(0, line * _LINE_PX, 0, 0), flags, cut)
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(SECOND_PX)


class ModelCards(QListView):
    """Shows models as cards.

    Signals:
        open_requested: Folder of the model; that of a broken one is told why not.
        details_requested: `InstalledModel` whose card is to be shown.
    """

    open_requested = Signal(object)
    details_requested = Signal(object)

    def __init__(
        self, models: ModelListModel, *, is_row: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(models)
        self.setItemDelegate(ModelCardDelegate(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Models"))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        if is_row:
            self.setFlow(QListView.Flow.LeftToRight)
            self.setWrapping(False)
            self.setFixedHeight(_CARD.height() + 4)
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        else:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._is_offer = False
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._open)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Notice a press on what hovering offers."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        place = details_place(self.visualRect(index)) if index.isValid() else QRect()
        self._is_offer = place.contains(point) and isinstance(index.data(ITEM_ROLE), InstalledModel)
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show what can be done with a model."""
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_by_key else self.indexAt(event.pos())
        if index.isValid():
            menu = self.make_menu(index)
            menu.exec(event.globalPos())
            menu.deleteLater()

    def make_menu(self, index: QModelIndex) -> QMenu:
        """Give the menu of a model; the caller deletes it."""
        menu = QMenu(self)
        model = index.data(ITEM_ROLE)
        menu.addAction(tr("Open"), lambda: self._open(index))
        if isinstance(model, InstalledModel):
            menu.addAction(tr("Details"), lambda: self.details_requested.emit(model))
        return menu

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        if self._is_offer:
            self.details_requested.emit(index.data(ITEM_ROLE))
        else:
            self._open(index)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        model = index.data(ITEM_ROLE)
        if isinstance(model, InstalledModel | BrokenModel):
            self.open_requested.emit(model.folder)
