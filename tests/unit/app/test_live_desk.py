"""Live messages through a real socket: one step for a gesture, the newest of a flood, this computer only."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.latent_editor import LatentEditor
from studio.app.live_desk import LiveDesk
from studio.app.live_receiver import LiveError
from studio.app.preferences import Preferences
from studio.core.live import LiveWish
from studio.core.osc import OscMessage, read_packet, write_message
from studio.core.recipe import Recipe, new_recipe, strength_of
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_directions
from tests.fakes.osc_packets import hostile_packets

FIRST = fake_directions()[0].id


class Stage:
    """A document that is played live."""

    def __init__(self, home: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.engine = FakeEngineClient()
        with qtbot.waitSignal(self.engine.model_opened):
            self.engine.open_model(Path("hills"))
        self.document = Document()
        self.document.edit(new_recipe(FAKE_HASH, 1))
        self.preferences = Preferences(home)
        self.sliders = DirectionDesk(home, self.document, engine=self.engine)
        self.editor = LatentEditor(self.document, self.preferences, desk=self.sliders)
        self.live = LiveDesk(self.document, self.editor, sliders=self.sliders, engine=self.engine)
        self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.edits: list[Recipe] = []
        self.document.recipe_changed.connect(self.edits.append)

    def send(self, address: str, *numbers: float) -> None:
        """Send a message as a controller does."""
        self.send_raw(write_message(f"/studio/{address}", numbers))

    def send_raw(self, datagram: bytes) -> None:
        self.out.sendto(datagram, ("127.0.0.1", self.live.state.port))

    @property
    def recipe(self) -> Recipe:
        recipe = self.document.recipe
        assert recipe is not None
        return recipe

    def close(self) -> None:
        self.live.finish()
        self.out.close()
        self.sliders.finish()
        self.preferences.save_now()


@pytest.fixture
def stage(tmp_path: Path, qtbot: QtBot) -> Iterator[Stage]:
    found = Stage(tmp_path, qtbot)
    found.live.listen(0)
    yield found
    found.close()


def _strength(stage: Stage) -> float:
    return strength_of(stage.recipe, FIRST)[0] / stage.sliders.unit(FIRST)


def test_a_run_of_messages_is_one_step_and_undo_takes_it_back(stage: Stage, qtbot: QtBot) -> None:
    for step in range(1, 31):
        stage.send("slider/1", step / 10)
    stage.send(f"slider/{fake_directions()[1].id}", -1.0)
    stage.send("psi", 1.25)
    stage.send("seed", 77)
    qtbot.waitUntil(lambda: stage.live.state.num_taken == 33)
    assert stage.document.is_in_gesture
    assert _strength(stage) == pytest.approx(3.0, abs=1e-3)
    assert (stage.recipe.psi, stage.recipe.sources[0].seed) == ((1.25,) * 3, 77)
    assert len(stage.document.history.nodes) == 1
    qtbot.waitUntil(lambda: not stage.document.is_in_gesture)
    assert len(stage.document.history.nodes) == 2
    stage.document.undo()
    assert stage.recipe == new_recipe(FAKE_HASH, 1)


def test_a_flood_ends_at_the_newest_with_few_edits(stage: Stage, qtbot: QtBot) -> None:
    """Half of it is rubbish; what comes within a frame is one edit, of the newest."""
    rubbish = [raw for _, raw in hostile_packets() if len(raw) < 512]
    frames: list[object] = []
    stage.live.changed.connect(frames.append)
    for step in range(100):
        stage.send("slider/1", step / 100)
        stage.send_raw(rubbish[step % len(rubbish)])
    stage.send("seed", 5)
    qtbot.waitUntil(lambda: stage.recipe.sources[0].seed == 5)
    state = stage.live.state
    assert state.num_taken == 101
    assert state.num_refused >= 100
    assert _strength(stage) == pytest.approx(0.99, abs=1e-3)
    assert len(stage.edits) <= len(frames) < 50


def test_zones_are_chosen_and_unknown_sliders_refused(stage: Stage, qtbot: QtBot) -> None:
    stage.send("zone/coarse", 0)
    qtbot.waitUntil(lambda: stage.editor.zones == ("medium", "fine"))
    stage.send("slider/999", 1.0)
    stage.send("slider/ffffffffffffffff", 1.0)
    stage.send("mix", 0.5)  # there is no B
    qtbot.waitUntil(lambda: stage.live.state.num_refused == 3)
    assert stage.edits == []
    stage.send("slider/1", 1.0)
    qtbot.waitUntil(lambda: bool(stage.edits))
    assert strength_of(stage.recipe, FIRST)[0] == 0.0
    assert strength_of(stage.recipe, FIRST)[1] > 0.0


def test_a_button_does_something_when_pressed_alone(stage: Stage, qtbot: QtBot) -> None:
    told: list[LiveWish] = []
    stage.live.wished.connect(told.append)
    for number in (1, 0):
        stage.send("walk/play", number)
        stage.send("style/2", number)
        qtbot.waitUntil(lambda number=number: stage.live.state.num_taken == 4 - 2 * number)  # type: ignore[misc]
    assert [(wish.kind, wish.target) for wish in told] == [("play", ""), ("style", "2")]


def test_only_this_computer_can_reach_it(stage: Stage) -> None:
    receiver = stage.live._receiver
    assert receiver is not None
    assert receiver._socket.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_and_an_echo_are_refused_with_a_way_out(stage: Stage) -> None:
    port = stage.live.state.port
    with pytest.raises(LiveError, match="both directions"):
        stage.live.send_to(port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(LiveError, match="cannot be listened on"):
            stage.live.listen(other.getsockname()[1])
    assert stage.live.state.port == 0
    with pytest.raises(LiveError, match="no such port"):
        stage.live.listen(70_000)


def test_what_changes_is_sent_once(stage: Stage, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(10)
        stage.live.send_to(ear.getsockname()[1])

        def heard(until: str) -> dict[str, float]:
            found: dict[str, float] = {}
            while until not in found:
                for message in read_packet(ear.recv(8192)).messages:
                    found[message.address] = message.numbers[0]
            return found

        last = f"/studio/slider/{fake_directions()[-1].id}"
        first = heard(last)
        assert first["/studio/seed"] == 1
        assert first["/studio/psi"] == pytest.approx(0.7)
        assert first["/studio/slider/1"] == first[f"/studio/slider/{FIRST}"] == 0.0
        stage.editor.set_strength(FIRST, 1.5)
        qtbot.waitUntil(lambda: stage.live.state.num_sent == len(first) + 2)
        again = heard(f"/studio/slider/{FIRST}")
        assert again == {"/studio/slider/1": 1.5, f"/studio/slider/{FIRST}": 1.5}
        stage.live.stop_sending()
        assert stage.live.state.out_port == 0


def test_messages_without_a_picture_are_counted_and_nothing_else(
    tmp_path: Path, qtbot: QtBot
) -> None:
    stage = Stage(tmp_path, qtbot)
    stage.document = Document()
    stage.live._document = stage.document
    stage.live.listen(0)
    stage.send("seed", 7)
    stage.send_raw(OscMessage("/x").address.encode())
    qtbot.waitUntil(lambda: stage.live.state.num_taken + stage.live.state.num_refused == 2)
    assert stage.document.recipe is None
    stage.close()
