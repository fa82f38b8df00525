"""The ring file is ours alone, is removed, and does not outlive a killed app for long."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.app import picture_ring
from studio.app.picture_ring import PictureRing, make_ring, remove_stale_rings, ring_folders
from studio.core.errors import EngineError
from studio.protocol.ring import MappedRing


def test_the_engine_writes_and_the_app_reads(tmp_path: Path) -> None:
    ring = PictureRing(tmp_path, side_px=600)
    theirs = MappedRing(ring.path, num_slots=ring.num_slots, slot_bytes=ring.slot_bytes)
    picture = np.random.RandomState(1).randint(0, 256, (600, 600, 3)).astype(np.uint8)
    theirs.write(ring.num_slots - 1, picture)
    assert (ring.read(ring.num_slots - 1, width=600, height=600) == picture).all()
    ring.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_file_has_a_random_name_is_private_and_has_real_room(tmp_path: Path) -> None:
    one, two = PictureRing(tmp_path, side_px=1), PictureRing(tmp_path, side_px=1)
    assert one.path != two.path
    told = one.path.stat()
    assert told.st_mode & 0o077 == 0
    assert told.st_size == one.num_slots * 3 * 512**2
    assert told.st_blocks * 512 >= told.st_size
    one.remove()
    two.remove()


def test_no_room_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _num_bytes: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture_ring, "_reserve", full)
    with pytest.raises(EngineError, match="no room"):
        PictureRing(tmp_path, side_px=1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        PictureRing(tmp_path / "none", side_px=1)


def test_the_ring_of_a_killed_app_is_removed_and_a_living_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real temp folder holds other programs' rings, which may die meanwhile.
    empty = tmp_path / "temp"
    empty.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(empty))
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    code = (
        "import os, sys; from pathlib import Path; from studio.app.picture_ring import PictureRing; "
        "PictureRing(Path(sys.argv[1]), side_px=1); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(runtime)])
    assert len(list(runtime.iterdir())) == 1
    living = PictureRing(runtime, side_px=1)
    bystander = runtime / "other-file"
    bystander.write_bytes(b"")
    assert remove_stale_rings() == 1
    assert sorted(runtime.iterdir()) == sorted([living.path, bystander])
    living.remove()


def test_rings_lie_in_the_sessions_own_folder_or_else_in_the_temp_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, temp = tmp_path / "runtime", tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(temp))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert ring_folders() == (temp,)
    runtime.mkdir()
    assert ring_folders() == (runtime, temp)
    ring = make_ring(1)
    assert ring.path.parent == runtime
    ring.remove()


def test_a_full_session_folder_gives_way_to_the_temp_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    monkeypatch.setattr(picture_ring, "ring_folders", lambda: (gone, tmp_path))
    ring = make_ring(1)
    assert ring.path.parent == tmp_path
    ring.remove()
