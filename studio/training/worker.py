"""The trainer process: `studio trainer JOB`, one job, then it leaves.

JOB is a run folder (its `job.json` is meant) or a job file inside a run folder. A run tells
in `events.jsonl`; any other job tells in `<its file>.events.jsonl`, and leaves when its
starter does.
"""

import _thread
import contextlib
import importlib
import os
import signal
import stat
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from studio.core.errors import RunBusyError, StorageError, StudioError, TrainingError
from studio.core.training_spec import TrainingSpec, check_spec
from studio.files.atomic import storage_error, write_bytes_atomic
from studio.files.run_lock import RunLock
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.convert_messages import ConvertJob
from studio.protocol.refine_messages import RefineJob
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    EVENTS_FILE,
    HELD_OUT_FILE,
    JOB_FILE,
    LOCK_FILE,
    PICTURES_FILE,
    SPEC_FILE,
    TRAINER_LOG,
    BlendJob,
    ExportJob,
    Failed,
    Finished,
    Job,
    PlanJob,
    Planned,
    RunJob,
    ScanJob,
    SheetDrawn,
    SheetJob,
)
from studio.training.correspondence import EventLog, Inbox
from studio.training.memory import is_out_of_memory
from studio.training.priority import lower_priority

if TYPE_CHECKING:
    from studio.training.batches import Pictures

# Tools of the makers, by their word: the module that has `run_<word>`.
TOOLS = {"bench": "bench", "phi": "phi", "enlarge": "enlarge", "encoder": "encoder_job"}
MAX_JOB_BYTES = 1 << 20
LEAVE_S = 0.4  # a window that ends a job early waits for half a second
STATUS_STOPPED = 130
_LEAVE_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_is_done = threading.Event()


def run_trainer(words: Sequence[str]) -> int:
    """Does one job; gives the exit status: 0 done, 1 failed, 2 wrong call."""
    # Before torch is loaded: threads that wait must not keep the canvas from its core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if words and words[0] in TOOLS:
        # Late: each builds networks, which a seal never needs.
        run: Callable[[list[str]], int] = getattr(
            importlib.import_module(f"studio.training.{TOOLS[words[0]]}"), f"run_{words[0]}"
        )
        return run(list(words[1:]))
    if len(words) != 1:
        sys.stderr.write("studio trainer JOB: JOB is a run folder or a job file in one\n")
        return 2
    path = Path(words[0])
    file = path / JOB_FILE if path.is_dir() else path
    if "RANK" not in os.environ:
        return _run_job(file)
    # `torchrun` starts several of us; the first leads and does all that follows here.
    status = _run_job(file) if os.environ["RANK"] == "0" else _follow(file)
    # All is written. Python would now take torch apart, and threads of the team's that are not quite done
    # end the process by a signal in one of four exits (torch 2.15); torchrun then ends all the others, too.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _follow(file: Path) -> int:
    """Trains along in the run that another process leads."""
    from studio.training.distributed import join_team, leave_team  # noqa: PLC0415
    from studio.training.following import follow  # noqa: PLC0415

    run = file.parent
    try:
        job = read_job(file)
        if isinstance(job, RunJob):
            _set_threads(run, job.threads)
            team = join_team()
            follow(run, team, read=lambda: _read_run(run))
            leave_team(team)
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _run_job(file: Path) -> int:
    try:
        return _try_job(file)
    except KeyboardInterrupt:
        # Its starter has gone; that may be so while a failure is being told, too.
        return STATUS_STOPPED
    finally:
        _is_done.set()


