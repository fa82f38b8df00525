"""A zip of pictures in StyleGAN's form is learned from like a folder, and never unpacked by its names."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.dataset.packed import CACHE, folder_of
from studio.dataset.scan import find_pictures
from studio.files.source_pictures import encode_picture, read_picture

pytestmark = pytest.mark.slow

LEVELS = (10, 120, 240)


def zip_of(path: Path, names: list[str], *, extra: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name, level in zip(names, LEVELS, strict=True):
            picture = np.full((64, 64, 3), level, dtype=np.uint8)
            packed.writestr(name, encode_picture(picture, "PNG"))
        for name, content in (extra or {}).items():
            packed.writestr(name, content)
    return path


def stylegan_zip(path: Path) -> Path:
    names = [f"00000/img{number:08d}.png" for number in range(3)]
    labels = {"labels": [[name, 6] for name in names]}
    more = {"dataset.json": json.dumps(labels).encode(), "__MACOSX/._x.png": b"x", ".hid.png": b"x"}
    return zip_of(path, names, extra=more)


def test_the_pictures_come_in_their_order_and_once(tmp_path: Path) -> None:
    path = stylegan_zip(tmp_path / "faces.zip")
    folder = folder_of(path, tmp_path / "home")
    found = find_pictures(folder)
    assert folder.name == "faces"
    assert [int(read_picture(one, min_side_px=1).mean()) for one in found] == list(LEVELS)
    assert [one.name for one in found] == ["000000.png", "000001.png", "000002.png"]
    (folder / "000000.png").unlink()  # would come back if it were unpacked again
    assert folder_of(path, tmp_path / "home") == folder
    assert len(find_pictures(folder)) == 2
    assert folder_of(tmp_path, tmp_path / "home") == tmp_path


def test_the_command_line_looks_at_a_zip(tmp_path: Path) -> None:
    path = stylegan_zip(tmp_path / "faces.zip")
    done = subprocess.run(
        [sys.executable, "-m", "studio", "dataset", "check", str(path), "--json"],
        env={"STUDIO_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
    )
    assert len(json.loads(done.stdout)["files"]) == 3, done.stderr


@pytest.mark.parametrize("kind", ["slip", "none", "bomb", "no zip", "cut off"])
def test_a_zip_that_is_not_allowed_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, kind: str
) -> None:
    path, home = tmp_path / "x.zip", tmp_path / "home"
    names = ["a.png", "b.png", "c.png"]
    if kind == "slip":
        zip_of(path, ["../a.png", "b.png", "c.png"])
    elif kind == "none":
        zip_of(path, ["a.txt", "b.txt", "c.txt"])
    elif kind == "bomb":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a.png", bytes(30_000_000))
        path.write_bytes(file.getvalue())
    elif kind == "no zip":
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
    else:
        whole = zip_of(path, names).read_bytes()
        path.write_bytes(whole[:-40])
    with pytest.raises(StudioError) as refused:
        folder_of(path, home)
    assert str(tmp_path) not in str(refused.value)
    assert not list((home / CACHE).glob("*/*/0*")) if (home / CACHE).is_dir() else True
