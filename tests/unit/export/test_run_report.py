"""The report of a run: one page that needs nothing beside it."""

import re
from pathlib import Path

import msgspec

from studio.core.folder_report import FileReport, FolderChoices, FolderReport
from studio.core.model_card import Right
from studio.core.run_plan import RunPlan, Start
from studio.core.snapshot import NearCopy, Snapshot, SnapshotScores
from studio.core.training_spec import make_spec
from studio.export.line_chart import Line, line_chart
from studio.export.run_report import write_report
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import (
    Adapted,
    Finished,
    ModelWish,
    Progress,
    RunJob,
    SnapshotTaken,
    Started,
)


def full_run(run: Path) -> None:
    scores = SnapshotScores(
        likeness=31.4,
        likeness_floor=2.5,
        variety=0.62,
        density=0.9,
        distance=1.1,
        copies=0.03,
        copies_high=0.08,
        num_made=200,
    )
    pair = NearCopy(seed=1, file="hill.jpg", square=0, distance=0.3, is_copy=True)
    snapshot = Snapshot(
        number=4, images=8000, folder="snapshots/8", tile_px=16, scores=scores, nearest=(pair,)
    )
    place = run / "snapshots" / "8"
    place.mkdir(parents=True)
    (place / "snapshot.json").write_bytes(msgspec.json.encode(snapshot))
    (place / "sheet.webp").write_bytes(b"SHEET")
    (place / "nearest.webp").write_bytes(b"PAIRS")
    job = RunJob(wish=ModelWish(name="Hills & <Dales>"))
    (run / "job.json").write_bytes(encode_line(job))
    (run / "spec.json").write_bytes(
        msgspec.json.encode(make_spec(resolution=64, config="sketch", kimg=9))
    )
    plan = RunPlan(
        start=Start(id="landscapes", name="Painted landscapes", model="ff"),
        why="It is nearest to your pictures.",
        num_pictures=75,
        num_held_out=8,
        num_squares=190,
        resolution=64,
        kimg=40,
        seconds_per_kimg=60,
        seconds=2400,
        first_preview_s=40,
        memory_bytes=1,
        disk_bytes=1,
        batch=16,
        micro_batch=8,
        checks=(),
    )
    (run / "plan.json").write_bytes(msgspec.json.encode(plan))
    report = FolderReport(
        name="my hills",
        files=(
            FileReport(file="hill.jpg", finding="good"),
            FileReport(file="odd.png", finding="damaged", reason="damaged", is_used=False),
        ),
        num_usable=75,
        num_squares=190,
        smallest_side=300,
        aspects={"wide": 70, "square": 5},
        colour="coloured",
    )
    (run / "report.json").write_bytes(msgspec.json.encode(report))
    right = Right(source="my own paintings", licence="all rights kept", credit="A. Artist")
    (run / "choices.json").write_bytes(msgspec.json.encode(FolderChoices(right=right)))
    events = [
        Started(kimg=0, total_kimg=40, num_pictures=190, threads=1),
        *(
            Progress(
                kimg=kimg,
                total_kimg=40,
                resolution=64,
                images_per_s=17,
                seconds=kimg * 60,
                seconds_left=None,
                critic_loss=0.5,
                generator_loss=1.0 + kimg,
                real_score=0,
                fake_score=0,
            )
            for kimg in range(9)
        ),
        Adapted(kimg=5, what="Gamma was raised."),
        SnapshotTaken(snapshot=snapshot, is_best=True),
        Finished(kimg=8, reason="best"),
    ]
    (run / "events.jsonl").write_bytes(b"".join(map(encode_line, events)))


def test_the_page_says_all_and_asks_for_nothing(tmp_path: Path) -> None:
    full_run(tmp_path)
    page = write_report(tmp_path).read_text("utf-8")
    for words in (
        "Hills &amp; &lt;Dales&gt;",
        "It ended by itself",
        "“Painted landscapes”. It is nearest to your pictures.",
        "75 learned from, as 190 squares",
        "odd.png (damaged)",
        "Gamma was raised.",
        "The best snapshot",
        "likeness 31.4 (floor 2.5), variety 62%, near copies 3% of 200 (at most 8%)",
        "1 of them count as copies",
        "my own paintings, all rights kept, A. Artist",
        "data:image/webp;base64,U0hFRVQ=",
        "data:image/webp;base64,UEFJUlM=",
    ):
        assert words in page
    assert page.count("<svg") == 3
    assert not re.search(r"(src|href)=.(?!data:)", page)
    assert "http" not in page.replace("http-equiv", "")


def test_a_run_that_has_hardly_begun_has_a_short_report(tmp_path: Path) -> None:
    page = write_report(tmp_path).read_text("utf-8")
    assert "It is not at its end." in page
    assert "Nothing was said about the rights" in page


def test_damaged_files_are_left_out(tmp_path: Path) -> None:
    full_run(tmp_path)
    for name in ("plan.json", "report.json", "choices.json", "spec.json", "job.json"):
        (tmp_path / name).write_bytes(b'{"schema": "no')
    (tmp_path / "snapshots" / "8" / "snapshot.json").write_bytes(b"?")
    assert "It ended by itself" in write_report(tmp_path).read_text("utf-8")


def test_a_chart_keeps_within_its_frame_and_bears_what_is_not_finite() -> None:
    chart = line_chart("A < B", [Line("a", [(0, 1), (5, float("nan")), (10, 3)]), Line("b", [])])
    assert "A &lt; B" in chart
    assert "nan" not in chart
    points = re.findall(r"([\d.-]+),([\d.-]+)", re.findall(r'points="([^"]+)"', chart)[0])
    assert all(40 <= float(x) <= 312 and 22 <= float(y) <= 112 for x, y in points)
    assert line_chart("none", [Line("a", [])]) == ""
    assert line_chart("one", [Line("a", [(0, 0)])])