def _try_job(file: Path) -> int:
    run = file.parent
    try:
        log = EventLog(run, file=EVENTS_FILE if file.name == JOB_FILE else _events_of(file))
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        with contextlib.suppress(OSError):  # there is no file to tell it in
            os.write(1, encode_line(Failed(what=error.what, way_out=error.way_out)))
        return 1
    try:
        _do(run, read_job(file), log=log)
    except RunBusyError as error:
        # Not into the file: the trainer that is at work has not failed.
        sys.stderr.write(f"{error}\n")
        log.mirror(Failed(what=error.what, way_out=error.way_out))
        return 1
    except StudioError as error:
        _tell_failure(log, error)
        return 1
    except OSError as error:
        _tell_failure(log, storage_error(error, run / "events"))
        return 1
    except Exception as error:  # noqa: BLE001  the last border: its starter must hear how it ended
        _tell_failure(log, _explain(error))
        return 1
    finally:
        log.close()
    return 0


def _events_of(job: Path) -> str:
    return f"{job.stem}.{EVENTS_FILE}"


def _leave_with_starter() -> None:
    """Ends this process when its stdin ends; what it writes is whole at any moment."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        if _is_done.is_set():
            return  # it leaves by itself, and libraries do not like to be interrupted at that
        _thread.interrupt_main()
        # A long call into a library hears of an interruption only when it returns.
        threading.Event().wait(LEAVE_S)
        os._exit(STATUS_STOPPED)

    if stat.S_ISFIFO(os.fstat(0).st_mode) or stat.S_ISSOCK(os.fstat(0).st_mode):
        threading.Thread(target=watch, name="stdin", daemon=True).start()


def _tell_failure(log: EventLog, error: StudioError) -> None:
    sys.stderr.write(f"{error}\n")
    # A full disk takes no event either; stderr has it.
    with contextlib.suppress(StorageError):
        log.tell(Failed(what=error.what, way_out=error.way_out))


def _explain(error: Exception) -> StudioError:
    """Gives the sentence for a failure that nobody foresaw; its details go to stderr."""
    details = "".join(traceback.format_exception(error))
    private = str(Path.home())
    sys.stderr.write(details.replace(private, "~") if len(private) > 1 else details)
    if is_out_of_memory(error):
        return TrainingError(
            "There is not enough memory on this machine for this work.",
            "Close other programs, then try again: nothing that was saved is lost.",
        )
    kind = type(error).__name__
    return TrainingError(
        f"The trainer failed in a way that nobody foresaw ({kind}).",
        f"Try again: nothing that was saved is lost. The details stand in {TRAINER_LOG}.",
    )


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
    if isinstance(job, RunJob):
        with RunLock(run / LOCK_FILE):
            _sit(run, job, log=log)
        return
    _leave_with_starter()
    match job:
        case ExportJob():
            from studio.training.delivery import deliver  # noqa: PLC0415

            _set_threads(run, None)
            deliver(run, read_spec(run / SPEC_FILE), job=job, log=log)
        case SheetJob():
            from studio.training.snapshots import draw_sheets  # noqa: PLC0415

            draw_sheets(run, read_spec(run / SPEC_FILE), job=job)
            log.tell(SheetDrawn(file=job.file))
        case RefineJob():
            from studio.training.refinement import refine  # noqa: PLC0415

            lower_priority(is_idle=False)
            refine(job, tell=log.tell)
        case BlendJob():
            from studio.training.blending import blend_models  # noqa: PLC0415

            _set_threads(run, None)
            blend_models(run, job, log=log)
        case ConvertJob():
            from studio.training.converting import convert  # noqa: PLC0415

            lower_priority(is_idle=False)
            convert(run, job, log=log)
        case ScanJob():
            _scan(run, job, log=log)
        case PlanJob():
            from studio.training.preflight import make_plan  # noqa: PLC0415

            _set_threads(run, job.threads)
            with RunLock(run / LOCK_FILE):
                make_plan(run, job, log=log)


def _scan(run: Path, job: ScanJob, *, log: EventLog) -> None:
    from studio.training.scan_job import run_scan  # noqa: PLC0415

    inbox = Inbox(run, log)
    inbox.open(follows_stdin=False)
    try:
        run_scan(run, job, log=log, inbox=inbox)
    finally:
        inbox.close()


def _sit(run: Path, job: RunJob, *, log: EventLog) -> None:
    """Trains, makes the model and writes the report."""
    from studio.export.run_report import write_report  # noqa: PLC0415
    from studio.training.curves import CurveFiles, has_tensorboard  # noqa: PLC0415

    curves = CurveFiles(run) if has_tensorboard() else None
    if curves is not None:
        log.listeners.append(curves.take)
    try:
        finished = _train(run, job, log=log)
    finally:
        if curves is not None:
            curves.close()
    if job.models is not None and finished.reason != "stopped":
        _deliver(run, job, log=log)
    write_report(run)


def _deliver(run: Path, job: RunJob, *, log: EventLog) -> None:
    """Makes the model of a run that came to its end."""
    from studio.training.delivery import deliver  # noqa: PLC0415

    assert job.models is not None
    wish = ExportJob(wish=job.wish, models=job.models, taken=job.taken)
    deliver(run, read_spec(run / SPEC_FILE), job=wish, log=log)


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


def _train(run: Path, job: RunJob, *, log: EventLog) -> Finished:
    inbox = Inbox(run, log)
    # Listening begins before torch is loaded: a stop within the first seconds counts.
    inbox.open(follows_stdin=not job.is_detached)
    for number in _LEAVE_SIGNALS:  # logout, shutdown, a closed terminal: save and leave
        signal.signal(number, lambda *_: inbox.is_stopping.set())
    lower_priority(is_idle=job.is_detached)
    try:
        from studio.training.batches import Squares, read_pictures  # noqa: PLC0415
        from studio.training.distributed import join_team, leave_team  # noqa: PLC0415
        from studio.training.sitting import Sitting  # noqa: PLC0415
        from studio.training.supervision import judge_of  # noqa: PLC0415

        threads = _set_threads(run, job.threads)
        team = join_team()
        spec, pictures = _read_run(run)
        if job.minutes is not None and not (run / CHECKPOINTS_FOLDER).exists():
            spec = _fit(run, spec, minutes=job.minutes, log=log)
        held_out = run / HELD_OUT_FILE
        apart = read_pictures(held_out) if held_out.exists() else None
        sitting = Sitting(
            run,
            spec,
            squares=Squares(pictures, apart),
            log=log,
            inbox=inbox,
            judge=judge_of(run, pictures),
            team=team,
        )
        finished = sitting.sit(threads=threads, minutes=job.minutes)
        leave_team(team)
        return finished
    except StorageError as error:
        raise StorageError(
            f"{error.what} Training has stopped.", "Free some space, then resume the run."
        ) from error
    finally:
        inbox.close()
        for number in _LEAVE_SIGNALS:  # what follows a run is saved already
            signal.signal(number, signal.SIG_DFL)


def _read_run(run: Path) -> tuple[TrainingSpec, "Pictures"]:
    """Gives the spec of a run and the squares it learns."""
    from studio.training.batches import read_pictures  # noqa: PLC0415

    spec = read_spec(run / SPEC_FILE)
    pictures = read_pictures(run / PICTURES_FILE)
    if pictures.shape[1] != spec.resolution:
        raise TrainingError(
            f"The prepared pictures are {pictures.shape[1]} px, the recipe wants "
            f"{spec.resolution} px.",
            "Start the training again from the picture folder.",
        )
    return spec, pictures


def _fit(run: Path, spec: TrainingSpec, *, minutes: float, log: EventLog) -> TrainingSpec:
    from studio.training.batches import read_pictures  # noqa: PLC0415
    from studio.training.model_folder import encode_spec  # noqa: PLC0415
    from studio.training.plan import fit_to_clock, measure_speeds  # noqa: PLC0415

    speeds = measure_speeds(spec, read_pictures(run / PICTURES_FILE))
    fitted = fit_to_clock(spec, speeds, seconds=minutes * 60)
    write_bytes_atomic(run / SPEC_FILE, encode_spec(fitted))
    log.tell(Planned(kimg=fitted.kimg, images_per_s={k: round(v, 2) for k, v in speeds.items()}))
    return fitted
