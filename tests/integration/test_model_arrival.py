"""Models in and out through the real children: folders, zips, graphs, questions, cancelling."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from studio.core.arrays import pixel_hash
from studio.core.errors import ModelError, StudioError
from studio.core.model_card import CLOSENESS_FILE, Right
from studio.core.recipe import new_recipe
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card
from studio.files.model_stage import STAGE_PREFIX, ModelStage, remove_stages
from studio.files.model_zip import StoppedSharingError, write_model_zip
from studio.library.model_arrival import accept, bring_in
from studio.opener.limited_child import StoppedError
from studio.opener.trial_client import QuestionsError
from studio.protocol.trial_messages import TrialWishes
from tests.fakes.foreign_graphs import Wanted, foreign_graph
from tests.fakes.hostile_graphs import changed, node
from tests.fakes.tiny_model import add_closeness, make_tiny_model

pytestmark = pytest.mark.slow


def left_over(models: Path) -> list[str]:
    return [path.name for path in models.glob(".*")]


def share(folder: Path, target: Path) -> Path:
    write_model_zip(folder, read_card(folder), target=target)
    return target


def test_a_model_goes_out_and_comes_in_on_another_machine(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "here", resolution=16, channels=4)
    drawn = GeneratorModel.open(folder, wish="cpu")
    picture, *more = (drawn.render(new_recipe(drawn.card.model, seed)) for seed in (5, 6, 7))
    add_closeness(folder, [picture, *more], files=["secret-name.png", "b.png", "c.png"])
    first = share(folder, tmp_path / "a.studio.zip")
    assert share(folder, tmp_path / "b.studio.zip").read_bytes() == first.read_bytes()
    with zipfile.ZipFile(first) as packed:
        assert f"tiny/{CLOSENESS_FILE}" not in packed.namelist()
        assert packed.read("tiny/README.md").startswith(b'---\nlicense: "cc0-1.0"\n')
    assert b"secret-name" not in first.read_bytes()

    models = tmp_path / "there" / "models"
    arrival = bring_in(first, models)
    assert arrival.is_ours
    assert not (models / "tiny").exists()
    made = accept(arrival, rights=(Right("a gift", "CC0 1.0", "a friend"),), taken=("tiny",))
    assert made == models / "tiny-2"
    card = read_card(made)
    assert (card.name, card.rights[-1].credit) == ("Tiny", "a friend")
    assert left_over(models) == []
    model = GeneratorModel.open(made, wish="cpu")
    assert pixel_hash(model.render(new_recipe(card.model, 5))) == pixel_hash(picture)
    # Its own folder comes in as well as its zip.
    assert bring_in(folder, tmp_path / "third").card.model == card.model


def test_a_graph_comes_in_by_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "night_masks.onnx"
    path.write_bytes(foreign_graph(Wanted(colours="0..1", layout="NHWC")))
    words = ["models", "import", str(path), "--credit", "A. Maker", "--licence", "CC BY 4.0"]
    done = subprocess.run(
        [sys.executable, "-m", "studio", *words],
        env={"STUDIO_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    card = read_card(Path(done.stdout.strip()))
    assert (card.id, card.name, card.family) == ("night-masks", "Night masks", "plain")
    assert card.credit == "Made with “Night masks” by A. Maker."
    assert card.rights == (Right("night_masks.onnx", "CC BY 4.0", "A. Maker"),)


def test_what_is_unclear_is_asked_and_what_is_wrong_is_a_sentence(tmp_path: Path) -> None:
    models = tmp_path / "models"
    path = tmp_path / "a.onnx"
    path.write_bytes(foreign_graph(Wanted(latent_name="a", extras={"b": (8, 8)})))
    with pytest.raises(QuestionsError) as asked:
        bring_in(path, models)
    assert asked.value.questions[0].key == "input:a"
    path.write_bytes(changed(node("Loop", "z")))
    with pytest.raises(ModelError, match="“Loop”"):
        bring_in(path, models)
    assert left_over(models) == []


def test_what_is_not_wanted_any_more_leaves_nothing(tmp_path: Path) -> None:
    models = tmp_path / "models"
    path = tmp_path / "a.onnx"
    path.write_bytes(foreign_graph())
    told: list[float] = []
    with pytest.raises(StoppedError):
        bring_in(
            path,
            models,
            wishes=TrialWishes(),
            tell=lambda share, _what: told.append(share),
            is_stopping=lambda: bool(told),
        )
    assert left_over(models) == []
    folder = make_tiny_model(tmp_path, resolution=16, channels=4)
    target = tmp_path / "x.zip"
    with pytest.raises(StoppedSharingError):
        write_model_zip(folder, read_card(folder), target=target, is_stopping=lambda: True)
    assert not target.exists()
    assert [path.name for path in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("kind", ["missing", "link", "pipe", "empty", "picture"])
def test_what_is_no_model_is_one_sentence(tmp_path: Path, kind: str) -> None:
    import os

    path = tmp_path / "x.onnx"
    if kind == "link":
        (tmp_path / "real").write_bytes(foreign_graph())
        path.symlink_to(tmp_path / "real")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "empty":
        path.touch()
    elif kind == "picture":
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(StudioError) as refused:
        bring_in(path, tmp_path / "models")
    assert str(tmp_path) not in str(refused.value)


def test_a_changed_folder_is_refused_and_a_killed_import_is_tidied(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path, resolution=16, channels=4)
    with (folder / "synthesis.onnx").open("ab") as file:
        file.write(b"\0")
    models = tmp_path / "models"
    with pytest.raises(ModelError, match="changed"):
        bring_in(folder, models)
    ModelStage(models).put("x", [b"y"])
    assert left_over(models)[0].startswith(STAGE_PREFIX)
    assert remove_stages(models) == 1
    assert left_over(models) == []
