"""Sending pictures to other programs, and taking back what was painted over in them."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QProcess, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from studio.app.background import Background
from studio.app.exporting import Exported, Exporter, ExportFailure, ExportItem, ExportPlan
from studio.app.handoff_watch import CameBack, HandoffWatch
from studio.core.arrays import pixel_hash
from studio.core.errors import PictureError, StorageError, StudioError
from studio.core.lineage import Lineage
from studio.core.model_card import ModelCard
from studio.export.file_names import free_path, safe_name
from studio.export.stills import StillSettings
from studio.files.handoffs import (
    FOLDER,
    WATCHED_S,
    Handoff,
    SentPicture,
    digest_of,
    is_untouched,
    read_handoffs,
    remove_untouched,
    write_handoff,
)
from studio.files.paint_programs import PaintProgram, argument_lists
from studio.library.gallery import Gallery
from studio.library.kept import Kept, remembered_card
from studio.opener.client import open_recipe_picture

MAX_WATCHED: Final = 200
MAX_PICTURES: Final = 100  # one program that opens more windows is no help

FindCard = Callable[[str], ModelCard | None]


class Sent(msgspec.Struct, frozen=True):
    """Pictures that a program was started with."""

    program: PaintProgram
    paths: tuple[Path, ...]


class Returned(msgspec.Struct, frozen=True):
    """A picture that came back painted over: kept, and what it was painted over."""

    kept: Kept
    over: SentPicture
    path: Path
    is_whole: bool


class _Wish(msgspec.Struct, frozen=True):
    items: tuple[ExportItem, ...]
    program: PaintProgram
    settings: StillSettings
    folder: Path


class HandoffDesk(QObject):
    """Exports into `STUDIO_HOME/handoff`, starts programs, and watches what they save there.

    Signals:
        sent: `Sent`.
        returned: `Returned`; it is kept by then.
        failed: `StudioError`; nothing was started, or something that came back cannot be read.
    """

    sent = Signal(object)
    returned = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        exporter: Exporter,
        *,
        find_card: FindCard,
        parent: QObject | None = None,
    ) -> None:
        """Make a desk; nothing is watched before `begin`.

        Args:
            gallery: Where what comes back is kept; hand-offs lie in its home.
            exporter: Writes the files; it must be this desk's alone.
            find_card: Gives the card of a model by its hash, None when it is not installed.
            parent: Its owner.
        """
        super().__init__(parent)
        self._home, self._gallery, self._exporter = gallery.home, gallery, exporter
        self._find_card = find_card
        self._worker = Background(self)
        self._wish: _Wish | None = None
        self.watch = HandoffWatch(parent=self)
        exporter.exported.connect(self._on_exported)
        exporter.failed.connect(self._on_export_failed)
        self.watch.painted.connect(self._on_painted)
        self.watch.refused.connect(self._on_refused)

    @property
    def is_sending(self) -> bool:
        """Whether pictures are on their way."""
        return self._wish is not None

    def begin(self) -> None:
        """Watch what was sent in the last days; what was saved meanwhile comes back now."""
        home = self._home

        def work() -> tuple[Handoff, ...]:
            remove_untouched(home)
            return read_handoffs(home)

        self._worker.run(work, self._follow_all, failed=self.failed.emit)

    def send(
        self, items: Sequence[ExportItem], program: PaintProgram, *, settings: StillSettings
    ) -> None:
        """Export pictures and start a program with them; `sent` or `failed` tells how it went."""
        if self._wish is not None or not items:
            return
        if len(items) > MAX_PICTURES:
            error = StorageError(
                f"More than {MAX_PICTURES} pictures cannot be sent at once.", "Choose fewer."
            )
            self.failed.emit(error)
            return
        again = self._sent_before(items, settings)
        if again is not None:
            self._start(program, [again.folder / one.file for one in again.pictures])
            return
        folder = free_path(self._home / FOLDER / _folder_name(items))
        self._wish = _Wish(tuple(items), program, settings, folder)
        self._exporter.export(items, ExportPlan(folder, "{name}", settings))

    def finish(self) -> None:
        """Stop watching, and wait for what is being written."""
        self.watch.finish()
        self._worker.finish()

    # ---------------------------------------------------------------- sending

    def _sent_before(self, items: Sequence[ExportItem], settings: StillSettings) -> Handoff | None:
        """Give the hand-off of exactly these pictures to which nobody did anything yet."""
        wanted = [(item.recipe, item.kept.id if item.kept else None) for item in items]
        for handoff in self.watch.handoffs:
            sent = [(one.recipe, one.kept) for one in handoff.pictures]
            if sent == wanted and handoff.settings == _say(settings) and is_untouched(handoff):
                return handoff
        return None

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        wish, self._wish = self._wish, None
        if wish is None or exported.was_cancelled:
            return
        handoff = Handoff(
            folder=wish.folder,
            program=wish.program.name,
            sent_at=time.time(),
            settings=_say(wish.settings),
            pictures=tuple(
                self._record(item, path)
                for item, path in zip(wish.items, exported.paths, strict=True)
            ),
        )

        def go_on(recorded: Handoff) -> None:
            self.watch.follow(recorded, is_fresh=True)
            self._start(wish.program, list(exported.paths))

        self._worker.run(lambda: _recorded(handoff), go_on, failed=self.failed.emit)

    def _record(self, item: ExportItem, path: Path) -> SentPicture:
        card = self._find_card(item.recipe.model)
        kept = item.kept
        return SentPicture(
            file=path.name,
            sha256="",
            recipe=item.recipe,
            model_name=card.name if card else kept.model_name if kept else "",
            credit=card.credit if card else kept.credit if kept else "",
            kept=kept.id if kept is not None else None,
        )

    @Slot(object)
    def _on_export_failed(self, failure: ExportFailure) -> None:
        if self._wish is not None:
            self._wish = None
            self.failed.emit(failure.error)

    def _start(self, program: PaintProgram, paths: list[Path]) -> None:
        if program.command:
            lists = argument_lists(program.command, paths)
            is_started = all(_start_detached(words) for words in lists)
        else:
            urls = [QUrl.fromLocalFile(str(path)) for path in paths]
            is_started = all(QDesktopServices.openUrl(url) for url in urls)
        if is_started:
            self.sent.emit(Sent(program, tuple(paths)))
            return
        folder = f"{FOLDER}/{paths[0].parent.name}"
        self.failed.emit(
            StorageError(
                f"“{program.name}” could not be started.",
                f"Open the file in it yourself: it is in “{folder}” of the studio’s own folder.",
            )
        )

    # ---------------------------------------------------------------- coming back

    def _follow_all(self, found: tuple[Handoff, ...]) -> None:
        young = [one for one in found if time.time() - one.sent_at < WATCHED_S]
        for handoff in young[:MAX_WATCHED]:
            self.watch.follow(handoff, is_fresh=False)

    @Slot(object)
    def _on_painted(self, back: CameBack) -> None:
        over = back.handoff.picture_of(back.path.name)
        card = self._find_card(over.recipe.model)

        def keep() -> Returned | None:
            if any(kept.pixel_hash == back.pixels for kept in self._gallery.items()):
                write_handoff(back.handoff)  # it came back before; the record was lost
                return None
            kept = self._gallery.keep(
                back.picture,
                over.recipe,
                card=card or _card_of(over),
                name="",
                provider="",
                lineage=Lineage(over.kept, painted_in=back.handoff.program),
            )
            write_handoff(back.handoff)
            return Returned(kept, over, back.path, back.is_whole)

        def tell(returned: Returned | None) -> None:
            if returned is not None:
                self.returned.emit(returned)

        self._worker.run(keep, tell, failed=self.failed.emit)

    @Slot(object)
    def _on_refused(self, refused: tuple[Path, StudioError]) -> None:
        path, error = refused
        self.failed.emit(
            PictureError(f"“{path.name}” was saved, but cannot be read back.", error.what)
        )


def _start_detached(words: list[str]) -> bool:
    """Start a program that lives on without the window; its words go nowhere."""
    process = QProcess()
    process.setProgram(words[0])
    process.setArguments(words[1:])
    nowhere = QProcess.nullDevice()
    process.setStandardInputFile(nowhere)
    process.setStandardOutputFile(nowhere)
    process.setStandardErrorFile(nowhere)
    # PySide's stubs tell of a pair; without arguments it is a bool (6.12).
    return bool(process.startDetached())


def _recorded(handoff: Handoff) -> Handoff:
    """Write the record of files that were just written, and give it."""
    pictures, seen = [], []
    for one in handoff.pictures:
        path = handoff.folder / one.file
        pictures.append(msgspec.structs.replace(one, sha256=digest_of(path)))
        opened = open_recipe_picture(path)
        if opened.picture is None:
            raise StorageError(f"“{one.file}” cannot be read back.", "Send it once more.")
        seen.append(pixel_hash(opened.picture))
    whole = msgspec.structs.replace(handoff, pictures=tuple(pictures), seen=tuple(seen))
    write_handoff(whole)
    return whole


def _folder_name(items: Sequence[ExportItem]) -> str:
    """Give a name that an artist finds again in a file dialog."""
    day = time.strftime("%Y-%m-%d")
    if len(items) > 1:
        return safe_name(f"{day} {len(items)}")
    kept = items[0].kept
    return safe_name(items[0].name or (kept.name if kept is not None else day))


def _say(settings: StillSettings) -> str:
    """Give how pictures were exported as one text, to be compared."""
    size = "own" if settings.size is None else str(settings.size)
    return f"{settings.format} {settings.bits} {size} {settings.with_recipe}"


def _card_of(over: SentPicture) -> ModelCard:
    """Give what is known of a model that is not installed any more."""
    kept = Kept(
        id="",
        sequence=0,
        kept_at=0.0,
        name="",
        object="",
        pixel_hash="",
        width=1,
        height=1,
        model=over.recipe.model,
        model_name=over.model_name,
        seed_text="",
        recipe=over.recipe,
        provider="",
        credit=over.credit,
    )
    return remembered_card(kept)
