"""Models are found by any of their names, and each broken folder is one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from studio.core.errors import ModelError
from studio.library.model_library import BrokenModel, InstalledModel, ModelLibrary
from tests.fakes.tiny_model import make_tiny_model


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shipped")
    make_tiny_model(root, name="Hills", weight_seed=1)
    make_tiny_model(root, name="Cats", weight_seed=2)
    return root


def test_shipped_models_come_first_and_then_the_artists(shipped: Path, tmp_path: Path) -> None:
    make_tiny_model(tmp_path, name="Aaa", weight_seed=3)
    (tmp_path / ".part-x").mkdir()
    (tmp_path / "notes.txt").touch()
    found = ModelLibrary([shipped, tmp_path, tmp_path / "missing"]).scan()
    assert [model.folder.name for model in found] == ["cats", "hills", "aaa"]
    assert all(isinstance(model, InstalledModel) for model in found)
    assert [model.is_shipped for model in found if isinstance(model, InstalledModel)] == [
        True, True, False,
    ]  # fmt: skip


def test_the_shipped_model_that_is_nearest_to_its_pictures_comes_first(tmp_path: Path) -> None:
    for seed, (name, likeness) in enumerate({"Aaa": None, "Bbb": 90.0, "Ccc": 40.0}.items()):
        folder = make_tiny_model(tmp_path, name=name, weight_seed=seed)
        if likeness is not None:
            score = {"value": likeness, "floor": 9.0, "n": 300, "phi": "phi-1"}
            _edit_card({"scores": {"likeness": score}})(folder)
    shipped = [model.folder.name for model in ModelLibrary([tmp_path]).scan()]
    assert shipped == ["ccc", "bbb", "aaa"]
    own = [model.folder.name for model in ModelLibrary([tmp_path / "none", tmp_path]).scan()]
    assert own == ["aaa", "bbb", "ccc"]


def test_a_model_is_found_by_hash_id_name_and_folder(shipped: Path) -> None:
    library = ModelLibrary([shipped])
    card = library.find("hills").card
    for wish in (card.model, card.model[:10], "HILLS", "Hills", str(shipped / "hills")):
        assert library.find(wish).card == card
    library.verify(library.find("hills"))
    assert library.read_directions(library.find("cats")).entries


@pytest.mark.parametrize("wish", ["nothing", "f" * 64, "", "../hills", "/", "\x00"])
def test_a_model_that_is_not_installed_is_one_sentence(shipped: Path, wish: str) -> None:
    with pytest.raises(ModelError) as caught:
        ModelLibrary([shipped]).find(wish)
    assert caught.value.what.endswith(".")
    assert caught.value.way_out.endswith(".")


def test_an_empty_library_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No model is installed"):
        ModelLibrary([tmp_path]).find("hills")


def _edit_card(change: dict[str, Any]) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        path = folder / "card.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    return edit


def _as_folder(folder: Path) -> None:
    (folder / "card.json").unlink()
    (folder / "card.json").mkdir()


CARD_FAULTS: dict[str, Callable[[Path], object]] = {
    "no card": lambda folder: (folder / "card.json").unlink(),
    "empty card": lambda folder: (folder / "card.json").write_bytes(b""),
    "cut card": lambda folder: (folder / "card.json").write_text('{"schema": 1, "id'),
    "foreign card": lambda folder: (folder / "card.json").write_text('{"a": 1}'),
    "deep card": lambda folder: (folder / "card.json").write_text("[" * 100_000),
    "binary card": lambda folder: (folder / "card.json").write_bytes(bytes(range(256)) * 9),
    "huge card": lambda folder: (folder / "card.json").write_bytes(b" " * 3_000_000),
    "card is a folder": _as_folder,
    "newer card": _edit_card({"schema": 99}),
    "no resolution": _edit_card({"resolution": 0}),
    "zones": _edit_card({"zones": [99, 3]}),
    "outside": _edit_card({"graphs": {"../../x": "0" * 64}}),
    "no mapping": lambda folder: (folder / "mapping.onnx").unlink(),
    "no synthesis": lambda folder: (folder / "synthesis.onnx").unlink(),
    "no directions": lambda folder: (folder / "directions.safetensors").unlink(),
}  # fmt: skip


@pytest.mark.parametrize("fault", CARD_FAULTS)
def test_a_broken_folder_is_one_sentence_beside_the_good_ones(tmp_path: Path, fault: str) -> None:
    make_tiny_model(tmp_path, name="Good", weight_seed=1)
    folder = make_tiny_model(tmp_path, name="Broken", weight_seed=2)
    CARD_FAULTS[fault](folder)
    library = ModelLibrary([tmp_path])
    broken, good = library.scan()
    assert isinstance(good, InstalledModel)
    assert isinstance(broken, BrokenModel)
    assert broken.error.what.endswith(".")
    assert broken.error.way_out.endswith(".")
    assert "\n" not in broken.error.what
    with pytest.raises(ModelError):
        library.find("broken")


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize("name", ["mapping.onnx", "synthesis.onnx", "directions.safetensors"])
@pytest.mark.parametrize("fault", ["flip", "cut", "swap", "gone"])
def test_a_changed_file_is_named_when_the_model_is_verified(
    tmp_path: Path, name: str, fault: str
) -> None:
    folder = make_tiny_model(tmp_path, name="Hills", weight_seed=1)
    other = make_tiny_model(tmp_path, name="Other", weight_seed=2)
    library = ModelLibrary([tmp_path])
    model = library.find("hills")
    path = folder / name
    if fault == "flip":
        _flip(path)
    elif fault == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif fault == "swap":
        path.write_bytes((other / name).read_bytes())
    else:
        path.unlink()
    with pytest.raises(ModelError, match=name):
        library.verify(model)


def test_files_of_two_models_under_one_card_are_found(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path, name="Hills", weight_seed=1)
    library = ModelLibrary([tmp_path])
    model = library.find("hills")
    swapped = msgspec.structs.replace(model.card, model="0" * 64)
    with pytest.raises(ModelError, match="belong"):
        library.verify(InstalledModel(folder, swapped, is_shipped=False))
