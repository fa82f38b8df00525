"""Which pictures of a folder a model is scored against."""

from pathlib import Path

import msgspec
import pytest

from studio.cli.score import _crops
from studio.core.model_card import SPEC_FILE
from studio.core.training_spec import CropSpec, make_spec


@pytest.mark.parametrize(
    ("names", "include"), [(["anna-1.jpg", "bert-1.jpg"], ("anna-*",)), (["other.jpg"], ())]
)
def test_a_model_of_some_files_is_scored_against_them_or_against_another_folder(
    tmp_path: Path, names: list[str], include: tuple[str, ...]
) -> None:
    spec = make_spec(resolution=32, config="xs", kimg=1.0)
    crops = CropSpec(include=("anna-*",), max_crops=2)
    spec = msgspec.structs.replace(spec, crops=crops)
    (tmp_path / SPEC_FILE).write_bytes(msgspec.json.encode(spec))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in names:
        (pictures / name).touch()
    assert _crops(tmp_path, pictures=pictures) == msgspec.structs.replace(crops, include=include)
