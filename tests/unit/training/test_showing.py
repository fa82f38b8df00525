"""When a run shows itself; the clock is turned by hand."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.protocol.training_messages import Sampled, SnapshotTaken
from studio.training.correspondence import EventLog
from studio.training.showing import Showing
from studio.training.snapshots import take_snapshot
from studio.training.state import TrainingState
from tests.unit.training.small import small_tune


class Watched:
    """A run that is shown at chosen times; gives what it has told."""

    def __init__(self, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time_s = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.time_s)
        self.run = run
        self.log = EventLog(run, has_mirror=False)
        self.told: list[object] = []
        self.log.listeners.append(self.told.append)
        self.state = TrainingState(small_tune())
        self.showing = Showing(run, self.state.spec, log=self.log)
        self.showing.begin(self.state, seconds=0.0)

    def snapshots(self, *, after_s: float, images: int, wants: bool = False) -> int:
        self.time_s += after_s
        self.state.images += images
        self.told.clear()
        self.showing.show(self.state, seconds=self.time_s, wants_snapshot=wants)
        return sum(isinstance(event, SnapshotTaken) for event in self.told)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched(tmp_path, monkeypatch)
    yield watched
    watched.log.close()


def test_the_first_snapshot_comes_soon_but_not_before_it_differs(watched: Watched) -> None:
    assert watched.snapshots(after_s=31, images=4) == 0  # the critic alone has learned
    assert watched.snapshots(after_s=1, images=4) == 1


def test_then_every_two_kimg_or_five_minutes(watched: Watched) -> None:
    watched.snapshots(after_s=31, images=8)
    assert watched.snapshots(after_s=59, images=2000) == 0
    assert watched.snapshots(after_s=1, images=0) == 1
    assert watched.snapshots(after_s=299, images=100) == 0
    assert watched.snapshots(after_s=1, images=0) == 1


def test_a_wish_is_granted_but_a_scored_one_is_not_taken_again(watched: Watched) -> None:
    assert watched.snapshots(after_s=1, images=4, wants=True) == 1
    watched.state.images += 4
    take_snapshot(watched.run, watched.state)
    assert watched.snapshots(after_s=1, images=0, wants=True) == 0


def test_a_sheet_comes_within_half_a_minute(watched: Watched) -> None:
    watched.snapshots(after_s=30, images=4)
    assert any(isinstance(event, Sampled) for event in watched.told)
