"""Snapshots: whole or not there, thinned out with care, the best one offered."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.errors import TrainingError
from studio.core.snapshot import NearCopy, Snapshot, SnapshotScores
from studio.core.training_spec import TrainingSpec
from studio.protocol.training_messages import SheetJob
from studio.training import snapshots
from studio.training.networks import Generator
from studio.training.snapshots import (
    best_snapshot,
    draw_pictures,
    draw_sheets,
    is_admissible,
    load_weights,
    read_snapshots,
    read_weights,
    score_snapshot,
    take_snapshot,
)
from studio.training.state import TrainingState
from tests.unit.training.small import save_pictures, small_spec


def scores(**changes: float) -> SnapshotScores:
    values = {
        "likeness": 20.0,
        "likeness_floor": 2.0,
        "variety": 0.5,
        "density": 1.0,
        "distance": 1.0,
        "copies": 0.0,
        "copies_high": 0.02,
    }
    return SnapshotScores(**(values | changes), num_made=100)  # type: ignore[arg-type]


def snapshot(
    number: int, measured: SnapshotScores | None = None, *, is_good: bool = True
) -> Snapshot:
    return Snapshot(
        number=number,
        images=number * 1000,
        folder=f"snapshots/{number * 1000:010d}",
        tile_px=16,
        scores=measured,
        is_admissible=is_good,
    )


def state_at(images: int, spec: TrainingSpec | None = None) -> TrainingState:
    state = TrainingState(spec or small_spec())
    state.images = images
    return state


class FixedJudge:
    def __init__(self, measured: SnapshotScores, nearest: Sequence[NearCopy] = ()) -> None:
        self._answer = measured, tuple(nearest)

    def judge(
        self, average: Generator, spec: TrainingSpec, *, between: Callable[[], None]
    ) -> tuple[SnapshotScores, tuple[NearCopy, ...]]:
        return self._answer


def test_a_snapshot_is_read_back_as_it_was_taken(tmp_path: Path) -> None:
    state = state_at(4000)
    taken = take_snapshot(tmp_path, state)
    assert read_snapshots(tmp_path) == (taken,)
    with Image.open(tmp_path / taken.folder / "sheet.webp") as sheet:
        assert sheet.size == (5 * 16, 4 * 16)
    weights = read_weights(tmp_path, taken)
    for name, value in state.average.state_dict().items():
        torch.testing.assert_close(weights[name], value, atol=1e-2, rtol=1e-3)


def test_the_numbers_go_on_and_a_repeated_one_keeps_its_own(tmp_path: Path) -> None:
    for images in (0, 2000, 4000, 2000):
        last = take_snapshot(tmp_path, state_at(images))
    assert last.number == 1
    assert [one.number for one in read_snapshots(tmp_path)] == [0, 1, 2]


def test_a_snapshot_that_a_kill_left_unfinished_is_not_there(tmp_path: Path) -> None:
    taken = take_snapshot(tmp_path, state_at(0))
    (tmp_path / taken.folder / "snapshot.json").unlink()
    broken = take_snapshot(tmp_path, state_at(2000))
    (tmp_path / broken.folder / "snapshot.json").write_bytes(b'{"number": 1')
    assert read_snapshots(tmp_path) == ()
    with pytest.raises(TrainingError, match="cannot be read"):
        read_weights(tmp_path, snapshot(7))


def test_a_score_is_kept_with_its_critic_and_its_pairs(tmp_path: Path) -> None:
    save_pictures(tmp_path / "pictures.npy")
    state = state_at(5000)
    taken = take_snapshot(tmp_path, state)
    pair = NearCopy(seed=3, file="a.png", square=2, distance=0.4, is_copy=True)
    scored = score_snapshot(tmp_path, taken, state=state, judge=FixedJudge(scores(), [pair, pair]))
    assert read_snapshots(tmp_path) == (scored,)
    with Image.open(tmp_path / taken.folder / "nearest.webp") as sheet:
        assert sheet.size == (2 * 16, 2 * 16)
    assert (tmp_path / taken.folder / "critic.safetensors").is_file()


@pytest.mark.parametrize(
    ("copies", "num_pictures", "is_offered"),
    [(0.04, 300, True), (0.06, 300, False), (0.14, 60, True), (0.16, 60, False)],
)
def test_many_copies_are_not_offered(copies: float, num_pictures: int, is_offered: bool) -> None:
    assert is_admissible(scores(copies=copies), [], num_pictures=num_pictures) is is_offered


def test_little_variety_is_not_offered_and_the_start_is_no_measure_of_it() -> None:
    earlier = [snapshot(0, scores(variety=1.0)), snapshot(1, scores(variety=0.5))]
    assert is_admissible(scores(variety=0.41), earlier, num_pictures=300)
    assert not is_admissible(scores(variety=0.39), earlier, num_pictures=300)


def test_the_best_is_the_likest_that_may_be_offered_and_never_the_start() -> None:
    given = [
        snapshot(0, scores(likeness=1)),
        snapshot(1, scores(likeness=30)),
        snapshot(2, scores(likeness=9), is_good=False),
        snapshot(3, scores(likeness=12)),
        snapshot(4),
    ]
    best = best_snapshot(given)
    assert best is not None
    assert best.number == 3
    assert best_snapshot(given[:1]) is None


def test_old_unscored_snapshots_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MAX_KEPT", 4)
    monkeypatch.setattr(snapshots, "draw_sheet", lambda *_, **__: np.zeros((4, 4, 3), np.uint8))
    for images in (0, 1000, 2900, 3000):
        state = state_at(images)
        taken = take_snapshot(tmp_path, state)
        if images in (1000, 3000):
            score_snapshot(tmp_path, taken, state=state, judge=FixedJudge(scores(likeness=images)))
    take_snapshot(tmp_path, state_at(3050))  # the scored one at 3000 stands closest now
    assert [one.images for one in read_snapshots(tmp_path)] == [0, 1000, 3000, 3050]
    take_snapshot(tmp_path, state_at(9500))
    # 1000 is the best; 3000 was scored: 3050 goes.
    assert [one.images for one in read_snapshots(tmp_path)] == [0, 1000, 3000, 9500]
    take_snapshot(tmp_path, state_at(9900))
    assert [one.images for one in read_snapshots(tmp_path)] == [0, 1000, 3000, 9900]
    assert sorted(path.name for path in (tmp_path / "snapshots").iterdir()) == [
        "0000000000",
        "0000001000",
        "0000003000",
        "0000009900",
    ]


def test_the_same_seeds_are_drawn_from_every_snapshot(tmp_path: Path) -> None:
    spec = small_spec()
    for images, seed in ((0, 1), (2000, 2)):
        state = state_at(images, msgspec.structs.replace(spec, seed=seed))
        taken = take_snapshot(tmp_path, state)
    (tmp_path / taken.folder / "new-00000000.webp").write_bytes(b"older")
    (tmp_path / taken.folder / "pins-00000000.webp").write_bytes(b"of another kind")
    draw_sheets(tmp_path, spec, job=SheetJob(seeds=(4, 5, 6, 7, 8, 9), file="new-1.webp", psi=1.0))
    for one in read_snapshots(tmp_path):
        with Image.open(tmp_path / one.folder / "new-1.webp") as sheet:
            assert sheet.size == (5 * 16, 2 * 16)
            black = np.asarray(sheet)[16:, 32:]
            assert black.mean() < 20
    names = sorted(path.name for path in (tmp_path / taken.folder).glob("*.webp"))
    assert names == ["new-1.webp", "pins-00000000.webp", "sheet.webp"]


@pytest.mark.parametrize("name", ["../out.webp", "sheet.webp", "x.png", "snapshot.json"])
def test_a_sheet_cannot_take_another_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrainingError, match="cannot be drawn"):
        draw_sheets(tmp_path, small_spec(), job=SheetJob(seeds=(1,), file=name))


def test_weights_of_another_network_are_said_so(tmp_path: Path) -> None:
    taken = take_snapshot(tmp_path, state_at(0))
    with pytest.raises(TrainingError, match="another size"):
        load_weights(Generator(small_spec(resolution=32)), read_weights(tmp_path, taken))


def test_drawing_touches_no_random_numbers_of_torch() -> None:
    state = state_at(0)
    before = torch.random.get_rng_state()
    first = draw_pictures(state.average, state.spec, seeds=[3], psi=1.0)
    assert np.array_equal(first, draw_pictures(state.average, state.spec, seeds=[3], psi=1.0))
    assert torch.equal(before, torch.random.get_rng_state())
