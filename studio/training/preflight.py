"""Before a run: prepare the pictures, choose a start, try a few steps, and say how it would go.

At the end the run folder holds all that a run needs: the pictures, the spec, and, when it
starts from a model, that model's networks as the first checkpoint and the first snapshot.
"""

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import torch

from studio.core.errors import TrainingError
from studio.core.folder_report import CHOICES_FILE, REPORT_FILE, FolderChoices, FolderReport
from studio.core.model_card import CARD_FILE
from studio.core.run_plan import PLAN_FILE, Check, RunPlan
from studio.core.snapshot import SNAPSHOTS_FOLDER
from studio.core.training_spec import CropSpec, Precision, TrainingSpec, TuneSpec, make_spec
from studio.dataset.prepare import Manifest, prepare
from studio.files.atomic import write_bytes_atomic
from studio.library.model_library import InstalledModel
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    HELD_OUT_FILE,
    PICTURES_FILE,
    SPEC_FILE,
    START_CARD_FILE,
    PlanJob,
    PlanReady,
    Preparing,
    ScanJob,
)
from studio.training.batches import Pictures, read_pictures
from studio.training.checkpoint import save_checkpoint
from studio.training.correspondence import EventLog
from studio.training.dry_run import DryRun, free_memory_bytes, try_steps
from studio.training.model_folder import encode_spec
from studio.training.model_weights import load_model_weights
from studio.training.plan import measure_speeds
from studio.training.scan_job import run_scan
from studio.training.snapshots import MANY_PICTURES, MAX_KEPT, take_snapshot
from studio.training.starts import SCRATCH, Choice, choose_start, find_start, wished_choice
from studio.training.state import TrainingState, start_from
from studio.training.tuning import make_tune_spec

SCRATCH_KIMG: Final = 150.0
# Beyond what the run itself takes: a disk must not be filled to the brim (reliability.md F5).
SPARE_DISK_BYTES: Final = 1 << 30
LONG_S: Final = 6 * 3600.0


def make_plan(run: Path, job: PlanJob, *, log: EventLog) -> RunPlan:
    """Prepares a run folder and writes its plan; gives it.

    Raises:
        StudioError: no such folder, too few pictures, no such model, a full disk.
    """
    _forget_start(run)
    model = None if job.start in (None, SCRATCH) else find_start(_models(job), job.start or "")
    resolution = job.resolution if model is None else model.card.resolution
    report, choices = _look_at_folder(run, job, resolution=resolution, log=log)
    manifest = _prepare(run, job, resolution=resolution, report=report, choices=choices, log=log)
    pictures = read_pictures(run / PICTURES_FILE)
    choice = _choose(job, pictures, log=log)
    if choice.model is not None and choice.model.card.resolution != resolution:
        resolution = choice.model.card.resolution
        del pictures  # the file behind it is about to be replaced
        manifest = _prepare(
            run, job, resolution=resolution, report=report, choices=choices, log=log
        )
        pictures = read_pictures(run / PICTURES_FILE)
    num_held_out = manifest.num_held_out
    weights = None if choice.model is None else load_model_weights(choice.model.folder)
    make = _spec_maker(choice, job, start=weights, manifest=manifest, report=report)
    dry = _try(make(None), pictures, weights=weights, threads=job.threads, log=log)
    if dry.problem is None:
        dry = replace(dry, spec=make(dry))
    _begin_run(run, dry.spec, choice=choice, weights=weights)
    disk_bytes = _disk_bytes(run, dry.spec)
    seconds_per_kimg, seconds = _whole_time(dry, pictures)
    plan = RunPlan(
        start=None if choice.model is None else choice.starts[0],
        why=choice.why,
        starts=choice.starts,
        num_pictures=manifest.num_pictures,
        num_held_out=num_held_out,
        num_squares=len(pictures),
        resolution=resolution,
        kimg=dry.spec.kimg,
        seconds_per_kimg=seconds_per_kimg,
        seconds=round(seconds, 1),
        first_preview_s=round(_first_preview_s(dry), 1),
        memory_bytes=dry.memory_bytes,
        disk_bytes=disk_bytes,
        batch=dry.spec.batch,
        micro_batch=dry.spec.micro_batch or dry.spec.batch,
        checks=checks_of(dry, manifest, run=run, disk_bytes=disk_bytes),
        advice=advice_of(manifest, choices, num_held_out=num_held_out, seconds=seconds),
    )
    content = msgspec.json.format(msgspec.json.encode(plan), indent=1)
    write_bytes_atomic(run / PLAN_FILE, content)
    log.tell(PlanReady(file=PLAN_FILE))
    return plan


# --------------------------------------------------------------------------------- pictures


def _forget_start(run: Path) -> None:
    """Removes what an earlier plan put here, so that a run never mixes two plans."""
    if any((run / CHECKPOINTS_FOLDER).glob("*[1-9]*")):
        raise TrainingError(
            "This run has begun already and cannot be planned again.", "Begin a new run."
        )
    for name in (PLAN_FILE, SPEC_FILE, START_CARD_FILE, HELD_OUT_FILE):
        (run / name).unlink(missing_ok=True)
    for name in (CHECKPOINTS_FOLDER, SNAPSHOTS_FOLDER):
        shutil.rmtree(run / name, ignore_errors=True)


