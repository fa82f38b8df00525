"""The trainer process: `studio trainer JOB`, one job, then it leaves.

JOB is a run folder (its `job.json` is meant) or a job file inside a run folder.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from studio.core.errors import StorageError, StudioError, TrainingError
from studio.core.training_spec import TrainingSpec, check_spec
from studio.files.atomic import storage_error, write_bytes_atomic
from studio.files.run_lock import RunLock
from studio.protocol.codec import LineDecoder, ProtocolError
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    JOB_FILE,
    LOCK_FILE,
    PICTURES_FILE,
    REFERENCE_FILE,
    SPEC_FILE,
    Exported,
    ExportJob,
    Failed,
    Job,
    Planned,
    RunJob,
    SealJob,
)
from studio.training.correspondence import EventLog, Inbox

MAX_JOB_BYTES = 1 << 20


def run_trainer(words: Sequence[str]) -> int:
    """Does one job; gives the exit status: 0 done, 1 failed, 2 wrong call."""
    if words and words[0] == "bench":
        # Late: the bench builds networks, which a seal never needs.
        from studio.training.bench import run_bench  # noqa: PLC0415

        return run_bench(list(words[1:]))
    if len(words) != 1:
        sys.stderr.write("studio trainer JOB: JOB is a run folder or a job file in one\n")
        return 2
    path = Path(words[0])
    run, file = (path, path / JOB_FILE) if path.is_dir() else (path.parent, path)
    try:
        log = EventLog(run)
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        _do(run, read_job(file), log=log)
    except StudioError as error:
        _tell_failure(log, error)
        return 1
    except OSError as error:
        _tell_failure(log, storage_error(error, run / "events"))
        return 1
    finally:
        log.close()
    return 0


def _tell_failure(log: EventLog, error: StudioError) -> None:
    sys.stderr.write(f"{error}\n")
    # A full disk takes no event either; stderr has it.
    with contextlib.suppress(StorageError):
        log.tell(Failed(what=error.what, way_out=error.way_out))


def read_job(path: Path) -> Job:
    """Gives the job of a file.

    Raises:
        TrainingError: there is none, or it is not a job.
    """
    decoder: LineDecoder[Job] = LineDecoder(Job)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_JOB_BYTES)
        return decoder.decode(content)
    except (OSError, ProtocolError) as error:
        raise TrainingError(
            f"“{path.name}” is not a training job.", "Start the training again."
        ) from error


def read_spec(path: Path) -> TrainingSpec:
    """Gives the checked spec of a file.

    Raises:
        TrainingError: there is none, or it cannot be trained.
    """
    try:
        spec = msgspec.json.decode(path.read_bytes(), type=TrainingSpec)
        check_spec(spec)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise TrainingError(
            f"The training recipe cannot be used ({error}).", "Use a spec.json of this program."
        ) from error
    return spec


def _do(run: Path, job: Job, *, log: EventLog) -> None:
    match job:
        case RunJob():
            with RunLock(run / LOCK_FILE):
                _train(run, job, log=log)
        case ExportJob():
            with RunLock(run / LOCK_FILE):
                _export(run, job, log=log)
        case SealJob():
            from studio.training.model_folder import seal_card  # noqa: PLC0415

            seal_card(Path(job.folder), job.export_error)


def _set_threads(run: Path, wanted: int | None) -> int:
    """Sets torch's threads: as wished, else as the checkpoint had them; gives the count.

    Sums are added up in another order with another number of threads, and resuming
    must equal not having stopped.
    """
    import torch  # noqa: PLC0415

    from studio.training.checkpoint import newest_threads  # noqa: PLC0415

    threads = wanted or newest_threads(run / CHECKPOINTS_FOLDER)
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def _train(run: Path, job: RunJob, *, log: EventLog) -> None:
    inbox = Inbox(run, log)
    # Listening begins before torch is loaded: a stop within the first seconds counts.
    inbox.open(follows_stdin=not job.is_detached)
    try:
        from studio.training.batches import read_pictures  # noqa: PLC0415
        from studio.training.sitting import Sitting  # noqa: PLC0415

        threads = _set_threads(run, job.threads)
        spec = read_spec(run / SPEC_FILE)
        pictures = read_pictures(run / PICTURES_FILE)
        if pictures.shape[1] != spec.resolution:
            raise TrainingError(
                f"The prepared pictures are {pictures.shape[1]} px, the recipe wants "
                f"{spec.resolution} px.",
                "Start the training again from the picture folder.",
            )
        if job.minutes is not None and not (run / CHECKPOINTS_FOLDER).exists():
            spec = _fit(run, spec, minutes=job.minutes, log=log)
        sitting = Sitting(run, spec, pictures=pictures, log=log, inbox=inbox)
        sitting.sit(threads=threads, minutes=job.minutes)
    except StorageError as error:
        raise StorageError(
            f"{error.what} Training has stopped.", "Free some space, then resume the run."
        ) from error
    finally:
        inbox.close()


def _fit(run: Path, spec: TrainingSpec, *, minutes: float, log: EventLog) -> TrainingSpec:
    from studio.training.batches import read_pictures  # noqa: PLC0415
    from studio.training.model_folder import encode_spec  # noqa: PLC0415
    from studio.training.plan import fit_to_clock, measure_speeds  # noqa: PLC0415

    speeds = measure_speeds(spec, read_pictures(run / PICTURES_FILE))
    fitted = fit_to_clock(spec, speeds, seconds=minutes * 60)
    write_bytes_atomic(run / SPEC_FILE, encode_spec(fitted))
    log.tell(Planned(kimg=fitted.kimg, images_per_s={k: round(v, 2) for k, v in speeds.items()}))
    return fitted


def _export(run: Path, job: ExportJob, *, log: EventLog) -> None:
    from safetensors.numpy import save  # noqa: PLC0415

    from studio.training.checkpoint import load_checkpoint  # noqa: PLC0415
    from studio.training.model_folder import reference_outputs, write_model  # noqa: PLC0415
    from studio.training.state import TrainingState  # noqa: PLC0415

    _set_threads(run, None)
    state = TrainingState(read_spec(run / SPEC_FILE))
    counters = load_checkpoint(run / CHECKPOINTS_FOLDER, state)
    if counters is None:
        raise TrainingError(
            "This run has no saved state to make a model from.", "Train it for a minute first."
        )
    write_bytes_atomic(run / REFERENCE_FILE, save(reference_outputs(state)))
    folder = write_model(
        Path(job.models), state, wish=job.wish, seconds=counters.seconds, taken=job.taken
    )
    log.tell(Exported(folder=os.fspath(folder), reference=os.fspath(run / REFERENCE_FILE)))
