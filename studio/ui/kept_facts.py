"""What is known of the chosen kept pictures."""

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from studio.app.gallery_desk import GalleryDesk
from studio.library.kept import Kept
from studio.ui.elided_label import ElidedLabel
from studio.ui.family_facts import FamilyFacts
from studio.ui.picture_label import PictureLabel
from studio.ui.score_words import say_number
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark

_MAX_SHOWN = 2


class KeptFacts(QWidget):
    """Shows thumbnails, how many, model, when, seed, size and tags."""

    def __init__(
        self,
        desk: GalleryDesk,
        *,
        family: FamilyFacts | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.family = family
        self._desk = desk
        self._items: tuple[Kept, ...] = ()
        self._pictures = PictureLabel(132)
        self._title = mark(ElidedLabel(), "title")
        self._values: dict[str, ElidedLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 4)
        column.setSpacing(6)
        column.addWidget(self._pictures)
        column.addWidget(self._title)
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        names = {
            "model": tr("Model"), "when": tr("Kept"), "seed": tr("Seed"), "size": tr("Size"),
            "tags": tr("Tags"), "closest": tr("Closest"),
        }  # fmt: skip
        for row, (key, name) in enumerate(names.items()):
            grid.addWidget(mark(QLabel(name), "second"), row, 0)
            value = ElidedLabel()
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._values[key] = value
            grid.addWidget(value, row, 1)
        column.addLayout(grid)
        if family is not None:
            column.addWidget(family)
        desk.thumbnails.ready.connect(self._on_thumbnails)

    def show_items(self, items: Sequence[Kept]) -> None:
        """Show some pictures; without any nothing is shown."""
        self._items = tuple(items)
        self.setVisible(bool(items))
        if self.family is not None:
            self.family.show_family(items[0] if len(items) == 1 else None)
        if not items:
            return
        one = items[0] if len(items) == 1 else None
        many = tr_plural("{n} picture", "{n} pictures", n=len(items))
        self._title.set_full_text(one.name if one else many)
        self._show("model", [kept.model_name for kept in items])
        self._show("when", [say_time(kept.kept_at) for kept in items])
        self._show("seed", [kept.seed_text for kept in items])
        self._show("size", [f"{kept.width} × {kept.height}" for kept in items])
        self._show("tags", [", ".join(kept.tags) or tr("none") for kept in items])
        self._show("closest", [say_closest(kept) for kept in items])
        self._on_thumbnails(None)

    def text(self, key: str) -> str:
        """Give the words of a fact: "model", "when", "seed", "size", "tags", "closest"."""
        return self._values[key].full_text

    def _show(self, key: str, texts: list[str]) -> None:
        different = list(dict.fromkeys(texts))
        text = " · ".join(different) if len(different) <= 2 else tr("different")
        self._values[key].set_full_text(text)

    def _on_thumbnails(self, _keys: object) -> None:
        images: list[QImage] = []
        for kept in self._items[:_MAX_SHOWN]:
            image = self._desk.thumbnail(kept)
            if image is not None and not image.isNull():
                images.append(image)
        self._pictures.show_images(tuple(images))


def say_closest(kept: Kept) -> str:
    """Give how near a kept picture is to those that its model learned from."""
    nearness = kept.nearness
    if nearness is None:
        return tr("not measured")
    if nearness.is_copy:
        return tr("near copy of {file}", file=nearness.file)
    return tr("{distance} away", distance=say_number(nearness.distance))


def say_time(seconds: float) -> str:
    """Give a moment in the artist's own time, without the day when it is today."""
    then, now = time.localtime(seconds), time.localtime()
    clock = time.strftime("%H:%M", then)
    if then[:3] == now[:3]:
        return tr("today, {time}", time=clock)
    return f"{time.strftime('%Y-%m-%d', then)}, {clock}"
