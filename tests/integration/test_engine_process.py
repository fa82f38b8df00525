"""The real engine process: what it gives, how it ends, and what it never does."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.app.engine_client import EngineClient, WatchLimits
from studio.core.arrays import pixel_hash
from studio.core.recipe import Recipe, new_recipe
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card
from studio.files.places import child_command
from studio.protocol import messages as say
from studio.protocol.codec import LineDecoder, encode_line
from tests.fakes.engine_listener import Listener
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow

PATIENCE_S = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models"), resolution=256, channels=16)


def recipe(folder: Path, seed: int) -> Recipe:
    return new_recipe(read_card(folder).model, seed)


@pytest.fixture
def heard(qtbot: QtBot) -> Iterator[Listener]:
    client = EngineClient(limits=WatchLimits(tick_ms=250, silent_ticks=10))
    listener = Listener(client, qtbot)
    client.start()
    yield listener
    client.stop()
    client.deleteLater()


def show(heard: Listener, folder: Path, seed: int) -> None:
    """Ask for a canvas picture and wait for the full one."""
    asked = recipe(folder, seed)
    heard.client.request_picture(asked)
    heard.wait(lambda: any(one.recipe == asked and not one.is_preview for one in heard.pictures))


# ------------------------------------------------------------------------- through the client


def test_the_pictures_are_those_of_the_model_in_this_process(heard: Listener, folder: Path) -> None:
    heard.client.open_model(folder, wish="cpu")
    model = GeneratorModel.open(folder, wish="cpu")
    show(heard, folder, 7)
    heard.client.request_full(("keep", 1), recipe(folder, 8))
    heard.client.request_small(("wall", 1), recipe(folder, 9), size=64)
    heard.wait(lambda: heard.fulls and heard.smalls)
    full = heard.pictures[-1]
    assert pixel_hash(full.picture) == pixel_hash(model.render(recipe(folder, 7)))
    assert full.engine_ms > 0
    preview = model.render(recipe(folder, 7), size=heard.pictures[0].picture.shape[0])
    assert pixel_hash(heard.pictures[0].picture) == pixel_hash(preview)
    assert pixel_hash(heard.fulls[0].picture) == pixel_hash(model.render(recipe(folder, 8)))
    small = model.render(recipe(folder, 9), size=64)
    assert pixel_hash(heard.smalls[0].picture) == pixel_hash(small)


def test_what_runs_the_model_is_told_and_why(heard: Listener, folder: Path) -> None:
    heard.client.open_model(folder, wish="cuda")
    heard.wait(lambda: heard.opened)
    opened = heard.opened[0]
    assert opened.wish == "cuda"
    if opened.provider == "CPU":
        assert re.fullmatch(r"Running on the CPU: [^.]+\.", opened.fallback_reason)
        assert heard.client.state.sentence == opened.fallback_reason


def test_a_wrong_folder_is_a_sentence_and_the_next_model_opens(
    heard: Listener, folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    raw = (broken / "synthesis.onnx").read_bytes()
    (broken / "synthesis.onnx").write_bytes(raw[:-100])
    process_id = heard.client.process_id
    heard.client.open_model(broken)
    heard.wait(lambda: heard.failures)
    assert "“synthesis.onnx”" in heard.failures[0].error.what
    assert heard.client.state.kind == "failed"
    heard.client.open_model(folder)
    show(heard, folder, 1)
    assert heard.client.process_id == process_id, "nothing crashed"


def test_a_drag_keeps_giving_pictures_and_ends_on_the_last(
    heard: Listener, folder: Path, qtbot: QtBot
) -> None:
    heard.client.open_model(folder, wish="cpu")
    show(heard, folder, 0)
    heard.pictures.clear()
    asked: list[Recipe] = []
    timer = QTimer()
    timer.setInterval(16)

    def move() -> None:
        asked.append(recipe(folder, 100 + len(asked)))
        heard.client.request_picture(asked[-1])
        if len(asked) == 40:
            timer.stop()

    timer.timeout.connect(move)
    timer.start()
    heard.wait(lambda: len(asked) == 40)
    num_during = len(heard.pictures)
    heard.wait(
        lambda: (
            heard.pictures
            and heard.pictures[-1].recipe == asked[-1]
            and not heard.pictures[-1].is_preview
        )
    )
    assert num_during >= 4, "pictures came while the hand moved"
    order = [asked.index(one.recipe) for one in heard.pictures]
    assert order == sorted(order), "never back to an older picture"


@pytest.mark.timeout(900)
def test_killed_at_any_moment_it_comes_back_with_the_same_picture(
    heard: Listener, folder: Path, rounds: Callable[[int], int]
) -> None:
    heard.client.open_model(folder, wish="cpu")
    heard.client._keeper._crashes = _Forgiving()  # type: ignore[assignment]
    show(heard, folder, 0)
    draw = np.random.RandomState(5)
    for number in range(1, rounds(200) + 2):
        _kill_while_busy(heard, recipe(folder, number), after_s=draw.uniform(0, 0.12))
    assert heard.failures == []


def _kill_while_busy(heard: Listener, asked: Recipe, *, after_s: float) -> None:
    """Ask for a picture twice, kill the engine, and wait until both have come all the same."""
    key = (asked.sources[0].seed or 0,)
    heard.client.request_picture(asked)
    heard.client.request_full(key, asked)
    moment_s = time.monotonic() + after_s
    heard.wait(lambda: time.monotonic() > moment_s)
    os.kill(heard.client.process_id, signal.SIGKILL)
    heard.wait(lambda: heard.kinds()[-1] == "restarting")
    heard.pictures.clear()
    heard.wait(lambda: any(one.recipe == asked and not one.is_preview for one in heard.pictures))
    heard.wait(lambda: any(one.key == key for one in heard.fulls))


class _Forgiving:
    """A crash record that never sets a model aside, for killing one often."""

    def note(self, _model: object, _now_s: float) -> bool:
        return False

    def num_recent(self, _model: object) -> int:
        return 0

    def is_set_aside(self, _model: object) -> bool:
        return False


def test_three_kills_within_a_minute_set_the_model_aside(heard: Listener, folder: Path) -> None:
    heard.client.open_model(folder, wish="cpu")
    for _ in range(3):
        heard.wait(lambda: heard.opened)
        heard.opened.clear()
        os.kill(heard.client.process_id, signal.SIGKILL)
    heard.wait(lambda: heard.failures)
    assert "set aside" in heard.failures[0].error.what
    assert heard.client.process_id == 0


def test_a_stopped_process_is_recovered(heard: Listener, folder: Path) -> None:
    heard.client.open_model(folder, wish="cpu")
    show(heard, folder, 3)
    first = heard.client.process_id
    os.kill(first, signal.SIGSTOP)
    heard.pictures.clear()
    heard.wait(lambda: any(not one.is_preview for one in heard.pictures))
    assert heard.pictures[-1].recipe == recipe(folder, 3)
    assert heard.client.process_id != first
    assert not Path(f"/proc/{first}").exists()


def test_the_memory_of_the_engine_is_modest(heard: Listener, folder: Path) -> None:
    heard.client.open_model(folder, wish="cpu")
    for seed in range(4):
        show(heard, folder, seed)
    status = Path(f"/proc/{heard.client.process_id}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    assert int(peak[1]) / 1024 < 400  # MiB


# ---------------------------------------------------------------------------- the bare process


class Bare:
    """The process without the client, spoken to line by line."""

    def __init__(self, *before: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*before, *child_command("engine")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self._decoder: LineDecoder[say.Event] = LineDecoder(say.Event)

    def send(self, raw: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(raw)
        self.process.stdin.flush()

    def wait_for(self, kind: type) -> say.Event:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            event = self._decoder.decode(line)
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__}: {self.process.communicate()[1].decode()}")

    def render(self, folder: Path, ring: Path) -> None:
        """Go the whole way to a picture."""
        slot_bytes = 3 * 256 * 256
        ring.write_bytes(bytes(2 * slot_bytes))
        self.send(encode_line(say.UseRing(path=str(ring), num_slots=2, slot_bytes=slot_bytes)))
        self.send(encode_line(say.OpenModel(open_id=1, folder=str(folder))))
        self.wait_for(say.ModelOpened)
        self.send(encode_line(say.RenderFull(request_id=1, recipe=recipe(folder, 1))))
        self.wait_for(say.PictureDone)

    def close(self) -> float:
        """Close stdin; gives how long the process then took to end, in s."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        begin_s = time.monotonic()
        self.process.wait(PATIENCE_S)
        return time.monotonic() - begin_s

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def bare() -> Iterator[Bare]:
    process = Bare()
    yield process
    process.kill()


