"""Says that a picture is very close to a training picture, and shows both beside each other."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.gallery_desk import GalleryDesk
from studio.app.training_pictures import TrainingPictures
from studio.library.kept import Kept
from studio.ui.elided_label import ElidedLabel
from studio.ui.icons import pixmap
from studio.ui.picture_label import PictureLabel
from studio.ui.score_words import say_number
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark, tokens_of

_PAIR_PX: Final = 132
_SIGN_PX: Final = 18


class NearNote(QWidget):
    """Shown only while one of some kept pictures is a near copy; it warns and stops nothing."""

    def __init__(
        self, desk: GalleryDesk, training: TrainingPictures, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._training = desk, training
        self._near: tuple[Kept, ...] = ()
        self._sign = QLabel()
        self._sign.setFixedWidth(_SIGN_PX + 4)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self.pair = PictureLabel(_PAIR_PX)
        self.pair.setAccessibleName(tr("This picture, and the training picture beside it"))
        self._below = mark(ElidedLabel(), "second")
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self._sign)
        line.addWidget(self._sentence, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.pair)
        column.addWidget(self._below)
        desk.thumbnails.ready.connect(self._show_pair)
        training.ready.connect(self._show_pair)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._sentence.text()

    def show_items(self, items: Sequence[Kept]) -> None:
        """Look at some kept pictures."""
        self._near = near_copies(items)
        self.setVisible(bool(self._near))
        if not self._near:
            return
        ratio = self.devicePixelRatioF()
        colour = tokens_of(self.palette()).warn
        self._sign.setPixmap(pixmap("warning", size=_SIGN_PX, colour=colour, ratio=ratio))
        is_shipped = self._training.is_shipped(self._near[0].model)
        one = say_near(is_shipped=is_shipped)
        self._sentence.setText(
            one
            if len(items) == 1
            else tr_plural(
                "{n} of them is very close to a training picture.",
                "{n} of them are very close to training pictures.",
                n=len(self._near),
            )
        )
        self._show_pair(None)

    @Slot(object)
    def _show_pair(self, _cause: object) -> None:
        if not self._near:
            return
        kept = self._near[0]
        nearness = kept.nearness
        assert nearness is not None  # by `near_copies`
        images = [self._desk.thumbnail(kept), self._training.image(kept.model, nearness)]
        there: tuple[QImage, ...] = tuple(
            image for image in images if image is not None and not image.isNull()
        )
        self.pair.show_images(there)
        self.pair.setVisible(len(there) == 2)  # one alone compares nothing
        distance = tr("{distance} away", distance=say_number(nearness.distance))
        self._below.set_full_text(f"{nearness.file} · {distance}")


def near_copies(items: Sequence[Kept]) -> tuple[Kept, ...]:
    """Give those of some kept pictures that are near copies."""
    return tuple(kept for kept in items if kept.nearness is not None and kept.nearness.is_copy)


def say_near(*, is_shipped: bool) -> str:
    """Give the sentence about a near copy; a shipped model learned from pictures of others."""
    if is_shipped:
        return tr("This is very close to one of the pictures that the model learned from.")
    return tr("This is very close to one of your training pictures.")
