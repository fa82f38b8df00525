"""Zips of pictures that are dropped on the window."""

import zipfile
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from studio.app.arrivals import Arrivals
from studio.app.unpacking import Unpacking
from studio.files.source_pictures import encode_picture


def zip_of(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        picture = encode_picture(np.zeros((8, 8, 3), dtype=np.uint8), "PNG")
        packed.writestr("00000/img00000000.png", picture)
    return path


def test_a_zip_of_pictures_arrives_as_a_folder_to_learn_from(qtbot: QtBot, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "My faces.zip")
    arrivals, zips = Arrivals(), Unpacking(tmp_path / "home")
    arrivals.folder_arrived.connect(zips.begin)
    with qtbot.waitSignal(zips.unpacked) as unpacked:
        arrivals.take(path)
    assert unpacked.args is not None
    folder = unpacked.args[0]
    assert folder.name == "my-faces"
    assert [one.name for one in folder.glob("*.png")] == ["000000.png"]
    zips.finish()


def test_a_zip_that_is_damaged_is_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:60])
    zips = Unpacking(tmp_path / "home")
    with qtbot.waitSignal(zips.failed) as failed:
        zips.begin(path)
    assert failed.args is not None
    assert "damaged" in failed.args[0].what
    zips.finish()