def test_garbage_on_stdin_is_refused_and_the_engine_goes_on(
    bare: Bare, folder: Path, tmp_path: Path
) -> None:
    bare.send(b"\x00\xff\xfe garbage\n{}\n" + b"[" * 50_000 + b"\n")
    for _ in range(3):
        refused = bare.wait_for(say.CommandRefused)
        assert isinstance(refused, say.CommandRefused)
        assert refused.what.endswith(".")
    bare.render(folder, tmp_path / "ring")


def test_it_ends_within_a_second_of_stdin_even_while_it_renders(
    bare: Bare, folder: Path, tmp_path: Path
) -> None:
    bare.render(folder, tmp_path / "ring")
    for number in range(200):
        bare.send(encode_line(say.RenderFull(request_id=number, recipe=recipe(folder, number))))
        bare.send(encode_line(say.FreeSlot(slot=number % 2)))
    assert bare.close() < 1.5  # a second is promised; the rest is for a loaded machine


def test_words_on_the_command_line_are_a_wrong_call() -> None:
    told = subprocess.run(child_command("engine", "now"), capture_output=True, timeout=PATIENCE_S)
    assert told.returncode == 2


def test_what_libraries_print_cannot_come_between_the_events() -> None:
    code = (
        "import os; from studio.engine.host import _take_stdout as take; events = take(); "
        "print('noise', flush=True); os.write(1, b'noise'); os.write(events, b'event')"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PATIENCE_S)
    assert told.stdout == b"event"
    assert told.stderr.count(b"noise") == 2


