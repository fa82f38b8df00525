"""A model folder with anything wrong in it gives one sentence that names the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import ModelError
from studio.core.model_card import ModelCard
from studio.files.model_folder import (
    read_card,
    read_directions,
    read_model_file,
)
from tests.fakes.tiny_model import NAMES, make_tiny_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tiny_model(tmp_path, resolution=32, channels=2)


def change_card(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "card.json"
    fields = json.loads(path.read_text())
    change(fields)
    path.write_text(json.dumps(fields))


def card_refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_card(folder)
    assert caught.value.way_out
    return caught.value.what


def test_a_whole_folder_is_read(folder: Path) -> None:
    card = read_card(folder)
    assert (card.resolution, card.layers, card.w) == (32, 8, 16)
    directions = read_directions(folder, card)
    assert tuple(entry.name for entry in directions.entries) == NAMES
    for name in card.graphs:
        assert read_model_file(folder, card, name=name) == (folder / name).read_bytes()


def test_no_folder_and_no_card(tmp_path: Path) -> None:
    assert "no model" in card_refusal(tmp_path / "none")
    assert "missing" in card_refusal(tmp_path)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff\xfe", b'{"id": 7}', b"[" * 100_000, b'{"a":' * 100_000]
)
def test_a_damaged_card(folder: Path, raw: bytes) -> None:
    (folder / "card.json").write_bytes(raw)
    assert "card.json" in card_refusal(folder)


def test_a_card_of_two_megabytes(folder: Path) -> None:
    (folder / "card.json").write_bytes(b" " * 2_000_000)
    assert "too large" in card_refusal(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("resolution", 0), ("resolution", 10**9), ("previews", [64]), ("previews", [16, 8]), ("layers", 0),
        ("layers", 10**6), ("z", 0), ("w", -1), ("zones", [0, 4]), ("zones", [6, 4]), ("zones", [4, 9]),
        ("graphs", {"mapping.onnx": "0"}), ("graphs", {"../x": "0", "mapping.onnx": "0", "synthesis.onnx": "0"}),
    ],
)  # fmt: skip
def test_a_card_that_contradicts_itself(folder: Path, field: str, value: object) -> None:
    change_card(folder, lambda fields: fields.update({field: value}))
    assert "not right" in card_refusal(folder)


def test_a_newer_card_says_update(folder: Path) -> None:
    change_card(folder, lambda fields: fields.update(schema=2))
    assert "newer version" in card_refusal(folder)


@pytest.mark.parametrize("name", ["mapping.onnx", "synthesis.onnx", "directions.safetensors"])
@pytest.mark.parametrize("fault", ["missing", "cut off", "one bit", "empty", "a folder"])
def test_a_file_that_is_not_the_cards(folder: Path, name: str, fault: str) -> None:
    card, path = read_card(folder), folder / name
    raw = bytearray(path.read_bytes())
    if fault in ("missing", "a folder"):
        path.unlink()
    if fault == "a folder":
        path.mkdir()
    elif fault == "cut off":
        path.write_bytes(raw[:-1])
    elif fault == "empty":
        path.write_bytes(b"")
    elif fault == "one bit":
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    with pytest.raises(ModelError, match=name):
        read_model_file(folder, card, name=name)


def test_directions_of_another_model(folder: Path, tmp_path: Path) -> None:
    other = make_tiny_model(tmp_path, name="Other", resolution=32, channels=2, weight_seed=2)
    raw = (other / "directions.safetensors").read_bytes()
    (folder / "directions.safetensors").write_bytes(raw)
    digest = read_card(other).graphs["directions.safetensors"]
    change_card(folder, lambda fields: fields["graphs"].update({"directions.safetensors": digest}))
    with pytest.raises(ModelError, match="do not belong"):
        read_directions(folder, read_card(folder))


def test_a_file_that_the_card_does_not_list(folder: Path) -> None:
    card: ModelCard = read_card(folder)
    with pytest.raises(ModelError, match=r"encoder\.onnx"):
        read_model_file(folder, card, name="encoder.onnx")
