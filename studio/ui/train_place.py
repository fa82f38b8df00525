"""Everything that the Train place is made of: what works behind it, and its page."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from studio.app.snapshot_desk import SnapshotDesk
from studio.app.snapshot_jobs import SnapshotJobs
from studio.app.thumbnails import Thumbnails
from studio.app.training_desk import TrainingDesk
from studio.app.unpacking import Unpacking
from studio.files.places import shipped_models
from studio.ui.train_page import TrainPage


class TrainPlace(QObject):
    """Owns the desk of trainings, the desk of snapshots, their jobs, and the page."""

    def __init__(
        self, home: Path, *, models: Sequence[Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.desk = TrainingDesk(home, models=models, taken=shipped_ids, parent=self)
        self.zips = Unpacking(home, parent=self)
        self.snapshots = SnapshotDesk(self)
        self.jobs = SnapshotJobs(home, taken=shipped_ids, parent=self)
        self._pictures = Thumbnails(self)
        self.page = TrainPage(self.snapshots, self._pictures)

    def finish(self) -> None:
        """End what is under way; a training at work goes on by itself."""
        for part in (self.zips, self.desk, self.jobs, self.snapshots, self._pictures):
            part.finish()


def shipped_ids() -> tuple[str, ...]:
    """Give the ids that no model of the artist's may have."""
    folder = shipped_models()
    return tuple(path.name for path in folder.iterdir()) if folder.is_dir() else ()