def _look_at_folder(
    run: Path, job: PlanJob, *, resolution: int, log: EventLog
) -> tuple[FolderReport, FolderChoices]:
    if not (run / REPORT_FILE).is_file():
        run_scan(run, ScanJob(folder=job.folder, resolution=resolution), log=log)
    try:
        report = msgspec.json.decode((run / REPORT_FILE).read_bytes(), type=FolderReport)
    except (OSError, msgspec.MsgspecError) as error:
        raise TrainingError(
            "The report about the folder cannot be read.", "Let the folder be looked at again."
        ) from error
    if not (run / CHOICES_FILE).is_file():
        return report, FolderChoices()
    try:
        return report, msgspec.json.decode((run / CHOICES_FILE).read_bytes(), type=FolderChoices)
    except (OSError, msgspec.MsgspecError) as error:
        raise TrainingError(
            "What you chose about the folder cannot be read.", "Choose again, then plan the run."
        ) from error


def _prepare(
    run: Path,
    job: PlanJob,
    *,
    resolution: int,
    report: FolderReport,
    choices: FolderChoices,
    log: EventLog,
) -> Manifest:
    def tell(done: int, total: int) -> None:
        log.tell(Preparing(what="pictures", share=round(done / max(total, 1), 3)))

    return prepare(
        Path(job.folder),
        run,
        resolution=resolution,
        crops=CropSpec(),
        report=report,
        choices=choices,
        progress=tell,
    )


# ------------------------------------------------------------------------------------ start


def _models(job: PlanJob) -> tuple[Path, ...]:
    return tuple(Path(folder) for folder in job.models)


def _choose(job: PlanJob, pictures: Pictures, *, log: EventLog) -> Choice:
    def tell(share: float) -> None:
        log.tell(Preparing(what="starts", share=round(share, 3)))

    if job.start is not None:
        return wished_choice(_models(job), job.start)
    return choose_start(_models(job), pictures, has_gpu=torch.cuda.is_available(), progress=tell)


_Weights = tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], TrainingSpec]


def _spec_maker(
    choice: Choice,
    job: PlanJob,
    *,
    start: _Weights | None,
    manifest: Manifest,
    report: FolderReport,
) -> Callable[[DryRun | None], TrainingSpec]:
    """Gives what makes the run's spec, before (None) and after the test run."""

    def from_model(dry: DryRun | None) -> TrainingSpec:
        assert start is not None
        assert choice.model is not None
        card, start_spec = choice.model.card, start[2]
        before = start_spec.tune.lineage if start_spec.tune is not None else ()
        return make_tune_spec(
            msgspec.structs.replace(start_spec, precision=_precision()),
            TuneSpec(
                start=card.model,
                start_id=choice.model.folder.name,
                lineage=(*before, card.model),
                may_colour=report.colour == "coloured",
            ),
            num_pictures=manifest.num_pictures,
            images_per_s=None if dry is None else 1000 / dry.seconds_per_kimg,
            kimg=job.kimg,
            micro_batch=0 if dry is None else dry.spec.micro_batch,
        )

    def from_nothing(dry: DryRun | None) -> TrainingSpec:
        spec = make_spec(
            resolution=job.resolution,
            config="s" if torch.cuda.is_available() else "sketch",
            kimg=job.kimg or SCRATCH_KIMG,
            precision=_precision(),
        )
        return spec if dry is None else dry.spec

    return from_nothing if choice.model is None else from_model


def _precision() -> Precision:
    """Gives bf16 where the processor or the graphics card computes it quickly."""
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "fp32"
    return "bf16" if "avx512_bf16" in flags or "amx_bf16" in flags else "fp32"


def _try(
    spec: TrainingSpec,
    pictures: Pictures,
    *,
    weights: _Weights | None,
    threads: int | None,
    log: EventLog,
) -> DryRun:
    def begin(trial: TrainingSpec) -> TrainingState:
        return (
            TrainingState(trial)
            if weights is None
            else start_from(trial, average=weights[0], critic=weights[1])
        )

    def tell(share: float) -> None:
        log.tell(Preparing(what="test_run", share=round(share, 3)))

    return try_steps(spec, pictures, begin=begin, progress=tell, threads=threads)


def _begin_run(run: Path, spec: TrainingSpec, *, choice: Choice, weights: _Weights | None) -> None:
    """Writes the spec, and the start as checkpoint and snapshot 0."""
    write_bytes_atomic(run / SPEC_FILE, encode_spec(spec))
    if weights is None or choice.model is None:
        return
    state = start_from(spec, average=weights[0], critic=weights[1])
    save_checkpoint(run / CHECKPOINTS_FOLDER, state)
    take_snapshot(run, state)
    write_bytes_atomic(run / START_CARD_FILE, _card_bytes(choice.model))


def _card_bytes(model: InstalledModel) -> bytes:
    return (model.folder / CARD_FILE).read_bytes()


