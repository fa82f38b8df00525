"""Content Credentials: signed with the artist's own key, read back, and never sent anywhere."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from studio.core.errors import PictureError, StorageError
from studio.core.provenance import COMPOSITE_SOURCE_TYPE, SOURCE_TYPE
from studio.core.recipe import Recipe, Source
from studio.export import credentials
from studio.export.credentials import sign_picture
from studio.export.stills import Format, StillSettings, encode_still
from studio.files.images import decode_picture
from studio.files.signing_key import ISSUER, KEY_FILE, signing_key
from studio.opener.credentials_reader import read_credentials
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import CARD, MODEL, picture_of, recipe_of

pytest.importorskip("c2pa", reason="the extra “provenance” is not installed")
KINDS: tuple[Format, ...] = get_args(Format)
STORED = Recipe(model=MODEL, sources=(Source(w="AAAAAA=="),))


def signed(kind: Format, *, recipe: Recipe | None = None) -> bytes:
    settings = StillSettings(format=kind, is_signed=True)
    recipe = recipe or recipe_of(7)
    return encode_still(
        picture_of(1, 48), recipe=recipe, card=CARD, settings=settings, title="张 “x”.png"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_picture_is_sound_and_a_changed_byte_is_found(kind: Format) -> None:
    content = signed(kind)
    found = read_credentials(content)
    assert found is not None
    assert found.is_sound
    assert not found.is_trusted
    assert (found.signer, found.actions) == (ISSUER, ("c2pa.created",))
    assert found.source_type == SOURCE_TYPE
    assert read_recipe_text(content).recipe is not None
    changed = bytearray(content)
    changed[content.index(MODEL.encode()) + 3] ^= 1  # in the recipe, far from the pixels
    found = read_credentials(bytes(changed))
    assert found is not None
    assert not found.is_sound
    assert any("mismatch" in problem for problem in found.problems)


def test_a_picture_of_ones_own_is_told_as_an_edit() -> None:
    found = read_credentials(signed("png", recipe=STORED))
    assert found is not None
    assert found.actions == ("c2pa.created", "c2pa.edited")
    assert found.source_type == COMPOSITE_SOURCE_TYPE


def test_a_signed_picture_without_its_recipe_does_not_say_its_name() -> None:
    settings = StillSettings(is_signed=True, with_recipe=False)
    content = encode_still(
        picture_of(1, 48), recipe=recipe_of(7), card=CARD, settings=settings, title="hills-4711.png"
    )
    found = read_credentials(content)
    assert found is not None
    assert found.is_sound
    assert b"4711" not in content
    assert MODEL.encode() not in content


def test_a_picture_without_a_signature_has_none() -> None:
    plain = encode_still(
        picture_of(1, 48), recipe=recipe_of(7), card=CARD, settings=StillSettings()
    )
    assert read_credentials(plain) is None


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "config")
    path = tmp_path / "config" / KEY_FILE
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
    assert signing_key(tmp_path / "config") == first
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing_key(tmp_path / "other") != first


def test_a_damaged_key_is_a_sentence_and_stays(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"nothing")
    with pytest.raises(StorageError, match="damaged"):
        signing_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == b"nothing"
    chain = signing_key(tmp_path / "new").chain
    (tmp_path / KEY_FILE).write_bytes(chain + b"-----BEGIN PRIVATE KEY-----\nAAAA\n")
    with pytest.raises(PictureError, match="could not be signed"):
        sign_picture(_plain(), title="x", is_composite=False, folder=tmp_path)


def test_without_the_library_it_is_said_which_extra_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", refuse)
    with pytest.raises(PictureError, match="not installed") as error:
        signed("png")
    assert "“provenance”" in error.value.way_out


def test_a_signature_that_does_not_hold_is_never_given_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(credentials, "read_credentials", lambda _content: None)
    with pytest.raises(StorageError, match="did not hold"):
        signed("jpeg")


def test_the_pixels_stay(tmp_path: Path) -> None:
    content = sign_picture(_plain(), title="x", is_composite=False, folder=tmp_path)
    assert (decode_picture(content) == picture_of(1, 48)).all()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_signing_and_reading_connects_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "plain.png").write_bytes(_plain())
    script = (
        "import pathlib\n"
        "from studio.export.credentials import sign_picture\n"
        "from studio.opener.credentials_reader import read_credentials\n"
        "content = pathlib.Path('plain.png').read_bytes()\n"
        "done = sign_picture(content, title='x', is_composite=True, folder=pathlib.Path('key'))\n"
        "assert read_credentials(done).is_sound\n"
    )
    called = subprocess.run(
        ["strace", "-f", "-e", "trace=connect,sendto,sendmsg", "-o", "calls",
         sys.executable, "-c", script],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert called.returncode == 0, called.stderr
    calls = (tmp_path / "calls").read_text()
    assert "exited with 0" in calls
    assert "AF_INET" not in calls


def _plain() -> bytes:
    return encode_still(picture_of(1, 48), recipe=recipe_of(7), card=CARD, settings=StillSettings())
