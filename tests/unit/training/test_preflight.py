"""The plan of a run: what is chosen, what is written, and what refuses the start."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.errors import ModelError, StudioError, TrainingError
from studio.core.folder_report import FolderChoices
from studio.core.model_card import ModelCard, Right
from studio.core.run_plan import RunPlan
from studio.core.training_spec import TrainingSpec
from studio.dataset.prepare import Manifest
from studio.protocol.training_messages import PlanJob
from studio.training import dry_run, preflight, starts
from studio.training.checkpoint import load_checkpoint
from studio.training.correspondence import EventLog
from studio.training.dry_run import DryRun, choose_micro_batch, choose_threads, try_steps
from studio.training.loop import StepMarks
from studio.training.model_weights import Weights
from studio.training.preflight import checks_of, make_plan
from studio.training.snapshots import read_snapshots, read_weights
from studio.training.state import TrainingState
from tests.unit.training.small import small_pictures, small_spec

HASHES = {"near": "a" * 64, "far": "b" * 64, "large": "c" * 64}


def make_model(models: Path, key: str, *, is_sketch: bool = True, has_critic: bool = True) -> None:
    graphs = {"mapping.onnx": "0" * 64, "synthesis.onnx": "0" * 64}
    if has_critic:
        graphs["discriminator.safetensors"] = "0" * 64
    card = ModelCard(
        id=key,
        name=key.capitalize(),
        family="gan",
        model=HASHES.get(key, "d" * 64),
        resolution=16,
        z=8,
        w=8,
        layers=6,
        zones=(3, 5),
        sketch=is_sketch,
        graphs=graphs,
        rights=(Right(source="plates", licence="PDM", credit="S. Palmer"),),
    )
    (models / key).mkdir(parents=True)
    (models / key / "card.json").write_bytes(msgspec.json.encode(card))
    for name in graphs:
        (models / key / name).write_bytes(b"")
    (models / key / "spec.json").write_bytes(msgspec.json.encode(small_spec()))


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three models; their weights come from memory, not from graphs."""
    place = tmp_path / "models"
    make_model(place, "far")
    make_model(place, "near")
    make_model(place, "large", is_sketch=False)

    def load(folder: Path) -> tuple[Weights, Weights, TrainingSpec]:
        seed = {"near": 1, "far": 2}.get(folder.name, 3)
        state = TrainingState(small_spec(seed=seed))
        return state.average.state_dict(), state.critic.state_dict(), state.spec

    monkeypatch.setattr(preflight, "load_model_weights", load)
    monkeypatch.setattr(starts, "load_model_weights", load)
    monkeypatch.setattr(dry_run, "MAX_S", 0.1)
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    random = np.random.default_rng(1)
    for number in range(24):
        small = random.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((48, 32), Image.Resampling.BICUBIC)
        image.save(place / f"{number:02d}.png")
    return place


@pytest.fixture
def run(tmp_path: Path) -> Path:
    place = tmp_path / "run"
    place.mkdir()
    return place


def plan(run: Path, folder: Path, models: Path, **wishes: object) -> RunPlan:
    job = PlanJob(folder=str(folder), models=(str(models),), name="Mine", resolution=16, threads=1)
    log = EventLog(run, file="preflight.events.jsonl", has_mirror=False)
    try:
        return make_plan(run, msgspec.structs.replace(job, **wishes), log=log)
    finally:
        log.close()