def test_an_engine_whose_app_was_killed_does_not_stay(tmp_path: Path) -> None:
    """A middle process stands for the app: it starts the engine, says its number and is killed."""
    code = (
        "import subprocess, sys, time; from studio.files.places import child_command; "
        "p = subprocess.Popen(child_command('engine'), stdin=subprocess.PIPE, stdout=subprocess.PIPE); "
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)"
    )
    app = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert app.stdout is not None
    engine = int(app.stdout.readline())
    app.kill()
    app.wait()
    app.stdout.close()
    end_s = time.monotonic() + 5
    while _is_running(engine) and time.monotonic() < end_s:
        time.sleep(0.02)
    assert not _is_running(engine)


def _is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_nothing_is_written_outside_the_ring(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    environment = {**os.environ, **dict.fromkeys(names, str(home)), "STUDIO_HOME": str(home / "s")}
    del environment["ORT_DISABLE_TELEMETRY"]  # the program itself has to set it
    process = Bare(environment=environment)
    process.render(folder, tmp_path / "ring")
    process.close()
    process.kill()
    assert list(home.rglob("*")) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_no_connection_is_made(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    environment = {
        key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"
    }
    trace = ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=connect,sendto,sendmsg"]
    process = Bare(*trace, environment=environment)
    process.render(folder, tmp_path / "ring")
    process.close()
    process.kill()
    assert log.exists()
    assert "AF_INET" not in log.read_text()


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_check_for_connections_sees_one(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    code = "import socket; s = socket.socket(); s.connect_ex(('127.0.0.1', 9)); s.close()"
    trace = ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=connect,sendto,sendmsg"]
    subprocess.run([*trace, sys.executable, "-c", code], timeout=PATIENCE_S)
    assert "AF_INET" in log.read_text()
