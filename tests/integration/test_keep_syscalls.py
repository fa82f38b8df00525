"""The real system calls, SQLite's too: killed or refused at each; a real disk that is really full."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.errors import StorageError
from studio.files.atomic import TEMP_PREFIX
from studio.files.home_lock import HomeLock
from studio.library.gallery import Gallery
from tests.fakes.galleries import keep_one

pytestmark = pytest.mark.slow

# What changes a disk. `write` and `openat` are left out of the kills of small steps only because
# the interpreter uses them for other things too; the fault layer covers them.
CALLS = "pwrite64,fsync,fdatasync,rename,mkdir,unlink,ftruncate"
KEEP = """
import sys
from pathlib import Path
from studio.files.home_lock import HomeLock
from studio.library.gallery import Gallery
from tests.fakes.galleries import keep_one
with Gallery(Path(sys.argv[1])) as gallery:
    print("open", flush=True)
    print(keep_one(gallery, 4711).id, flush=True)
"""


def strace(home: Path, *, inject: str = "") -> subprocess.CompletedProcess[str]:
    """Keep one picture under strace; gives its output, and the calls on its error stream."""
    command = ["strace", "-f", "-qq", "-e", f"trace={CALLS}"]
    command += ["-e", f"inject={CALLS}:{inject}"] if inject else []
    return subprocess.run(
        [*command, sys.executable, "-B", "-c", KEEP, str(home)],
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home with one picture in it."""
    home = tmp_path_factory.mktemp("filled") / "home"
    with Gallery(home) as gallery:
        keep_one(gallery, 1)
    return home


def num_calls(home: Path) -> int:
    """Give how many such calls one keep makes; skip where strace cannot run."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    done = strace(home)
    if done.returncode != 0:
        pytest.skip(f"strace cannot run here: {done.stderr[-200:]}")
    found = len(re.findall(rf"\b({CALLS.replace(',', '|')})\(", done.stderr))
    assert found > 15, done.stderr
    return found


def spread(count: int, num: int) -> list[int]:
    """Give `num` of the numbers 1…count, spread evenly, or all of them."""
    if num >= count:
        return list(range(1, count + 1))
    return sorted({1 + i * (count - 1) // (num - 1) for i in range(num)})


def check(home: Path, told: str) -> None:
    """Everything that was told is there, nothing is damaged, and keeping goes on."""
    words = told.split()
    with Gallery(home) as gallery:
        ids = {kept.id for kept in gallery.items()}
        assert gallery.verify().damaged == ()
        assert len(ids) in (1, 2)
        if len(words) == 2:
            assert words[1] in ids
        keep_one(gallery, 5)
        assert gallery.rebuild_index().num_damaged == 0
        gallery.purge_old()
        assert not list(home.rglob(f"{TEMP_PREFIX}*"))


def test_a_kill_at_each_system_call_loses_nothing(
    filled: Path, tmp_path: Path, rounds: Callable[[int], int]
) -> None:
    shutil.copytree(filled, tmp_path / "count")
    count = num_calls(tmp_path / "count")
    for number in spread(count, rounds(1000) // 2):
        home = tmp_path / str(number)
        shutil.copytree(filled, home)
        done = strace(home, inject=f"signal=KILL:when={number}")
        check(home, done.stdout)
        shutil.rmtree(home)


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_refusal_of_each_system_call_loses_nothing(
    filled: Path, tmp_path: Path, error: str, rounds: Callable[[int], int]
) -> None:
    shutil.copytree(filled, tmp_path / "count")
    count = num_calls(tmp_path / "count")
    for number in spread(count, rounds(1000) // 3):
        home = tmp_path / str(number)
        shutil.copytree(filled, home)
        done = strace(home, inject=f"error={error}:when={number}")
        assert (
            "Traceback" not in done.stderr
            or "DiskFullError" in done.stderr
            or "StorageError" in done.stderr
        ), done.stderr
        check(home, done.stdout)
        shutil.rmtree(home)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a real disk of 300 KB; skip where one cannot be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(place)], capture_output=True
    )
    if done.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up_keeps_what_was_kept(small_disk: Path) -> None:
    home = small_disk / "home"
    kept = set()
    with Gallery(home) as gallery:
        for seed in range(200):
            try:
                kept.add(keep_one(gallery, seed).id)
            except StorageError as error:
                assert "full" in error.what  # noqa: PT017 - the loop needs the pictures before it
                break
        else:
            pytest.fail("300 KB held 200 pictures")
        assert gallery.verify().damaged == ()
        assert kept <= {item.id for item in gallery.items()}
    with Gallery(home) as again:
        assert kept <= {item.id for item in again.items()}
        assert again.verify().damaged == ()
        assert not list(home.rglob(f"{TEMP_PREFIX}*"))


def test_a_disk_mounted_read_only_opens_and_stays_as_it_is(small_disk: Path) -> None:
    home = small_disk / "home"
    with Gallery(home) as gallery, HomeLock(home):
        kept = keep_one(gallery, 1)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
        with HomeLock(home), pytest.raises(StorageError, match="open already"):
            HomeLock(home)
        with HomeLock(small_disk / "never made"):
            pass
        with Gallery(home) as gallery:
            assert gallery.items() == (kept,)
            assert "cannot be written to" in gallery.read_only_reason
            with pytest.raises(StorageError):
                keep_one(gallery, 2)
        assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