def test_a_plan_leaves_all_that_a_run_needs(run: Path, folder: Path, models: Path) -> None:
    made = plan(run, folder, models, kimg=2.0)
    assert made.is_fine, made.checks
    assert made.start is not None
    assert made.start.id in ("near", "far")  # the large one is no sketch, and there is no GPU
    assert [one.id for one in made.starts][-1] == "large"
    assert all(one.distance is not None for one in made.starts)
    assert made.starts[0].name in made.why
    assert (made.kimg, made.resolution, made.batch) == (2.0, 16, 4)
    assert (made.num_pictures, made.num_held_out) == (24, 0)  # too few to hold some out
    assert made.seconds > 0
    assert made.disk_bytes > 0
    assert made == msgspec.json.decode((run / "plan.json").read_bytes(), type=RunPlan)

    spec = msgspec.json.decode((run / "spec.json").read_bytes(), type=TrainingSpec)
    assert spec.tune is not None
    assert spec.tune.lineage == (made.start.model,)
    state = TrainingState(spec)
    assert load_checkpoint(run / "checkpoints", state) is not None
    (start,) = read_snapshots(run)
    assert (start.number, start.images) == (0, 0)
    for name, value in read_weights(run, start).items():
        torch.testing.assert_close(value, state.average.state_dict()[name], atol=1e-2, rtol=1e-3)
    card = msgspec.json.decode((run / "start_card.json").read_bytes(), type=ModelCard)
    assert card.rights[0].credit == "S. Palmer"
    told = (run / "preflight.events.jsonl").read_text()
    order = [told.index(word) for word in ('"pictures"', '"starts"', '"test_run"', "plan_ready")]
    assert order == sorted(order)


def test_a_second_plan_replaces_the_first_until_the_run_has_begun(
    run: Path, folder: Path, models: Path
) -> None:
    plan(run, folder, models, start="near", kimg=2.0)
    made = plan(run, folder, models, start="scratch", kimg=3.0)
    assert (made.start, made.kimg) == (None, 3.0)
    assert not (run / "start_card.json").exists()
    assert read_snapshots(run) == ()
    (run / "checkpoints" / "0000000400").mkdir(parents=True)
    with pytest.raises(TrainingError, match="has begun already"):
        plan(run, folder, models)
    assert (run / "plan.json").is_file()


def test_the_nearest_is_the_one_whose_pictures_are_like_the_folders(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "kernel_distance", lambda real, made: float(made[0]))
    monkeypatch.setattr(starts, "FeatureNetwork", lambda: SimpleNamespace(embed=lambda rgb8: rgb8))
    weights = {"near": 12.0, "far": 90.0, "large": 3.0}
    monkeypatch.setattr(starts, "load_model_weights", lambda path: (path.name, None, None))
    monkeypatch.setattr(starts, "_draw", lambda name, spec: [weights[name]])
    shares: list[float] = []
    choice = starts.choose_start((models,), small_pictures(), has_gpu=False, progress=shares.append)
    assert [one.id for one in choice.starts] == ["near", "far", "large"]
    assert "“Near” is nearest to your pictures (12, “Far” 90)" in choice.why
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with_gpu = starts.choose_start(
        (models,), small_pictures(), has_gpu=True, progress=shares.append
    )
    assert with_gpu.starts[0].id == "large"


def test_a_model_without_its_critic_is_refused_and_what_still_works_is_said(
    run: Path, folder: Path, models: Path
) -> None:
    make_model(models, "bare", has_critic=False)
    with pytest.raises(TrainingError, match="came without its critic") as caught:
        plan(run, folder, models, start="bare")
    assert "still be explored, mixed and exported" in caught.value.way_out
    assert "bare" not in [one.id for one in plan(run, folder, models, kimg=1.0).starts]


def test_an_unknown_start_and_a_folder_that_is_gone_are_said(
    run: Path, folder: Path, models: Path
) -> None:
    with pytest.raises(ModelError):
        plan(run, folder, models, start="nowhere")
    plan(run, folder, models, start="near", kimg=1.0)
    shutil.rmtree(folder)
    with pytest.raises(StudioError):
        plan(run, folder, models)


def test_damaged_choices_are_said(run: Path, folder: Path, models: Path) -> None:
    (run / "choices.json").write_bytes(b'{"crop": "sideways"}')
    with pytest.raises(TrainingError, match="you chose"):
        plan(run, folder, models)


def test_what_the_artist_left_out_is_not_learned(run: Path, folder: Path, models: Path) -> None:
    choices = FolderChoices(overruled={"00.png": False, "01.png": False}, held_out=0.0)
    (run / "choices.json").write_bytes(msgspec.json.encode(choices))
    made = plan(run, folder, models, start="near", kimg=1.0)
    assert (made.num_pictures, made.num_held_out) == (22, 0)
    assert any("hold some out" in sentence for sentence in made.advice)


# ------------------------------------------------------------------------------------ checks


