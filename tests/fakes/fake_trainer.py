"""A trainer that learns nothing: it does each kind of job as the real one does, in no time.

`python -m tests.fakes.fake_trainer JOB`, in place of `studio trainer JOB`. A file `refuse` beside
the job makes it fail; the word in it is what it says.
"""

import sys
import time
from pathlib import Path

from studio.files.run_lock import RunLock
from studio.protocol.codec import LineDecoder, Message, encode_line
from studio.protocol.training_messages import (
    COMMANDS_FOLDER,
    LOCK_FILE,
    Acknowledged,
    BlendJob,
    Continue,
    Continued,
    Exported,
    ExportJob,
    Failed,
    Finished,
    Job,
    Pause,
    Paused,
    PlanJob,
    PlanReady,
    Preparing,
    RunJob,
    Saved,
    ScanJob,
    Scanned,
    Scanning,
    SheetDrawn,
    SheetJob,
    SnapshotTaken,
    Started,
    Stop,
    TrainerCommand,
)
from tests.fakes.training_runs import (
    make_plan,
    mixed_files,
    progress,
    tell,
    write_plan,
    write_report,
    write_snapshot,
)

PATIENCE_S = 60.0  # a run that a test forgot ends by itself


def say(message: Message) -> None:
    """Tell an event on stdout."""
    sys.stdout.buffer.write(encode_line(message))
    sys.stdout.buffer.flush()


def do(run: Path, job: Job) -> None:
    """Do a short job."""
    match job:
        case ScanJob():
            say(Scanning(num_found=18, num_read=9))
            write_report(run, mixed_files())
            say(Scanned(file="report.json"))
        case PlanJob():
            say(Preparing(what="test_run", share=0.5))
            write_plan(run, make_plan(), source=Path(job.folder), name=job.name)
            say(PlanReady(file="plan.json"))
        case ExportJob() | BlendJob():
            say(Exported(folder=str(Path(job.models) / "made"), reference=""))
        case SheetJob():
            say(SheetDrawn(file=job.file))


def train(run: Path) -> None:
    """Go on with a run until it is told to stop."""
    decoder: LineDecoder[TrainerCommand] = LineDecoder(TrainerCommand)
    with RunLock(run / LOCK_FILE):
        tell(run, Started(kimg=0, total_kimg=80, num_pictures=36, threads=1), progress(1.0))
        tell(run, SnapshotTaken(snapshot=write_snapshot(run, 0, images=0)))
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for path in sorted((run / COMMANDS_FOLDER).glob("*.json")):
                command = decoder.decode(path.read_bytes())
                path.unlink()
                tell(run, Acknowledged(number=int(path.stem)))
                if isinstance(command, Pause):
                    tell(run, Paused(kimg=1.0))
                elif isinstance(command, Continue):
                    tell(run, Continued(kimg=1.0))
                elif isinstance(command, Stop):
                    tell(run, Saved(kimg=1.0), Finished(kimg=1.0, reason="stopped"))
                    return
            time.sleep(0.02)


def main() -> int:
    """Do the job named on the command line."""
    path = Path(sys.argv[1])
    run, file = (path, path / "job.json") if path.is_dir() else (path.parent, path)
    decoder: LineDecoder[Job] = LineDecoder(Job)
    job = decoder.decode(file.read_bytes())
    refuse = run.parent / "refuse"
    if refuse.exists():
        failed = Failed(what=refuse.read_text(), way_out="Try again.")
        (tell(run, failed) if isinstance(job, RunJob) else say(failed))
        sys.stderr.write("a trace for those who want it\n")
        return 1
    if isinstance(job, RunJob):
        train(run)
    else:
        do(run, job)
    return 0


if __name__ == "__main__":
    sys.exit(main())