# ---------------------------------------------------------------------------------- figures


def _whole_time(dry: DryRun, pictures: Pictures) -> tuple[float, float]:
    """Gives seconds per kimg and for the whole run, its growth included."""
    spec = dry.spec
    if spec.tune is not None or dry.problem is not None or len(spec.stages) == 1:
        return dry.seconds_per_kimg, dry.seconds_per_kimg * spec.kimg
    speeds = measure_speeds(spec, pictures)
    ends = [*(stage.begin_kimg for stage in spec.stages[1:]), spec.kimg]
    seconds = sum(
        1000 * max(0.0, end - stage.begin_kimg) / speeds[stage.resolution]
        for stage, end in zip(spec.stages, ends, strict=True)
    )
    return round(seconds / spec.kimg, 3), seconds


def _first_preview_s(dry: DryRun) -> float:
    """Gives when the first preview that differs from the start can be seen.

    The critic learns alone at first, which takes some half of a step; drawing and writing
    the sheet takes about as long as the forward half of two steps.
    """
    spec = dry.spec
    step_s = dry.seconds_per_kimg * spec.batch / 1000
    alone_kimg = 0.0 if spec.tune is None else spec.tune.critic_first_kimg
    steps = math.ceil(alone_kimg * 1000 / spec.batch)
    return steps * step_s / 2 + 3 * step_s


def _disk_bytes(run: Path, spec: TrainingSpec) -> int:
    """Gives what the run will take at most: checkpoints, snapshots, the model, the pictures."""
    state = TrainingState(spec)
    generator: int = sum(value.numel() for value in state.average.state_dict().values())
    critic: int = sum(value.numel() for value in state.critic.state_dict().values())
    # Generator, its average, the critic, and for those that learn two moments each, float32;
    # three checkpoints stand for a moment while the oldest is let go.
    checkpoint = 4 * (2 * generator + critic + 2 * (generator + critic))
    snapshot = 2 * (generator + critic) + 20 * 3 * spec.resolution**2 // 4
    pictures = sum(_size(run / name) for name in (PICTURES_FILE, HELD_OUT_FILE))
    return 3 * checkpoint + MAX_KEPT * snapshot + 3 * 2 * (generator + critic) + pictures


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


# ---------------------------------------------------------------------------------- sayings


def checks_of(dry: DryRun, manifest: Manifest, *, run: Path, disk_bytes: int) -> tuple[Check, ...]:
    """Gives what was looked at, and the fix where something is not fine."""
    count = manifest.num_pictures
    found = [Check(subject="pictures", is_fine=True, said=f"{count} pictures can be used.")]
    found.append(_disk_check(shutil.disk_usage(run).free, disk_bytes))
    found.append(_memory_check(dry, free_memory_bytes()))
    if dry.problem is None:
        said = f"The test run went well: {dry.seconds_per_kimg:.0f} s for a thousand pictures."
        found.append(Check(subject="test_run", is_fine=True, said=said))
    elif dry.problem != "memory":
        found.append(
            Check(
                subject="test_run",
                is_fine=False,
                said=f"The test run failed: {dry.problem}.",
                way_out="Choose another model to start from; tell the makers if it happens again.",
            )
        )
    return tuple(found)


def _disk_check(free: int, need: int) -> Check:
    if free >= need + SPARE_DISK_BYTES:
        said = f"The disk has {_gb(free)} free; the run takes up to {_gb(need)}."
        return Check(subject="disk", is_fine=True, said=said)
    missing = need + SPARE_DISK_BYTES - free
    return Check(
        subject="disk",
        is_fine=False,
        said=f"The disk has {_gb(free)} free; the run needs {_gb(need + SPARE_DISK_BYTES)}.",
        way_out=f"Free {_gb(missing)}, then plan the run again.",
    )


def _memory_check(dry: DryRun, free: int | None) -> Check:
    if dry.problem == "memory" or (free is not None and free < dry.memory_bytes / 4):
        return Check(
            subject="memory",
            is_fine=False,
            said="There is too little memory for this network, even four pictures at a time.",
            way_out="Close other programs, or start from a smaller model (a sketch).",
        )
    said = f"Training takes {_gb(dry.memory_bytes)} of memory."
    return Check(subject="memory", is_fine=True, said=said)


def advice_of(
    manifest: Manifest, choices: FolderChoices, *, num_held_out: int, seconds: float
) -> tuple[str, ...]:
    """Gives sentences worth saying before the start."""
    said = []
    if manifest.num_pictures < MANY_PICTURES:
        said.append(f"Few pictures. Below about {MANY_PICTURES} the model repeats itself.")
    if num_held_out == 0:
        said.append("Too few pictures to hold some out: likeness is to the pictures learned from.")
    if choices.right is None:
        said.append(
            "Nothing was said about the rights in these pictures; the model's card says so."
        )
    if seconds > LONG_S:
        hours = seconds / 3600
        said.append(
            f"This takes some {hours:.0f} hours; it can be stopped and resumed at any time."
        )
    return tuple(said)


def _gb(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 / 10 else f"{count / 2**20:.0f} MB"
