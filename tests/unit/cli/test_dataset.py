import json
from pathlib import Path

import msgspec
import pytest

from studio.cli import dataset
from studio.cli.commands import run_command
from studio.cli.dataset import advice, plain
from studio.core.folder_report import FileReport, FolderReport
from tests.unit.dataset.folders import folder_of, painting


@pytest.fixture(autouse=True)
def _without_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "_embed", lambda: None)


def test_a_good_folder_is_a_table_and_status_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path / "mine", 9)
    painting(1).save(folder / "twin\n.png")
    assert run_command(["dataset", "check", str(folder), "--resolution", "32"]) == 0
    out = capsys.readouterr().out
    assert "good                     9     9" in out
    assert "twin\\n.png: the same picture as 001.png" in out
    assert "9 pictures can be used: 9 wide; the smallest side is 40 px." in out
    assert "Few pictures. Below about 200 the model repeats itself." in out


def test_too_few_pictures_are_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path / "mine", 3)
    assert run_command(["dataset", "check", str(folder), "--resolution", "32"]) == 1
    assert "needs at least 8" in capsys.readouterr().err


def test_no_folder_is_status_1_and_no_word_status_2(tmp_path: Path) -> None:
    assert run_command(["dataset", "check", str(tmp_path / "gone")]) == 1
    assert run_command(["dataset"]) == 2


def test_json_is_the_report_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, place = folder_of(tmp_path / "mine", 9), tmp_path / "out"
    words = ["dataset", "check", str(folder), "--resolution", "32", "--json", "--out", str(place)]
    assert run_command(words) == 0
    told = capsys.readouterr()
    report = msgspec.convert(json.loads(told.out), FolderReport)
    assert report.num_usable == 9
    assert told.err == ""
    written = msgspec.json.decode((place / "report.json").read_bytes(), type=FolderReport)
    assert written == report
    assert len(list((place / "thumbnails").iterdir())) == 9


def test_the_report_never_goes_into_the_folder_itself(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 9)
    words = ["dataset", "check", str(folder), "--out", str(folder / "report")]
    assert run_command(words) == 1
    assert len(list(folder.iterdir())) == 9


def test_names_cannot_steer_the_terminal() -> None:
    assert plain("a\nb\x1b[2J\u202egnp 图.png") == "a\\nb\\x1b[2J\\u202egnp 图.png"


def test_what_is_worth_doing_is_said() -> None:
    report = FolderReport(
        name="mine",
        files=(
            FileReport(file="a", finding="near_duplicate"),
            FileReport(file="b", finding="outlier"),
            FileReport(file="c", finding="outlier", is_used=False),
        ),
        num_usable=300,
        num_squares=300,
        smallest_side=9,
        aspects={},
        colour="nearly_grey",
    )
    assert advice(report) == [
        "1 looks like another. Nearly the same picture twice teaches copying.",
        "1 is unlike the others. It pulls the model away from your style.",
        "The pictures are nearly grey: colours are not varied while training.",
    ]