def checks(run: Path, dry: DryRun, *, disk_bytes: int = 10) -> dict[str, str]:
    manifest = Manifest(
        schema=1, resolution=16, num_pictures=40, squares=(), left_out=(), sha256=""
    )
    found = checks_of(dry, manifest, run=run, disk_bytes=disk_bytes)
    return {one.subject: one.way_out for one in found if not one.is_fine}


def test_a_full_disk_refuses_and_says_how_much_to_free(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=2 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    dry = DryRun(small_spec())
    assert checks(run, dry, disk_bytes=1 << 30) == {}
    assert "disk" in checks(run, dry, disk_bytes=(1 << 30) + 1)  # a rest must stay free
    refused = checks(run, dry, disk_bytes=3 << 30)
    assert refused == {"disk": "Free 2.0 GB, then plan the run again."}


def test_too_little_memory_refuses_and_says_what_to_do(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(trial: TrainingSpec) -> TrainingState:
        raise MemoryError

    dry = try_steps(small_spec(), small_pictures(), begin=begin, progress=lambda _: None, threads=1)
    assert "smaller model" in checks(run, dry)["memory"]
    monkeypatch.setattr(preflight, "free_memory_bytes", lambda: 100)
    assert "memory" in checks(run, DryRun(small_spec(), memory_bytes=1000))
    monkeypatch.setattr(preflight, "free_memory_bytes", lambda: 1000)
    assert checks(run, DryRun(small_spec(), memory_bytes=1000)) == {}


def test_torch_without_memory_is_told_from_another_fault(run: Path) -> None:
    def fail(words: str) -> DryRun:
        def begin(trial: TrainingSpec) -> TrainingState:
            raise RuntimeError(words)

        return try_steps(
            small_spec(), small_pictures(), begin=begin, progress=lambda _: None, threads=1
        )

    assert "memory" in checks(run, fail("DefaultCPUAllocator: not enough memory"))
    assert list(checks(run, fail("sizes do not match"))) == ["test_run"]


@pytest.mark.parametrize(
    ("longest_s", "batch", "expected"),
    [(0.01, 16, 16), (0.2, 16, 8), (0.26, 16, 4), (9.0, 16, 4), (0.01, 12, 4), (0.01, 8, 8)],
)
def test_a_micro_batch_takes_half_a_second_at_most(
    longest_s: float, batch: int, expected: int
) -> None:
    assert choose_micro_batch(longest_s, batch) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [([1.0, 3.0], 1), ([1.0, 0.6, 0.55], 2), ([1.0, 0.6, 0.3], 4)]
)
def test_threads_that_gain_nothing_are_not_used(
    seconds: list[float], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = [4]
    monkeypatch.setattr(torch, "get_num_threads", lambda: used[-1])
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    marks = StepMarks(16, critic_loss=0, generator_loss=0, real_score=0, fake_score=0)
    taken = iter(seconds)
    choose_threads(lambda: (marks, next(taken)), most=None)
    assert used[-1] == expected


def test_the_test_run_leaves_no_trace_in_torchs_random_numbers() -> None:
    before = torch.random.get_rng_state()
    dry = try_steps(
        small_spec(), small_pictures(), begin=TrainingState, progress=lambda _: None, threads=1
    )
    assert dry.problem is None
    assert dry.spec.micro_batch == 4
    assert dry.memory_bytes > 1e7
    assert torch.equal(before, torch.random.get_rng_state())


def test_pictures_and_not_squares_are_counted_as_held_out(
    run: Path, folder: Path, models: Path
) -> None:
    random = np.random.default_rng(2)
    for number in range(24, 48):  # of fewer than forty none is held out
        noise = random.integers(0, 256, (32, 48, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
    choices = FolderChoices(held_out=0.25)
    (run / "choices.json").write_bytes(msgspec.json.encode(choices))
    made = plan(run, folder, models, start="near", kimg=1.0)
    manifest = msgspec.json.decode((run / "manifest.json").read_bytes(), type=Manifest)
    assert made.num_held_out == len({square.file for square in manifest.held_out})
    assert made.num_held_out > 4
    assert made.num_held_out + made.num_pictures == 48
