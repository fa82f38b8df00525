"""A model between two of one lineage, made in a child of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.trainer_child import TrainerChild
from studio.core.errors import StudioError, TrainingError
from studio.core.model_card import SPEC_FILE
from studio.core.model_lineage import has_same_graph, lineage_of
from studio.core.recipe import ZONES
from studio.core.training_spec import TrainingSpec
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command
from studio.library.model_library import InstalledModel
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import BlendJob, Exported, ModelWish, TrainerEvent

_PLACE: Final = "cache/blend"
_MAX_SPEC_BYTES: Final = 1 << 20


class BlendWish(msgspec.Struct, frozen=True):
    """A model to make.

    Attributes:
        first: The one.
        second: The other.
        shares: Of the second in the coarse, the medium and the fine zone, 0…1.
        name: What to call it.
    """

    first: InstalledModel
    second: InstalledModel
    shares: tuple[float, float, float]
    name: str


class BlendDesk(QObject):
    """Finds what a model can be blended with, and makes one blend at a time.

    Signals:
        found: The model, and a tuple of those of its lineage.
        busy_changed: Whether a model is being made.
        made: Folder of the new model.
        failed: `StudioError`.
    """

    found = Signal(object, object)
    busy_changed = Signal(bool)
    made = Signal(object)
    failed = Signal(object)

    def __init__(
        self, home: Path, *, taken: Callable[[], tuple[str, ...]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._home, self._taken = home, taken
        self._disk = Background(self)
        self._child: TrainerChild | None = None
        self._folder: Path | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a model is being made."""
        return self._child is not None

    def find(self, model: InstalledModel, among: Sequence[InstalledModel]) -> None:
        """Look for models of the same lineage; `found` tells."""

        def tell(others: tuple[InstalledModel, ...]) -> None:
            self.found.emit(model, others)

        self._disk.run(lambda: _relatives(model, among), tell, failed=self.failed.emit)

    def make(self, wish: BlendWish) -> None:
        """Make the model; `made` or `failed` tells."""
        if self._child is not None:
            return
        command = f"studio models blend {wish.first.card.id} {wish.second.card.id}" + "".join(
            f" --{zone} {share:g}" for zone, share in zip(ZONES, wish.shares, strict=True)
        )
        job = BlendJob(
            wish=ModelWish(name=wish.name, command=command),
            first=str(wish.first.folder),
            second=str(wish.second.folder),
            shares=wish.shares,
            models=str(self._home / "models"),
            taken=self._taken(),
        )
        self._start(encode_line(job))

    def cancel(self) -> None:
        """Stop making it; nothing of it shows in the library."""
        child, self._child = self._child, None
        if child is not None:
            child.ended.disconnect(self._on_ended)
            child.cancel()
            self.busy_changed.emit(False)

    def finish(self) -> None:
        """End everything; for the end of the program."""
        if self._child is not None:
            self._child.finish()
        self._disk.finish()

    def _start(self, line: bytes) -> None:
        path = self._home / _PLACE / "blend.json"
        child = self._child = TrainerChild(child_command("trainer", str(path)), parent=self)
        self._folder = None
        child.told.connect(self._on_told)
        child.ended.connect(self._on_ended)
        self.busy_changed.emit(True)

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomic(path, line)

        def begin(_nothing: object) -> None:
            if child is self._child:
                child.start()

        self._disk.run(write, begin, failed=child.ended.emit)

    @Slot(object)
    def _on_told(self, event: TrainerEvent) -> None:
        if isinstance(event, Exported):
            self._folder = Path(event.folder)

    @Slot(object)
    def _on_ended(self, error: StudioError | None) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.deleteLater()
        self.busy_changed.emit(False)
        if error is not None or self._folder is None:
            self.failed.emit(error or TrainingError("The model was not made.", "Try again."))
        else:
            self.made.emit(self._folder)


def _relatives(
    model: InstalledModel, among: Sequence[InstalledModel]
) -> tuple[InstalledModel, ...]:
    spec = _read_spec(model.folder)
    if spec is None:
        return ()
    own, found = lineage_of(model.card, spec), []
    for other in among:
        its = _read_spec(other.folder) if other.card.model != model.card.model else None
        if its is not None and own & lineage_of(other.card, its) and has_same_graph(spec, its):
            found.append(other)
    return tuple(found)


def _read_spec(folder: Path) -> TrainingSpec | None:
    try:
        with (folder / SPEC_FILE).open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_SPEC_BYTES), type=TrainingSpec)
    except (OSError, msgspec.DecodeError):
        return None  # a model from elsewhere has none, and no relatives
