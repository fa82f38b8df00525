"""Run folders as a trainer leaves them, made by hand: reports, plans, events, snapshots."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from studio.core.folder_report import (
    REPORT_FILE,
    THUMBNAILS_FOLDER,
    FileReport,
    FolderReport,
)
from studio.core.model_card import Right
from studio.core.run_plan import PLAN_FILE, Check, RunPlan, Start
from studio.core.snapshot import (
    NEAREST_FILE,
    SHEET_COLUMNS,
    SHEET_FILE,
    SHEET_SEEDS,
    SNAPSHOTS_FOLDER,
    WEIGHTS_FILE,
    NearCopy,
    Snapshot,
    SnapshotScores,
)
from studio.protocol.codec import Message, encode_line
from studio.protocol.training_messages import (
    EVENTS_FILE,
    JOB_FILE,
    ModelWish,
    PlanJob,
    Progress,
    RunJob,
    ScanJob,
)

RIGHT = Right("Everything I painted", "My own pictures, all rights mine", "Ana")
_TILE_PX = 32


def make_run(runs: Path, source: Path, *, name: str = "a1b2c3d4e5f6") -> Path:
    """Make the folder of a run that was wished for a picture folder."""
    run = runs / name
    run.mkdir(parents=True)
    (run / "scan.json").write_bytes(encode_line(ScanJob(folder=str(source))))
    return run


def write_report(run: Path, files: Sequence[FileReport], *, is_whole: bool = True) -> FolderReport:
    """Write a report of some files, and a plain thumbnail for each that has a name for one."""
    used = [file for file in files if file.is_used]
    report = FolderReport(
        name="paintings",
        files=tuple(files),
        num_usable=len(used),
        num_squares=sum(file.num_squares for file in used),
        smallest_side=min((min(file.width, file.height) for file in used), default=0),
        aspects={"wide": len(used), "square": 0, "tall": 0},
        colour="coloured",
        is_whole=is_whole,
    )
    (run / REPORT_FILE).write_bytes(msgspec.json.encode(report))
    (run / THUMBNAILS_FOLDER).mkdir(exist_ok=True)
    for place, file in enumerate(files):
        if file.thumbnail is not None:
            colour = (40 + 5 * place % 200, 90, 140)
            Image.new("RGB", (96, 64), colour).save(run / file.thumbnail)
    return report


def good_files(count: int) -> list[FileReport]:
    """Give reports of good pictures."""
    return [
        FileReport(
            file=f"fjord {number:03d}.jpg",
            finding="good",
            width=900,
            height=600,
            num_squares=3,
            thumbnail=f"{THUMBNAILS_FOLDER}/{number:06d}.jpg",
        )
        for number in range(count)
    ]


def mixed_files() -> list[FileReport]:
    """Give good pictures and one or two of each kind of finding."""
    return [
        *good_files(12),
        FileReport(file="copy.jpg", finding="duplicate", is_used=False, like="fjord 001.jpg",
                   reason="the same as fjord 001.jpg", width=900, height=600, num_squares=3),
        FileReport(file="again.jpg", finding="near_duplicate", reason="looks like fjord 002.jpg",
                   width=900, height=600, num_squares=3, like="fjord 002.jpg"),
        FileReport(file="again 2.jpg", finding="near_duplicate", reason="looks like fjord 002.jpg",
                   width=900, height=600, num_squares=3, like="fjord 002.jpg"),
        FileReport(file="tiny.png", finding="small", is_used=False, reason="only 40 px",
                   width=60, height=40, num_squares=1),
        FileReport(file="broken.png", finding="damaged", is_used=False, reason="cannot be read"),
        FileReport(file="away", finding="refused", is_used=False, reason="leads out of the folder"),
    ]  # fmt: skip


def make_plan(*, refused: str = "", num_pictures: int = 12) -> RunPlan:
    """Give a plan; `refused` is what a failing check says."""
    nearest = Start(id="landscapes", name="Painted landscapes", model="ab" * 32, distance=41.0)
    other = Start(id="cats", name="Cartoon cats", model="cd" * 32, distance=88.0)
    checks = [
        Check(subject="memory", is_fine=True, said="Memory: 1.1 of 4.0 GB needed"),
        Check(subject="test_run", is_fine=True, said="Test run: 3 steps, numbers are sound"),
    ]
    if refused:
        way_out = "Free 3 GB, then try again."
        checks.insert(1, Check(subject="disk", is_fine=False, said=refused, way_out=way_out))
    return RunPlan(
        start=nearest,
        why="Its pictures are nearest to yours.",
        starts=(nearest, other),
        num_pictures=num_pictures,
        num_held_out=2,
        num_squares=36,
        resolution=128,
        kimg=80.0,
        seconds_per_kimg=40.0,
        seconds=3200.0,
        first_preview_s=30.0,
        memory_bytes=1_100_000_000,
        disk_bytes=400_000_000,
        batch=16,
        micro_batch=4,
        checks=tuple(checks),
        advice=("Few pictures: training ends early so that nothing is learned by heart.",),
    )


def write_plan(run: Path, plan: RunPlan, *, source: Path, name: str = "Fjords") -> None:
    """Write a plan and the job that made it."""
    job = PlanJob(folder=str(source), models=(), name=name)
    (run / "preflight.json").write_bytes(encode_line(job))
    (run / PLAN_FILE).write_bytes(msgspec.json.encode(plan))


def write_job(run: Path, name: str = "Fjords") -> None:
    """Write that the run was started."""
    job = RunJob(wish=ModelWish(name=name), is_detached=True)
    (run / JOB_FILE).write_bytes(encode_line(job))


def tell(run: Path, *events: Message) -> None:
    """Append events as the trainer does."""
    with (run / EVENTS_FILE).open("ab") as file:
        for event in events:
            file.write(encode_line(event))


def progress(kimg: float, *, total: float = 80.0, left: float | None = 1560.0) -> Progress:
    """Give a word of progress."""
    return Progress(
        kimg=kimg,
        total_kimg=total,
        resolution=128,
        images_per_s=28.0,
        seconds=kimg * 36,
        seconds_left=left,
        critic_loss=0.6,
        generator_loss=1.2 + 1 / (1 + kimg),
        real_score=0.4,
        fake_score=-0.3,
    )


def make_scores(likeness: float, *, copies: float = 0.0) -> SnapshotScores:
    """Give scores of a snapshot."""
    return SnapshotScores(
        likeness=likeness,
        likeness_floor=4.0,
        variety=0.7,
        density=0.9,
        distance=0.31,
        copies=copies,
        copies_high=copies + 0.02,
        num_made=256,
    )


def write_snapshot(
    run: Path, number: int, *, images: int, scores: SnapshotScores | None = None
) -> Snapshot:
    """Write a snapshot's folder; its weights are no weights."""
    folder = run / SNAPSHOTS_FOLDER / f"{images}"
    folder.mkdir(parents=True, exist_ok=True)
    snapshot = Snapshot(
        number=number,
        images=images,
        folder=f"{SNAPSHOTS_FOLDER}/{images}",
        tile_px=_TILE_PX,
        scores=scores,
        nearest=_nearest() if scores is not None else (),
    )
    rows = -(-SHEET_SEEDS // SHEET_COLUMNS)
    pixels = np.full((rows * _TILE_PX, SHEET_COLUMNS * _TILE_PX, 3), 30 + 20 * number, np.uint8)
    Image.fromarray(pixels).save(folder / SHEET_FILE)
    if scores is not None:
        Image.fromarray(pixels[: 2 * _TILE_PX, : 2 * _TILE_PX]).save(folder / NEAREST_FILE)
    (folder / WEIGHTS_FILE).write_bytes(b"weights")
    return snapshot


def _nearest() -> tuple[NearCopy, ...]:
    return tuple(
        NearCopy(seed=seed, file="fjord 001.jpg", square=seed, distance=0.3, is_copy=False)
        for seed in range(2)
    )
