"""From a run to a model: which weights, which rights, which scores."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.numpy import load

from studio.core.errors import TrainingError
from studio.core.folder_report import FolderChoices
from studio.core.model_card import ModelCard, Right
from studio.core.training_spec import TrainingSpec
from studio.dataset.prepare import Manifest
from studio.dataset.squares import Square
from studio.protocol.training_messages import ExportJob, ModelWish
from studio.training import delivery
from studio.training.checkpoint import save_checkpoint
from studio.training.delivery import (
    choose_snapshot,
    extra_files_of,
    full_wish,
    networks_of,
    prove,
    scores_of,
)
from studio.training.snapshots import score_snapshot, take_snapshot
from studio.training.state import Networks, TrainingState
from tests.unit.training.small import small_pictures, small_spec
from tests.unit.training.test_snapshots import FixedJudge, scores

JOB = ExportJob(wish=ModelWish(name="Mine"), models="models")
OWN = Right(source="my paintings", licence="all rights kept", credit="A. Artist")
PLATES = Right(source="plates", licence="PDM", credit="S. Palmer")


def state_at(images: int, value: float, spec: TrainingSpec | None = None) -> TrainingState:
    """Give a state whose every weight is `value`."""
    state = TrainingState(spec or small_spec())
    state.images = images
    with torch.no_grad():
        for network in (state.average, state.critic):
            for parameter in network.parameters():
                parameter.fill_(value)
    return state


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Snapshots at 0 (all 0), 1000 (all 1), 2000 (all 2, the best) and 2500, a checkpoint (3)."""
    take_snapshot(tmp_path, state_at(0, 0))
    take_snapshot(tmp_path, state_at(1000, 1))
    best = state_at(2000, 2)
    judge = FixedJudge(scores(copies=0.02))
    score_snapshot(tmp_path, take_snapshot(tmp_path, best), state=best, judge=judge)
    other, judge = state_at(2500, 2.5), FixedJudge(scores(likeness=90))
    score_snapshot(tmp_path, take_snapshot(tmp_path, other), state=other, judge=judge)
    save_checkpoint(tmp_path / "checkpoints", state_at(3000, 3), seconds=60)
    return tmp_path


def values(state: Networks) -> tuple[float, float]:
    """Give what the weights of the averaged generator and of the critic are."""
    return (
        next(state.average.parameters()).flatten()[0].item(),
        next(state.critic.parameters()).flatten()[0].item(),
    )


@pytest.mark.parametrize(
    ("job", "expected", "images"),
    [
        (JOB, (2, 2), 2000),
        (msgspec.structs.replace(JOB, images=1000), (1, 3), 1000),
        (msgspec.structs.replace(JOB, nearness=0.25), (0.5, 2), 2000),
        (msgspec.structs.replace(JOB, images=1000, nearness=0.0), (0, 3), 1000),
        # The mapping takes the mean of the three.
        (msgspec.structs.replace(JOB, zones=(0.0, 0.0, 0.75)), (0.5, 2), 2000),
    ],
)
def test_the_best_the_wished_and_what_lies_between(
    run: Path, job: ExportJob, expected: tuple[float, float], images: int
) -> None:
    state, counters, snapshot = networks_of(run, small_spec(), job=job)
    assert values(state) == expected
    assert (state.images, counters.seconds) == (images, 60)
    assert snapshot is not None
    assert snapshot.images == images


