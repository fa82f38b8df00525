"""The gallery as the window works with it: what is there, and changes that wait for the disk."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.background import Background
from studio.app.board_desk import BoardDesk, lies_on
from studio.app.gallery_counts import GalleryCounts, Tally
from studio.app.outbox import Outbox, picture_mime
from studio.app.thumbnails import Thumbnails
from studio.core.errors import StudioError
from studio.library.gallery import Gallery
from studio.library.kept import Kept


class GalleryDesk(QObject):
    """Reads and changes the gallery for all its views.

    Signals:
        changed: None; something in the gallery is different now.
        trashed: Tuple of `Kept` that went into the bin.
        failed: `StudioError`; a change was not made.
    """

    changed = Signal(object)
    trashed = Signal(object)
    failed = Signal(object)

    def __init__(self, gallery: Gallery, outbox: Outbox, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._outbox = outbox
        self._worker = Background(self)
        self.thumbnails = Thumbnails(self)
        self._counts: GalleryCounts | None = None
        self._tally = Tally()
        self.boards = BoardDesk(gallery, self)
        self.boards.chosen.connect(self._on_board)

    @property
    def gallery(self) -> Gallery:
        """The gallery itself, for those who keep in it."""
        return self._gallery

    def items(
        self, search: str = "", *, starred_only: bool = False, in_trash: bool = False
    ) -> tuple[Kept, ...]:
        """Give kept pictures, newest first; from memory."""
        return self._gallery.items(search, starred_only=starred_only, in_trash=in_trash)

    def on_board(self, items: tuple[Kept, ...]) -> tuple[Kept, ...]:
        """Give those of some pictures that lie on the open board; all when none is open."""
        board = self.boards.present
        return tuple(kept for kept in items if lies_on(kept, board)) if board else items

    def find(self, kept_id: str) -> Kept | None:
        """Give a kept picture by its id, None when there is none."""
        return self._gallery.find(kept_id)

    def counts(self) -> GalleryCounts:
        """Count everything; once for all views between two changes."""
        if self._counts is None:
            self._counts = self._count()
        return self._counts

    def _count(self) -> GalleryCounts:
        year, month, day = time.localtime()[:3]
        midnight_s = time.mktime((year, month, day, 0, 0, 0, 0, 0, -1))
        return self._tally.count(
            self.on_board(self.items()),
            num_trash=len(self.items(in_trash=True)),
            midnight_s=midnight_s,
        )

    def thumbnail(self, kept: Kept) -> QImage | None:
        """Give the thumbnail, None until it has been loaded."""
        return self.thumbnails.request(kept.id, lambda: self._gallery.thumbnail_path(kept))

    @Slot(object)
    def refresh(self, _cause: object = None) -> None:
        """Tell all views to look again; after something was kept."""
        self._tell()

    def star(self, items: Sequence[Kept], is_starred: bool) -> None:
        """Give or take the star."""
        self.change(items, lambda kept: self._gallery.set_starred(kept.id, is_starred))

    def rename(self, kept: Kept, name: str) -> None:
        """Give another name; an empty one is no wish."""
        if name.strip() and name.strip() != kept.name:
            self.change([kept], lambda one: self._gallery.rename(one.id, name.strip()))

    def set_tags(self, items: Sequence[Kept], tags: tuple[str, ...]) -> None:
        """Give other tags."""
        self.change(items, lambda kept: self._gallery.set_tags(kept.id, tags))

    def trash(self, items: Sequence[Kept]) -> None:
        """Move pictures into the bin; `trashed` tells which went."""
        gone = tuple(items)
        self.change(
            gone,
            lambda kept: self._gallery.move_to_trash(kept.id),
            then=lambda: self.trashed.emit(gone),
        )

    def restore(self, items: Sequence[Kept]) -> None:
        """Take pictures out of the bin."""
        self.change(items, lambda kept: self._gallery.restore(kept.id))

    def mime_of(
        self, items: Sequence[Kept], *, extra: Mapping[str, bytes] | None = None
    ) -> QMimeData | None:
        """Give what a drag or the clipboard carries: a file for each picture, the first as image.

        Returns:
            None, after `failed`, when the files could not be made.
        """
        try:
            paths = [self._outbox.file_of_kept(self._gallery, kept) for kept in items]
        except StudioError as error:
            self.failed.emit(error)
            return None
        if not paths:
            return None
        return _mime(paths, extra or {})

    def picture_path(self, kept: Kept) -> Path:
        """Give the file of a kept picture, to be shown in its folder."""
        return self._gallery.picture_path(kept)

    def do(self, work: Callable[[], Any]) -> None:
        """Do something about the gallery on the worker; `failed` tells when it did not work."""
        self._worker.run(work, lambda _done: None, failed=self.failed.emit)

    @Slot(object)
    def _on_board(self, _name: str) -> None:
        self._tell()

    def finish(self) -> None:
        """Wait for changes that are on their way; before the window closes."""
        self._worker.finish()
        self.thumbnails.finish()

    def _tell(self) -> None:
        self._counts = None
        self.changed.emit(None)

    def change(
        self,
        items: Sequence[Kept],
        change: Callable[[Kept], Any],
        *,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Change pictures one by one on the worker; `changed` and `failed` tell how it went."""
        todo = tuple(items)

        def work() -> None:
            for kept in todo:
                change(kept)

        def done(_nothing: object) -> None:
            self._tell()
            if then is not None:
                then()

        def fail(error: StudioError) -> None:
            self._tell()
            self.failed.emit(error)

        self._worker.run(work, done, failed=fail)


def _mime(paths: Sequence[Path], extra: Mapping[str, bytes]) -> QMimeData:
    mime = picture_mime(paths[0], extra=extra)
    image = QImage(str(paths[0]))
    if not image.isNull():
        mime.setImageData(image)
    urls = [url for path in paths for url in picture_mime(path).urls()]
    mime.setUrls(urls)
    return mime
