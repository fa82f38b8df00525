"""TensorBoard event files beside a run, for those who want them.

`events.jsonl` stays the truth; these files are written only where the package
`tensorboard` is installed (the extra "curves").
"""

import importlib.util
import logging
from pathlib import Path
from typing import Final

import msgspec

from studio.core.snapshot import SnapshotScores
from studio.protocol.codec import Message
from studio.protocol.training_messages import Gauged, Progress, SnapshotTaken

CURVES_FOLDER: Final = "tensorboard"
_PROGRESS: Final = (
    "critic_loss",
    "generator_loss",
    "real_score",
    "fake_score",
    "real_penalty",
    "fake_penalty",
    "images_per_s",
)
_GAUGES: Final = ("overfit", "winning", "penalty_share", "yielded")
_log = logging.getLogger(__name__)


def has_tensorboard() -> bool:
    """Says whether event files can be written here."""
    return importlib.util.find_spec("tensorboard") is not None


class CurveFiles:
    """Writes numbers of events as scalars; the horizontal axis is images seen."""

    def __init__(self, run: Path) -> None:
        """Opens a new file in the run's folder; only where `has_tensorboard` says yes."""
        # Late: it takes a second to load, and most machines have none.
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415

        self._writer = SummaryWriter(str(run / CURVES_FOLDER))

    def take(self, event: Message) -> None:
        """Writes what an event measures; a full disk costs points, never the run."""
        try:
            match event:
                case Progress():
                    self._add("loop", event, fields=_PROGRESS, images=round(event.kimg * 1000))
                case Gauged():
                    self._add("gauge", event, fields=_GAUGES, images=round(event.kimg * 1000))
                case SnapshotTaken() if event.snapshot.scores is not None:
                    names = SnapshotScores.__struct_fields__
                    snapshot = event.snapshot
                    self._add("snapshot", snapshot.scores, fields=names, images=snapshot.images)
                case _:
                    pass
        except OSError as error:
            _log.warning("a point of the curves was not written: %s", error)

    def close(self) -> None:
        """Writes what is left."""
        self._writer.close()

    def _add(
        self, group: str, values: msgspec.Struct | None, *, fields: tuple[str, ...], images: int
    ) -> None:
        for name in fields:
            value = getattr(values, name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                self._writer.add_scalar(f"{group}/{name}", value, images)
