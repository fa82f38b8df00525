"""`studio export` of sheets, sprites, tiles, palettes, pages, with presets, and gone on with."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.cli import export_pictures
from studio.cli.commands import run_command
from studio.export.presets import ExportPreset, save_preset
from studio.export.stills import StillSettings, save_still
from studio.export.unfinished import ExportRecord
from studio.files.images import decode_picture, read_picture
from studio.library.gallery import Gallery
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import keep_one, picture_of
from tests.fakes.tiny_model import make_tiny_model

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def out(studio_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that the calls are made in, with a small model and a board of three."""
    make_tiny_model(studio_home / "models", resolution=16)
    with Gallery(studio_home) as gallery:
        for seed in (1, 2, 3):
            gallery.set_boards(keep_one(gallery, seed, f"Dawn {seed}").id, ["Sea"])
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def told(capsys: Capture, *words: str) -> dict[str, Any]:
    status = run_command(["export", *words, "--json"])
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    answer: dict[str, Any] = json.loads(captured.out)
    return answer


def refused(capsys: Capture, *words: str, status: int = 1) -> str:
    assert run_command(["export", *words]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_each_kind_of_set_of_a_board(out: Path, capsys: Capture) -> None:
    suffixes = {
        "sheet": [".webp"], "sprites": [".png", ".json"], "tiles": [".png", ".tsj"],
        "palette": [".gpl"], "page": [".html"],
    }  # fmt: skip
    more = {"sheet": ["--format", "webp", "--cell", "32"], "palette": ["--format", "gpl"],
            "page": ["--size", "32"], "tiles": ["--tile", "32"]}  # fmt: skip
    for kind, wanted in suffixes.items():
        answer = told(capsys, kind, "--board", "Sea", *more.get(kind, []))
        assert (answer["schema"], answer["kind"], answer["num_pictures"]) == (1, kind, 3)
        names = [Path(path).name for path in answer["files"]]
        assert names == [f"Sea {kind}{suffix}" for suffix in wanted]
        again = told(capsys, kind, "--board", "Sea", *more.get(kind, []))
        assert Path(again["files"][0]).stem == f"Sea {kind}-2"
    (tile,) = [path for path in out.iterdir() if path.name == "Sea tiles.png"]
    newest_first = [picture_of(seed) for seed in (3, 2, 1)]
    assert (read_picture(tile)[:32, :32] == newest_first[0]).all()


def test_seeds_are_rendered_for_a_sheet(out: Path, capsys: Capture) -> None:
    answer = told(
        capsys, "sprites", "--seed", "1-5", "--model", "tiny", "--padding", "0", "--name", "a/b"
    )
    assert [Path(path).name for path in answer["files"]] == ["a b.png", "a b.json"]
    frames = json.loads((out / "a b.json").read_text())["frames"]
    assert list(frames) == [f"Seed {seed}.png" for seed in range(1, 6)]
    assert decode_picture((out / "a b.png").read_bytes()).shape[:2] == (32, 64)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["sheet"], 2), (["sheet", "--board", "Sea", "--columns", "0"], 2),
        (["palette", "--board", "Sea", "--colours", "3"], 2), (["page", "--board", "No"], 1),
        (["sheet", "--seed", "1-5", "--columns", "5", "--cell", "4096"], 1),
        (["tiles", "--seed", "1", "--across", "64", "--down", "64", "--tile", "300"], 1),
        (["sheet", "--board", "Sea", "--out", "none/none"], 1),
        (["pictures", "--board", "Sea", "--preset", "None"], 1), (["pictures", "--resume"], 1),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_two_lines(
    out: Path, capsys: Capture, words: list[str], status: int
) -> None:
    said = refused(capsys, *words, status=status)
    assert len(said.strip().splitlines()[-2:]) == 2
    assert not list(out.iterdir())


def test_a_preset_says_what_the_call_leaves_open(
    out: Path, studio_home: Path, capsys: Capture
) -> None:
    settings = StillSettings(format="webp", quality=80, size=64, with_recipe=False)
    save_preset(
        studio_home,
        ExportPreset(name="Mine", settings=settings, template="{n}", folder=str(out / "far")),
    )
    names = [one["name"] for one in told(capsys, "presets")["presets"]]
    assert names == ["For Blender", "For print", "For the web", "Mine"]
    answer = told(capsys, "pictures", "--board", "Sea", "--preset", "mine", "--size", "32")
    paths = [Path(one["path"]) for one in answer["pictures"]]
    assert [path.relative_to(out).as_posix() for path in paths] == [
        "far/001.webp", "far/002.webp", "far/003.webp",
    ]  # fmt: skip
    assert read_picture(paths[0]).shape == (32, 32, 3)
    assert read_recipe_text(paths[0].read_bytes()).recipe is None


def test_a_stopped_export_goes_on(
    out: Path, studio_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = save_still, []

    def fails_at_third(*args: Any, **words: Any) -> Path:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args, **words)

    monkeypatch.setattr(export_pictures, "save_still", fails_at_third)
    words = ["export", "pictures", "--board", "Sea", "--template", "{n}", "--format", "png16"]
    assert run_command(words) == 130
    assert "--resume" in capsys.readouterr().err
    stamps = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert sorted(stamps) == ["001.png", "002.png"]
    answer = told(capsys, "pictures", "--resume")
    assert [Path(one["path"]).name for one in answer["pictures"]] == [
        "001.png", "002.png", "003.png",
    ]  # fmt: skip
    assert len(calls) == 4
    assert {name: (out / name).stat().st_mtime_ns for name in stamps} == stamps
    assert ExportRecord(studio_home, whose="command").read() is None
    refused(capsys, "pictures", "--resume")
