"""Strangers' files through the real child: one sentence each, never a hang, never a crash here."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import PictureError, RecipeError
from studio.core.provenance import provenance_of
from studio.export.stills import LayeredFormat
from studio.files.images import encode_jpeg, encode_png, encode_webp
from studio.opener import client
from studio.opener.client import OpenedPicture, open_recipe_picture
from studio.opener.merged_preview import MERGED_NAME
from tests.fakes import strange_pictures as strange
from tests.fakes.galleries import CARD, keep_one, picture_of, recipe_of
from tests.fakes.layered_pictures import layered, layered_file, layers_of

pytestmark = pytest.mark.slow


def opened(folder: Path, content: bytes, name: str = "picture.png") -> OpenedPicture:
    path = folder / name
    path.write_bytes(content)
    found = open_recipe_picture(path)
    if found.refused is not None:
        assert found.refused.what.endswith(".")
        assert found.refused.way_out.endswith(".")
        assert str(folder) not in str(found.refused)
    return found


def test_a_kept_picture_gives_back_recipe_and_pixels(tmp_path: Path) -> None:
    from studio.library.gallery import Gallery

    with Gallery(tmp_path / "home") as gallery:
        kept = keep_one(gallery, 7)
        found = open_recipe_picture(gallery.picture_path(kept))
    assert found.recipe is not None
    assert found.recipe.recipe == kept.recipe
    assert found.picture is not None
    np.testing.assert_array_equal(found.picture, picture_of(7))
    assert not found.picture.flags.writeable
    assert found.is_unchanged
    assert found.refused is None
    assert found.parameters_text.splitlines()[-1].startswith("Steps: 1, Sampler: Latent Studio")


@pytest.mark.parametrize("encode", [encode_jpeg, encode_webp])
def test_other_formats_give_back_the_recipe(tmp_path: Path, encode: Callable[..., bytes]) -> None:
    provenance = provenance_of(recipe_of(7), CARD, size=(32, 32), pixels="ab" * 32)
    found = opened(tmp_path, encode(picture_of(7), provenance))
    assert found.recipe is not None
    assert found.recipe.recipe == recipe_of(7)
    assert not found.is_unchanged


@pytest.mark.parametrize("kind", ["ora", "psd"])
def test_layers_of_ours_give_back_recipe_and_pixels(tmp_path: Path, kind: LayeredFormat) -> None:
    one = layered()
    found = opened(tmp_path, layered_file(kind, one), f"layers.{kind}")
    assert found.recipe is not None
    assert found.recipe.recipe == one.recipe
    assert found.is_unchanged


def test_layers_of_others_are_a_picture_or_one_sentence(tmp_path: Path) -> None:
    found = opened(tmp_path, layers_of((MERGED_NAME, encode_png(picture_of(2)))), "a.ora")
    assert found.recipe is None
    assert found.refused is None
    assert found.picture is not None
    np.testing.assert_array_equal(found.picture, picture_of(2))
    bomb = layers_of((MERGED_NAME, bytes(50_000_000)), how=zipfile.ZIP_DEFLATED)
    for content in (layers_of(("stack.xml", b"<image/>")), bomb, bomb[:-30]):
        found = opened(tmp_path, content, "a.kra")
        assert found.picture is None
        assert found.refused is not None
        assert "file of layers" in found.refused.what or "in this file" in found.refused.what


def test_a_painted_over_picture_is_not_unchanged(tmp_path: Path) -> None:
    provenance = provenance_of(recipe_of(7), CARD, size=(32, 32), pixels="ab" * 32)
    found = opened(tmp_path, encode_png(picture_of(8), provenance))
    assert found.recipe is not None
    assert not found.is_unchanged


def test_a_large_picture_comes_small(tmp_path: Path) -> None:
    found = opened(tmp_path, encode_png(np.full((2100, 3000, 3), 90, dtype=np.uint8)))
    assert (found.width, found.height, found.is_whole) == (3000, 2100, False)
    assert found.picture is not None
    assert max(found.picture.shape) == 1024


def test_a_picture_with_100_000_texts_opens_and_its_recipe_is_one_sentence(tmp_path: Path) -> None:
    found = opened(tmp_path, strange.many_texts(100_000))
    assert found.picture is not None
    assert isinstance(found.refused, RecipeError)


def test_a_text_bomb_opens_or_is_refused_in_a_moment(tmp_path: Path) -> None:
    began = time.monotonic()
    found = opened(tmp_path, strange.text_bomb())
    assert found.recipe is None
    assert found.refused is not None
    assert time.monotonic() - began < 10


def test_a_pixel_bomb_is_one_sentence(tmp_path: Path) -> None:
    found = opened(tmp_path, strange.pixel_bomb())
    assert isinstance(found.refused, PictureError)
    assert "too large" in found.refused.what


def test_a_truncated_picture_keeps_its_recipe_and_says_so(tmp_path: Path) -> None:
    provenance = provenance_of(recipe_of(7), CARD, size=(64, 64), pixels="")
    content = encode_png(picture_of(7, 64), provenance)
    found = opened(tmp_path, content[: len(content) * 2 // 3])
    assert found.recipe is not None
    assert found.picture is None
    assert isinstance(found.refused, PictureError)


@pytest.mark.parametrize(
    "content",
    [
        strange.png([strange.wide_text("latent-studio.recipe", b"{}", is_sound=False)]),
        strange.with_recipe(b"[" * 5000),
        strange.with_recipe(b'{"schema":1,"psi":[NaN,0,0]}'),
        b"",
        b"not a picture at all",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.4",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"\x80\x04\x95cos\nsystem\n",
        b"PK\x03\x04" + b"\0" * 50,
    ],
)
def test_each_strange_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    assert opened(tmp_path, content).refused is not None


# --------------------------------------------------------------------------- not files at all


@pytest.mark.parametrize("kind", ["missing", "folder", "link", "pipe", "device", "empty"])
def test_what_is_no_file_is_one_sentence_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.png"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "real").write_bytes(strange.png())
        path.symlink_to(tmp_path / "real")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "empty":
        path.touch()
    began = time.monotonic()
    found = open_recipe_picture(path)
    assert isinstance(found.refused, PictureError)
    assert found.picture is None
    assert time.monotonic() - began < 1.0


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    with path.open("wb") as file:
        file.truncate(600 * 1024 * 1024)
    assert "512 MiB" in str(open_recipe_picture(path).refused)


# ------------------------------------------------------------------------------ a faulty child


def child(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(client, "child_command", lambda *words: [sys.executable, "-c", script])


@pytest.mark.parametrize(
    ("script", "word"),
    [
        ("import time; time.sleep(60)", "too long"),
        ("import os; os.kill(os.getpid(), 11)", "damaged"),
        ("import os; os.kill(os.getpid(), 9)", "damaged"),
        ("print('nonsense')", "damaged"),
        ("pass", "damaged"),
        ("raise SystemExit(3)", "damaged"),
        ("import sys\nwhile 1: sys.stdout.buffer.write(b'x' * 99999)", "damaged"),
        ('print(\'{"shape":[9,9],"more":1}\')', "damaged"),
        ('print(\'{"recipe":"[[[["}\')', "not"),
    ],
)
def test_a_child_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, word: str
) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(strange.png())
    child(monkeypatch, script)
    found = open_recipe_picture(path, timeout_s=2.0)
    assert found.refused is not None
    assert word in found.refused.what


# ------------------------------------------------------------------------- the child's limits


LIMITED = """
from studio.opener.host import limit_process
limit_process()
{deed}
print("done")
"""


@pytest.mark.parametrize(
    "deed",
    [
        "bytearray(3 * 1024**3)",
        "import os; os.write(os.open({path!r}, os.O_WRONLY | os.O_CREAT), b'x')",
        "[open('/dev/null') for _ in range(100)]",
    ],
)
def test_the_child_cannot_take_memory_write_or_open_much(tmp_path: Path, deed: str) -> None:
    script = LIMITED.format(deed=deed.format(path=str(tmp_path / "out")))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "done" not in done.stdout
    assert not (tmp_path / "out").exists() or (tmp_path / "out").stat().st_size == 0
    harmless = LIMITED.format(deed="bytearray(1024**2)")
    done = subprocess.run([sys.executable, "-c", harmless], capture_output=True, text=True)
    assert done.stdout == "done\n", done.stderr


def test_the_artists_file_is_never_changed(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(strange.png())
    path.chmod(0o444)
    before = path.stat()
    open_recipe_picture(path)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
    shutil.rmtree(tmp_path)
