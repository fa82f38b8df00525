import json
from pathlib import Path

import pytest

from studio.cli.commands import run_command
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard
from studio.files.model_folder import read_card, read_directions
from studio.library.model_library import ModelLibrary
from studio.library.model_styles import read_styles
from tests.fakes.tiny_model import make_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_tiny_model(tmp_path / "models", name="tiny")


def label(model: Path, labels: object) -> int:
    path = model.parent / "labels.json"
    path.write_text(json.dumps(labels), encoding="utf-8")
    return run_command(["models", "label", str(model), str(path)])


def names(model: Path) -> list[str]:
    return [entry.name for entry in read_directions(model, read_card(model)).entries]


def test_directions_get_names_and_order_and_keep_their_ids(model: Path) -> None:
    before = read_directions(model, read_card(model))
    last = before.entries[-1].id
    assert label(model, {"directions": {last: "dawn ↔ dusk"}}) == 0
    after = read_directions(model, read_card(model))
    assert after.entries[0].name == "dawn ↔ dusk"
    assert {entry.id for entry in after.entries} == {entry.id for entry in before.entries}
    assert (after.vectors()[last] == before.vectors()[last]).all()
    ModelLibrary((model.parent,)).verify(ModelLibrary((model.parent,)).find("tiny"))


def test_a_hidden_direction_is_gone_and_the_others_stay(model: Path) -> None:
    first = read_directions(model, read_card(model)).entries[0]
    rest = names(model)[1:]
    assert label(model, {"hide": [first.id]}) == 0
    assert names(model) == rest


def test_styles_are_drawn_and_can_be_read_back(model: Path) -> None:
    assert label(model, {"styles": [{"name": "Dawn", "seed": 5}, {"name": "Mist", "seed": 6}]}) == 0
    card: ModelCard = read_card(model)
    styles = read_styles(model, card)
    assert [(style.name, style.recipe.sources[0].seed) for style in styles] == [
        ("Dawn", 5),
        ("Mist", 6),
    ]
    assert (model / "styles.webp").stat().st_size > 100


@pytest.mark.parametrize(
    "labels",
    [
        {"directions": {"0" * 16: "nothing"}},
        {"hide": ["0" * 16]},
        {"styles": [{"name": "neither"}]},
        {"styles": [{"name": str(n), "seed": n} for n in range(25)]},
        {"unknown": 1},
        [],
    ],
)
def test_wrong_labels_change_nothing(
    model: Path, labels: object, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    assert label(model, labels) == 1
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before
    assert StudioError.__name__ not in capsys.readouterr().err


def test_strips_are_a_picture_a_direction(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "strips"
    assert run_command(["models", "strips", str(model), "--out", str(out), "--seed", "1"]) == 0
    assert len(list(out.iterdir())) == len(names(model))


def test_a_model_can_be_left_without_styles(model: Path) -> None:
    assert label(model, {"styles": [{"name": "Dawn", "seed": 5}]}) == 0
    assert label(model, {"styles": []}) == 0
    assert read_styles(model, read_card(model)) == ()
