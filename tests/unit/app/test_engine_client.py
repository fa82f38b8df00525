"""The client against an engine that fails in every way we know."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.engine_client import EngineClient, EngineState, WatchLimits
from studio.core.recipe import Recipe, new_recipe
from studio.files.model_folder import read_card
from tests.fakes.engine_listener import Listener
from tests.fakes.tiny_model import make_tiny_model

QUICK = WatchLimits(tick_ms=100, silent_ticks=12, start_ticks=300, busy_ms=2000)

pytestmark = pytest.mark.slow  # each test starts real processes


Start = Callable[..., Listener]


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """Give a function that starts a client with a faulty engine."""
    clients: list[EngineClient] = []

    def begin(*faults: str, limits: WatchLimits = QUICK) -> Listener:
        command = [sys.executable, "-m", "tests.fakes.faulty_engine", *faults]
        client = EngineClient(command=command, limits=limits)
        clients.append(client)
        listener = Listener(client, qtbot)
        client.start()
        return listener

    yield begin
    for client in clients:
        client.stop()
        client.deleteLater()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tiny_model(tmp_path, name="Good", resolution=16, channels=1)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return make_tiny_model(tmp_path, name="Poison", resolution=16, channels=1, weight_seed=2)


def recipe(folder: Path, seed: int) -> Recipe:
    return new_recipe(read_card(folder).model, seed)


def test_requests_made_before_the_engine_is_up_are_answered(start: Start, folder: Path) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.client.request_small(("wall", 1), recipe(folder, 6), size=16)
    heard.client.request_full(("keep", "x"), recipe(folder, 7))
    heard.wait(lambda: heard.pictures and heard.smalls and heard.fulls)
    assert heard.kinds() == ["starting", "opening", "ready"]
    assert heard.client.opened == heard.opened[0]
    assert (heard.pictures[0].picture == 5).all()
    assert not heard.pictures[0].picture.flags.writeable
    assert (heard.smalls[0].key, heard.smalls[0].picture[0, 0, 0]) == (("wall", 1), 6)
    assert (heard.fulls[0].key, heard.fulls[0].provider) == (("keep", "x"), "CPU")
    assert len(heard.pictures) == len(heard.smalls) == len(heard.fulls) == 1


def test_a_killed_engine_comes_back_with_the_same_picture(start: Start, folder: Path) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
    os.kill(heard.client.process_id, signal.SIGKILL)
    heard.client.request_full(("keep", 1), recipe(folder, 9))
    heard.wait(lambda: len(heard.pictures) == 2 and heard.fulls)
    assert heard.pictures[1].recipe == recipe(folder, 5)
    assert heard.kinds()[-2:] == ["restarting", "ready"]
    assert heard.failures == []
    assert len(heard.opened) == 2


def test_a_model_that_kills_the_engine_three_times_is_set_aside(
    start: Start, folder: Path, other: Path, tmp_path: Path
) -> None:
    log = tmp_path / "starts"
    heard = start("die-on-open:poison", f"count:{log}")
    heard.client.open_model(other)
    heard.client.request_full(("keep", 1), recipe(other, 1))
    heard.wait(lambda: heard.failures)
    what = "The model “poison” stopped the engine three times and was set aside."
    assert {failure.error.what for failure in heard.failures} == {what}
    assert [failure.key for failure in heard.failures] == [("keep", 1), None]
    assert heard.client.state == EngineState("failed", what)
    heard.client.open_model(other)
    assert heard.failures[-1].error.what == what
    assert len(log.read_text().splitlines()) == 3, "no further crash"
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
    heard.client.try_again(other)
    heard.wait(lambda: len(log.read_text().splitlines()) > 4)


def test_after_a_poisonous_model_the_last_good_one_is_shown(
    start: Start, folder: Path, other: Path
) -> None:
    heard = start("die-on-render:poison")
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
    heard.client.open_model(other)
    heard.client.request_picture(recipe(other, 6))
    heard.wait(lambda: heard.opened[-1].folder == folder and len(heard.opened) > 2)
    assert [failure.error.what for failure in heard.failures] == [
        "The model “poison” stopped the engine three times and was set aside."
    ]
    assert heard.client.state.kind == "ready"


@pytest.mark.parametrize("fault", ["silent", "busy"])
def test_an_engine_that_hangs_is_restarted(start: Start, folder: Path, fault: str) -> None:
    heard = start(fault)
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
    heard.wait(lambda: len(heard.pictures) == 2)
    assert "restarting" in heard.kinds()


def test_a_stopped_engine_is_recovered(start: Start, folder: Path) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
    os.kill(heard.client.process_id, signal.SIGSTOP)
    heard.wait(lambda: len(heard.pictures) == 2)


@pytest.mark.parametrize("fault", ["garbage", "other-protocol"])
def test_an_engine_that_is_not_understood_is_given_up_with_a_sentence(
    start: Start, folder: Path, tmp_path: Path, fault: str
) -> None:
    log = tmp_path / "starts"
    heard = start(fault, f"count:{log}")
    heard.wait(lambda: heard.failures)
    assert heard.client.state.kind == "failed"
    assert heard.failures[0].error.what.startswith("The engine stopped three times")
    assert len(log.read_text().splitlines()) == 3


def test_an_engine_that_cannot_be_started_is_a_sentence(qtbot: QtBot) -> None:
    client = EngineClient(command=["/nowhere/python"], limits=QUICK)
    heard = Listener(client, qtbot)
    client.start()
    heard.wait(lambda: heard.failures)
    assert client.state.kind == "failed"
    client.stop()


def test_a_graphics_card_that_fails_twice_gives_way_to_the_cpu(start: Start, folder: Path) -> None:
    heard = start("cuda")
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
    assert [opened.provider for opened in heard.opened] == ["CUDA", "CUDA", "CPU"]
    assert heard.opened[-1].fallback_reason == "Running on the CPU: the graphics card failed twice."
    assert heard.opened[-1].wish == "auto"


def test_a_full_picture_is_made_before_its_model_is_left(
    start: Start, folder: Path, other: Path
) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.wait(lambda: heard.opened)
    heard.client.request_full(("keep", 1), recipe(folder, 9))
    heard.client.open_model(other)
    heard.wait(lambda: len(heard.opened) == 2)
    assert [full.recipe for full in heard.fulls] == [recipe(folder, 9)]
    assert heard.client.opened is not None
    assert heard.client.opened.folder == other


def test_a_request_for_another_model_fails_with_the_engines_sentence(
    start: Start, folder: Path, other: Path
) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.wait(lambda: heard.opened)
    heard.client.request_full(("keep", 1), recipe(other, 9))
    heard.wait(lambda: heard.failures)
    assert heard.failures[0].key == ("keep", 1)
    assert (heard.failures[0].error.what, heard.failures[0].error.way_out) == ("No.", "Go.")


def test_a_folder_that_is_gone_restarts_nothing_for_ever(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    """The stand-in dies of it (a missing card is an exception there): three times, then rest."""
    heard = start()
    heard.client.open_model(tmp_path / "gone")
    heard.wait(lambda: heard.failures)
    assert heard.client.state.kind == "failed"


def test_cancelled_small_requests_do_not_come(start: Start, folder: Path) -> None:
    heard = start()
    heard.client.open_model(folder)
    for number in range(3):
        heard.client.request_small(("wall", number), recipe(folder, number), size=16)
    heard.client.request_small(("strip", 0), recipe(folder, 77), size=16)
    heard.client.cancel_small(("wall",))
    heard.wait(lambda: heard.smalls)
    heard.client.request_full(("last",), recipe(folder, 1))
    heard.wait(lambda: heard.fulls)
    assert [small.key for small in heard.smalls] == [("strip", 0)]


def test_stopping_a_deaf_engine_takes_at_most_two_seconds(start: Start, folder: Path) -> None:
    heard = start("deaf")
    heard.client.open_model(folder)
    heard.wait(lambda: heard.opened)
    begin_s = time.monotonic()
    heard.client.stop()
    assert time.monotonic() - begin_s < 2.5
    assert heard.client.process_id == 0
    assert heard.client.state == EngineState("stopped")
    assert heard.client.opened is None


def test_nothing_is_left_in_the_session_folder(start: Start, folder: Path) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.wait(lambda: heard.opened)
    rings = Path(os.environ["XDG_RUNTIME_DIR"])
    assert len(list(rings.glob("latent-studio-ring-*"))) == 1
    heard.client.stop()
    assert list(rings.glob("latent-studio-ring-*")) == []


def test_stopping_and_starting_again_works(start: Start, folder: Path) -> None:
    heard = start()
    heard.client.open_model(folder)
    heard.wait(lambda: heard.opened)
    heard.client.stop()
    heard.client.start()
    heard.client.open_model(folder)
    heard.client.request_picture(recipe(folder, 5))
    heard.wait(lambda: heard.pictures)
