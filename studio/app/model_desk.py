"""Models that come in and go out, on a thread of their own: one at a time, with a way to stop it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard, Right
from studio.library.model_library import InstalledModel
from studio.protocol.trial_messages import Question, TrialWishes

if TYPE_CHECKING:
    from studio.library.model_arrival import Arrival

# What reads and writes models is imported when a first one comes: the window's start is short.


class Naming(msgspec.Struct, frozen=True):
    """What the artist says about a model that comes in; "" and nothing keep what it brings."""

    name: str
    rights: tuple[Right, ...]
    credit: str


class ModelDesk(QObject):
    """Brings models in and writes them out.

    Signals:
        stepped: How far it is, 0…1, and a word on what is done.
        asked: Tuple of `Question` about the graph that comes in.
        arrived: `Arrival` that waits for its name and rights; the desk holds it.
        accepted: Folder of the model in the library.
        shared: Path of the zip that was written.
        failed: `StudioError`.
        ended: Whatever the end was, stopping too; comes after the others.
    """

    stepped = Signal(float, object)
    asked = Signal(object)
    arrived = Signal(object)
    accepted = Signal(object)
    shared = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(
        self, models: Path, *, taken: Callable[[], tuple[str, ...]], parent: QObject | None = None
    ) -> None:
        """Stand ready.

        Args:
            models: The artist's folder of models.
            taken: Gives the ids that no model of the artist's may have.
            parent: Qt's.
        """
        super().__init__(parent)
        self._models, self._taken = models, taken
        self._disk = Background(self)
        self._stop = threading.Event()
        self._is_busy = False
        self._arrival: Arrival | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self._is_busy

    def begin(self, path: Path, wishes: TrialWishes = TrialWishes()) -> None:  # noqa: B008 - frozen
        """Look at a file or folder; `arrived`, `asked` or `failed` tells."""
        self.discard()
        stop = self._begin()

        def work() -> "Arrival | tuple[Question, ...] | None":
            from studio.library.model_arrival import bring_in  # noqa: PLC0415
            from studio.opener.limited_child import StoppedError  # noqa: PLC0415
            from studio.opener.trial_client import QuestionsError  # noqa: PLC0415

            try:
                return bring_in(
                    path,
                    self._models,
                    wishes=wishes,
                    tell=self.stepped.emit,
                    is_stopping=stop.is_set,
                )
            except QuestionsError as error:
                return error.questions
            except StoppedError:
                return None

        self._disk.run(work, self._on_looked_at, failed=self._on_failed)

    def keep(self, naming: Naming) -> None:
        """Take what arrived into the library; `accepted` or `failed` tells."""
        arrival = self._arrival
        if arrival is None or self._is_busy:
            return
        self._begin()
        taken = self._taken()

        def work() -> Path:
            from studio.library.model_arrival import accept  # noqa: PLC0415

            return accept(
                arrival,
                name=naming.name,
                rights=naming.rights,
                credit=naming.credit,
                taken=taken,
            )

        self._disk.run(work, self._on_accepted, failed=self._on_failed)

    def share(self, model: InstalledModel, target: Path) -> None:
        """Write a model as one file; `shared` or `failed` tells."""
        if self._is_busy:
            return
        stop = self._begin()

        def work() -> Path | None:
            from studio.files.model_zip import StoppedSharingError, write_model_zip  # noqa: PLC0415

            try:
                write_model_zip(
                    model.folder,
                    model.card,
                    target=target,
                    tell=lambda share: self.stepped.emit(share, "writing"),
                    is_stopping=stop.is_set,
                )
            except StoppedSharingError:
                return None
            return target

        self._disk.run(work, self._on_shared, failed=self._on_failed)

    def stop(self) -> None:
        """Stop what is under way; nothing of it stays."""
        self._stop.set()

    def discard(self) -> None:
        """Throw away what arrived and was not kept, and stop what is under way."""
        self._stop.set()
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            arrival.stage.discard()

    def tidy(self) -> None:
        """Remove what imports that were killed left behind; only before any of ours begins."""

        def work() -> int:
            from studio.files.model_stage import remove_stages  # noqa: PLC0415

            return remove_stages(self._models)

        self._disk.run(work, lambda _count: None, failed=_forget)

    def finish(self) -> None:
        """End everything; for the end of the program."""
        self.discard()
        self._disk.finish()

    @property
    def card(self) -> ModelCard | None:
        """The card of what arrived and waits."""
        return self._arrival.card if self._arrival else None

    def _begin(self) -> threading.Event:
        """Give what stops the work that begins now, and that alone."""
        self._stop = threading.Event()
        self._is_busy = True
        return self._stop

    @Slot(object)
    def _on_looked_at(self, found: "Arrival | tuple[Question, ...] | None") -> None:
        is_wanted = not self._stop.is_set()
        self._is_busy = False
        if isinstance(found, tuple):
            if is_wanted:
                self.asked.emit(found)
        elif found is not None and is_wanted:
            self._arrival = found
            self.arrived.emit(found)
        elif found is not None:
            found.stage.discard()
        self.ended.emit()

    @Slot(object)
    def _on_accepted(self, folder: Path) -> None:
        self._is_busy, self._arrival = False, None
        self.accepted.emit(folder)
        self.ended.emit()

    @Slot(object)
    def _on_shared(self, target: Path | None) -> None:
        self._is_busy = False
        if target is not None:
            self.shared.emit(target)
        self.ended.emit()

    @Slot(object)
    def _on_failed(self, error: StudioError) -> None:
        self._is_busy = False
        self.failed.emit(error)
        self.ended.emit()


def _forget(_error: StudioError) -> None:
    """What cannot be tidied now is tidied the next time."""
