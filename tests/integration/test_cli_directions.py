"""`studio directions`: what is done to sliders stays, a taught one can be used, errors are sentences."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.cli.commands import run_command
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.direction_units import write_units
from studio.files.images import read_picture
from studio.files.model_folder import read_card, read_directions
from tests.fakes.tiny_model import NAMES, make_tiny_model

pytestmark = pytest.mark.slow


class Terminal:
    """The command line in a folder with two small models whose units are known."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = make_tiny_model(home / "models", resolution=16)
        other = make_tiny_model(home / "models", name="Other", resolution=16, weight_seed=2)
        self.hash, self.other_hash = (read_card(one).model for one in (folder, other))
        entries = read_directions(folder, read_card(folder)).entries
        write_units(home, self.hash, units={entry.id: 0.5 for entry in entries})
        self._capsys = capsys

    def call(self, *words: str) -> tuple[int, str, str]:
        status = run_command(list(words))
        told = self._capsys.readouterr()
        return status, told.out, told.err

    def told(self, action: str, *words: str) -> dict[str, Any]:
        status, out, err = self.call("directions", action, "tiny", *words, "--json")
        assert status == 0, err
        fields: dict[str, Any] = json.loads(out)
        return fields

    def names(self) -> list[str]:
        return [one["name"] for one in self.told("list")["directions"]]


@pytest.fixture
def terminal(
    studio_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(studio_home, capsys)


def test_names_stars_and_hiding_stay(terminal: Terminal) -> None:
    assert terminal.names() == list(NAMES)
    terminal.told("name", "calm", "Weather")
    terminal.told("star", "far")
    terminal.told("hide", "dawn")
    listed = terminal.told("list")["directions"]
    assert [one["name"] for one in listed] == ["far ↔ near", "dawn ↔ dusk", "Weather"]
    assert [one["is_hidden"] for one in listed] == [False, True, False]
    assert terminal.told("strip", "--out", "seen.png")["rows"] == [
        {"id": one["id"], "name": one["name"]} for one in listed if not one["is_hidden"]
    ]
    terminal.told("name", "Weather", "")
    terminal.told("star", "far", "--off")
    assert terminal.names() == list(NAMES)


def test_a_strip_goes_three_units_to_either_side(terminal: Terminal) -> None:
    terminal.told("strip", "calm", "--seed", "3", "--out", "strip.png")
    sheet = read_picture(Path("strip.png"))
    assert sheet.shape == (16 + 4, 7 * 18 + 2, 3)
    edited = ["generate", "--model", "tiny", "--seed", "3", "--edit", "calm ↔ storm=1.5"]
    assert terminal.call(*edited, "--out", "end.png")[0] == 0
    assert (sheet[2:18, -18:-2] == read_picture(Path("end.png"))).all()


def test_a_taught_slider_is_one_of_the_models(terminal: Terminal) -> None:
    assert terminal.call("generate", "--model", "tiny", "--seed", "9", "--out", "9.png")[0] == 0
    told = terminal.told(
        "teach", "--more", "1-2", "9.png", "--less", "4", "5", "--name", "mist", "--apart", "calm",
        "--zones", "coarse,fine", "--out", "mist.png",
    )  # fmt: skip
    assert told["hits"] is not None
    assert Path("mist.png").is_file()
    first = terminal.told("list")["directions"][0]
    assert (first["name"], first["taught_from"]) == ("mist", [3, 2])
    used = ["generate", "--model", "tiny", "--seed", "1", "--edit", "mist=2", "--json"]
    status, out, _ = terminal.call(*used, "--out", "used.png")
    assert status == 0
    (edit,) = json.loads(out)["pictures"][0]["recipe"]["edits"]
    assert (edit["direction"], edit["strength"]) == (told["id"], [2.0, 0.0, 2.0])
    assert edit["vector"]
    terminal.told("remove", "mist")
    assert terminal.names() == list(NAMES)
    assert terminal.call("generate", "--recipe", "used.png", "--out", "again.png")[0] == 0
    assert (read_picture(Path("again.png")) == read_picture(Path("used.png"))).all()


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["name", "tiny", "nothing", "x"], 1, "no direction"),
        (["remove", "tiny", "calm"], 1, "comes with the model"),
        (["teach", "tiny", "--name", "x"], 2, "--more or --less"),
        (["teach", "tiny", "--more", "1", "--less", "1", "--name", "x"], 1, "do not differ"),
        (["teach", "tiny", "--more", "other.json", "--name", "x"], 1, "“other.json” was made"),
        (["teach", "tiny", "--more", "1", "--name", " "], 1, "needs a name"),
        (["strip", "tiny", "--out", "x.gif"], 2, "ending"),
        (["strip", "tiny", "--out", "there.png"], 1, "already there"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    terminal: Terminal, words: list[str], status: int, says: str
) -> None:
    Path("other.json").write_text(recipe_to_json(new_recipe(terminal.other_hash, 1)))
    Path("there.png").write_bytes(b"mine")
    found, out, err = terminal.call("directions", *words)
    assert (found, out) == (status, "")
    assert says in err
    assert Path("there.png").read_bytes() == b"mine"
