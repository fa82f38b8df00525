"""The hostile corpus through the real children: how long, how much memory, and what the system saw.

In full (`packaging/test.sh --all`) every file; in the normal run a few of each kind. Times and memory
are only measured in full, where nothing else is running; refusing is checked always.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.library.model_arrival import bring_in
from studio.opener.client import open_recipe_picture
from tests.fakes.hostile_graphs import hostile_graphs
from tests.fakes.hostile_pickles import hostile_pickles
from tests.fakes.hostile_texts import hostile_pictures, hostile_weights
from tests.fakes.hostile_zips import hostile_zips
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow

IN_FULL = bool(os.environ.get("STUDIO_TEST_ALL"))
EVERY = 1 if IN_FULL else 40
MAX_S = 1.0
MAX_EXTRA_KIB = 256 * 1024
_TRACED = "trace=execve,connect,bind,openat,open,creat,unlink,rename,renameat2,mkdir,socket"

KINDS = ("graph", "model", "picture", "weights")
Case = tuple[str, str, bytes]


def corpus(folder: Path) -> Iterator[Case]:
    """Give kind, name and bytes of each file."""
    model = make_tiny_model(folder, resolution=16, channels=4)
    for kind, files in (
        ("graph", hostile_graphs()),
        ("model", hostile_zips(model)),
        ("graph", hostile_weights()),
        ("picture", hostile_pictures()),
        ("weights", hostile_pickles()),
    ):
        for place, (name, raw) in enumerate(files):
            if place % EVERY == 0:
                yield kind, name, raw


def test_each_file_is_refused_by_who_opens_it(tmp_path: Path) -> None:
    models, path, wrong = tmp_path / "models", tmp_path / "file", []
    for kind, name, raw in corpus(tmp_path):
        path.write_bytes(raw)
        if kind == "picture":
            if open_recipe_picture(path).refused is None:
                wrong.append(name)
            continue
        try:
            bring_in(path, models)
        except StudioError as error:
            if str(tmp_path) in str(error):
                wrong.append(f"{name} tells a folder")
        else:
            wrong.append(name)
    assert wrong == []
    assert list(models.glob("*")) + list(models.glob(".*")) == []


def words_of(kind: str) -> list[str]:
    words = {
        "graph": ["trial", "graph", "{}"],
        "model": ["opener", "model"],
        "picture": ["opener"],
        "weights": ["opener", "weights", "read"],
    }
    return [sys.executable, "-m", "studio", *words[kind]]


@pytest.mark.skipif(not IN_FULL, reason="times and memory are measured in the full run alone")
def test_each_child_is_quick_and_small(tmp_path: Path) -> None:
    path, slow = tmp_path / "file", []
    path.write_bytes(b"nothing")
    idle = {kind: measured(kind, path) for kind in KINDS}
    for kind, name, raw in corpus(tmp_path):
        path.write_bytes(raw)
        seconds, kib = measured(kind, path)
        extra_s, extra_kib = seconds - idle[kind][0], kib - idle[kind][1]
        if extra_s > MAX_S or extra_kib > MAX_EXTRA_KIB:
            slow.append(f"{kind} {name}: {extra_s:.2f} s, {extra_kib // 1024} MiB")
    assert slow == []


# A child's largest memory includes what its parent had when it forked: so a small one starts it.
_MEASURE = """
import os, subprocess, sys
nowhere = open(os.devnull, "wb")
child = subprocess.Popen(sys.argv[1:], stdin=0, stdout=nowhere, stderr=nowhere)
_, _, usage = os.wait4(child.pid, 0)
child.returncode = 0
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


def measured(kind: str, path: Path) -> tuple[float, int]:
    """Give processor seconds and the largest memory (KiB) of a child that reads the file."""
    with path.open("rb") as file:
        told = subprocess.run(
            [sys.executable, "-c", _MEASURE, *words_of(kind)],
            stdin=file, capture_output=True, text=True,
        )  # fmt: skip
    seconds, kib = told.stdout.split()
    return float(seconds), int(kib)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("kind", KINDS)
def test_the_system_sees_nothing_run_written_or_called(tmp_path: Path, kind: str) -> None:
    path, log = tmp_path / "file", tmp_path / "log"
    found = [(name, raw) for one, name, raw in corpus(tmp_path) if one == kind]
    found = found if IN_FULL else found[:1]
    for name, raw in found:
        path.write_bytes(raw)
        assert forbidden(kind, path, log) == [], name
    assert not Path("/tmp/canary").exists()


def test_the_trace_sees_a_planted_write(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    deed = (
        "import socket; open('/tmp/x-planted', 'a'); socket.socket().connect_ex(('127.0.0.1', 9))"
    )
    log = tmp_path / "log"
    subprocess.run(["strace", "-f", "-o", str(log), "-e", _TRACED, sys.executable, "-c", deed])
    Path("/tmp/x-planted").unlink(missing_ok=True)
    assert len(bad_lines(log)) == 3


def forbidden(kind: str, path: Path, log: Path) -> list[str]:
    """Give what a child did that it must not do, as the system saw it."""
    command = ["strace", "-f", "-o", str(log), "-e", _TRACED, *words_of(kind)]
    with path.open("rb") as file:
        subprocess.run(
            command, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    return bad_lines(log)


def bad_lines(log: Path) -> list[str]:
    """Give the calls of a trace that run, write or reach out; the first execve is our own."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        call = re.sub(r"^\d+ +", "", line)
        writes = (
            re.match(r"(openat|open)\(.*O_(?!RDONLY)(\w*ONLY|RDWR|CREAT)", call)
            and "/dev/null" not in call
        )
        others = re.match(
            r"(connect|bind|creat|unlink|rename|renameat2|mkdir|socket|execve)\(", call
        )
        if (writes or others) and not line.endswith("= -1 ENOENT (No such file or directory)"):
            found.append(call[:200])
    return found[1:] if found and found[0].startswith("execve") else found