def test_a_model_is_made_without_an_optimiser(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one costs torch seconds, while the artist waits for a look at a snapshot."""
    monkeypatch.setattr(torch.optim, "Adam", lambda *_, **__: pytest.fail("an optimiser"))
    networks_of(run, small_spec(), job=JOB)


def test_without_scores_the_newest_checkpoint_is_taken(tmp_path: Path) -> None:
    take_snapshot(tmp_path, state_at(1000, 1))
    save_checkpoint(tmp_path / "checkpoints", state_at(3000, 3))
    state, _, snapshot = networks_of(tmp_path, small_spec(), job=JOB)
    assert values(state) == (3, 3)
    assert snapshot is None


def test_when_none_may_be_offered_the_one_with_the_fewest_copies_is_taken(tmp_path: Path) -> None:
    for images, copies in ((1000, 0.5), (2000, 0.3), (3000, 0.9)):
        state = state_at(images, 1)
        taken = take_snapshot(tmp_path, state)
        score_snapshot(tmp_path, taken, state=state, judge=FixedJudge(scores(copies=copies)))
    chosen = choose_snapshot(tmp_path, None)
    assert chosen is not None
    assert chosen.images == 2000


def test_a_run_with_nothing_saved_and_a_snapshot_that_is_gone_are_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no saved state"):
        networks_of(tmp_path, small_spec(), job=JOB)
    save_checkpoint(tmp_path / "checkpoints", state_at(3000, 3))
    with pytest.raises(TrainingError, match="no such snapshot"):
        networks_of(tmp_path, small_spec(), job=msgspec.structs.replace(JOB, images=7))
    with pytest.raises(TrainingError, match="no snapshot to mix"):
        networks_of(tmp_path, small_spec(), job=msgspec.structs.replace(JOB, nearness=0.5))


def test_a_card_has_the_folders_statement_then_the_starts_chain(tmp_path: Path) -> None:
    card = ModelCard(
        id="s",
        name="S",
        family="gan",
        model="a" * 64,
        resolution=16,
        z=8,
        w=8,
        layers=6,
        zones=(3, 5),
        graphs={},
        rights=(PLATES,),
        credit="Plates by S. Palmer",
    )
    (tmp_path / "start_card.json").write_bytes(msgspec.json.encode(card))
    unstated = full_wish(tmp_path, ModelWish(name="Mine"))
    assert [one.licence for one in unstated.rights] == ["not stated", "PDM"]
    (tmp_path / "choices.json").write_bytes(msgspec.json.encode(FolderChoices(right=OWN)))
    wish = full_wish(tmp_path, ModelWish(name="Mine", credit="By me"))
    assert wish.rights == (OWN, PLATES)
    assert wish.credit == "By me; Plates by S. Palmer"
    assert full_wish(tmp_path, wish).rights == (OWN, PLATES)
    assert full_wish(tmp_path, wish).credit == wish.credit


def test_a_graph_that_differs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (0.01, float("nan")):
        monkeypatch.setattr(delivery, "largest_difference", lambda *_, given=error: given)
        with pytest.raises(TrainingError, match="differs from what was trained"):
            prove(tmp_path, b"", name="Mine")
    monkeypatch.setattr(delivery, "largest_difference", lambda *_: 1e-6)
    assert prove(tmp_path, b"", name="Mine") == 1e-6


def test_the_training_set_goes_along_when_it_is_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert extra_files_of(tmp_path) == {}
    pictures = small_pictures(32, count=5)
    np.save(tmp_path / "pictures.npy", pictures)
    manifest = Manifest(
        schema=1,
        resolution=32,
        num_pictures=5,
        squares=tuple(Square(f"{place}.png", 0, 0, 32) for place in range(5)),
        left_out=(),
        sha256="",
    )
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    files = extra_files_of(tmp_path)
    assert list(files) == ["closeness.safetensors"]
    assert load(files["closeness.safetensors"])["thumbnails"].shape == (5, 64, 64, 3)
    monkeypatch.setattr(delivery, "MAX_SQUARES", 4)
    assert extra_files_of(tmp_path) == {}


def test_what_was_measured_stands_on_the_card_beside_its_floor() -> None:
    found = scores_of(scores(likeness=31.0, copies=0.03))
    assert (found["likeness"].value, found["likeness"].floor) == (31.0, 2.0)
    assert (found["copies"].value, found["copies"].n) == (0.03, 100)
    assert {one.phi for one in found.values()} == {"phi-1"}
    assert scores_of(None) == {}
