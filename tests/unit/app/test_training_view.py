"""A run as its events tell it."""

from pathlib import Path

from studio.app.training_view import MAX_POINTS, EventTail, RunView, fold
from studio.protocol.codec import Message, encode_line
from studio.protocol.training_messages import (
    Exported,
    Failed,
    Finished,
    Gauged,
    Paused,
    RolledBack,
    SnapshotTaken,
    Started,
    Waiting,
)
from tests.fakes.training_runs import make_scores, progress, tell, write_snapshot

STARTED = Started(kimg=0, total_kimg=80, num_pictures=36, threads=1)


def folded(*events: Message) -> RunView:
    """Give the view after some events."""
    view = RunView()
    for event in events:
        view = fold(view, event)  # type: ignore[arg-type]
    return view


def test_a_run_goes_through_its_phases() -> None:
    assert folded().phase == "starting"
    assert folded(STARTED, progress(2)).phase == "running"
    assert folded(STARTED, Paused(kimg=2)).phase == "paused"
    waiting = folded(STARTED, Waiting(why="disk", need_bytes=5))
    assert (waiting.phase, waiting.need_bytes) == ("waiting", 5)
    assert fold(waiting, progress(3)).phase == "running"
    done = folded(STARTED, progress(80), Finished(kimg=80, reason="best"))
    assert (done.phase, done.end, done.share) == ("finished", "best", 1.0)
    assert fold(done, Exported(folder="/m", reference="")).model == "/m"


def test_a_run_that_goes_on_forgets_why_it_ended() -> None:
    failed = folded(STARTED, Failed(what="It broke.", way_out="Go on."))
    assert failed.failure == ("It broke.", "Go on.")
    again = fold(failed, STARTED)
    assert (again.phase, again.failure) == ("running", None)


def test_a_snapshot_told_again_brings_its_scores(tmp_path: Path) -> None:
    plain = write_snapshot(tmp_path, 1, images=2000)
    scored = write_snapshot(tmp_path, 1, images=2000, scores=make_scores(0.3))
    start = write_snapshot(tmp_path, 0, images=0)
    view = folded(
        STARTED, progress(2), SnapshotTaken(snapshot=plain), SnapshotTaken(snapshot=start),
        SnapshotTaken(snapshot=scored, is_best=True),
    )  # fmt: skip
    assert [one.number for one in view.snapshots] == [0, 1]
    assert view.best_snapshot == view.newest_scored == scored
    assert view.num_planned == 41


def test_a_curve_that_goes_back_drops_what_was_undone_and_stays_short() -> None:
    gauges = [Gauged(kimg=k, overfit=0.1, winning=0.0, penalty_share=0.0) for k in range(5)]
    view = folded(STARTED, *gauges, RolledBack(from_kimg=4, to_kimg=2), gauges[3])
    assert [point.kimg for point in view.overfit] == [0, 1, 2, 3]
    assert len(view.notes) == 1
    long = folded(STARTED, *(progress(k / 10) for k in range(3 * MAX_POINTS)))
    assert len(long.generator_loss) <= MAX_POINTS
    assert long.generator_loss[-1].kimg == (3 * MAX_POINTS - 1) / 10


def test_events_are_read_as_they_come(tmp_path: Path) -> None:
    tail = EventTail(tmp_path / "events.jsonl")
    assert tail.read() == ()
    tell(tmp_path, STARTED)
    assert tail.read() == (STARTED,)
    line = encode_line(progress(1))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(line[:20])
        file.flush()
        assert tail.read() == ()
        file.write(line[20:])
    assert tail.read() == (progress(1),)
    assert tail.read() == ()


def test_a_line_torn_by_a_kill_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = EventTail(path)
    torn = encode_line(progress(1))[:30]
    path.write_bytes(
        torn + encode_line(STARTED) + b"\xff\xfe no event\n" + encode_line(progress(2))
    )
    assert tail.read() == (STARTED, progress(2))
    path.write_bytes(encode_line(STARTED))
    assert tail.read() == (STARTED,), "a file that was replaced is read anew"
