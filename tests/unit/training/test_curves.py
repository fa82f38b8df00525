"""TensorBoard event files: written with the real package, and only where it is there."""

from pathlib import Path
from typing import Any

import pytest

from studio.core.snapshot import Snapshot, SnapshotScores
from studio.protocol.codec import Message
from studio.protocol.training_messages import Gauged, Progress, Saved, SnapshotTaken
from studio.training import curves
from studio.training.curves import CurveFiles, has_tensorboard

PROGRESS = Progress(
    kimg=2.5,
    total_kimg=20,
    resolution=16,
    images_per_s=9,
    seconds=300,
    seconds_left=2000,
    critic_loss=0.5,
    generator_loss=None,
    real_score=0.25,
    fake_score=-1,
)
SCORES = SnapshotScores(
    likeness=31.5,
    likeness_floor=2.5,
    variety=0.5,
    density=0.75,
    distance=1.25,
    copies=0.0,
    copies_high=0.125,
    num_made=200,
)
EVENTS: tuple[Message, ...] = (
    PROGRESS,
    Saved(kimg=2.5),
    Gauged(kimg=3, overfit=None, winning=0.5, penalty_share=0.125),
    SnapshotTaken(snapshot=Snapshot(number=1, images=4000, folder="s", tile_px=16)),
    SnapshotTaken(snapshot=Snapshot(number=1, images=4000, folder="s", tile_px=16, scores=SCORES)),
)


class Writer:
    def __init__(self) -> None:
        self.points: dict[tuple[str, int], float] = {}
        self.is_full = False

    def add_scalar(self, name: str, value: float, images: int) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.points[name, images] = value

    def close(self) -> None:
        pass


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> tuple[CurveFiles, Writer]:
    made = CurveFiles.__new__(CurveFiles)
    writer = Writer()
    made._writer = writer  # type: ignore[assignment]
    return made, writer


def check(points: dict[tuple[str, int], float]) -> None:
    assert points["loop/critic_loss", 2500] == 0.5
    assert points["loop/fake_score", 2500] == -1
    assert ("loop/generator_loss", 2500) not in points
    assert points["gauge/penalty_share", 3000] == 0.125
    assert ("gauge/overfit", 3000) not in points
    assert points["snapshot/likeness", 4000] == 31.5
    assert ("snapshot/is_held_out", 4000) not in points


def test_every_measured_number_has_its_curve(files: tuple[CurveFiles, Writer]) -> None:
    for event in EVENTS:
        files[0].take(event)
    check(files[1].points)


def test_a_full_disk_costs_points_and_not_the_run(files: tuple[CurveFiles, Writer]) -> None:
    files[1].is_full = True
    files[0].take(PROGRESS)
    assert files[1].points == {}


@pytest.mark.skipif(not has_tensorboard(), reason="the package tensorboard is not installed")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    made = CurveFiles(tmp_path)
    for event in EVENTS:
        made.take(event)
    made.close()
    from tensorboard.backend.event_processing import event_accumulator as reading

    accumulator: Any = reading.EventAccumulator(str(tmp_path / curves.CURVES_FOLDER))
    accumulator.Reload()
    check(
        {
            (name, point.step): point.value
            for name in accumulator.Tags()["scalars"]
            for point in accumulator.Scalars(name)
        }
    )
