"""The whole window on an engine that is not there."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.compose import Composition, Options, compose_window
from studio.core.model_card import CARD_FILE, ModelCard
from tests.fakes.engine_client import FakeEngineClient, fake_card

WIDE = (1600, 1000)


def install_model(home: Path, card: ModelCard | None = None) -> Path:
    """Put the folder of a fake model where the library looks; its graphs are empty."""
    card = card or fake_card()
    folder = home / "models" / card.id
    folder.mkdir(parents=True)
    (folder / CARD_FILE).write_bytes(msgspec.json.encode(card))
    for name in card.graphs:
        (folder / name).write_bytes(b"nothing")
    return folder


class Studio:
    """A composed window for a test."""

    def __init__(self, qtbot: QtBot, home: Path) -> None:
        self.qtbot, self.home = qtbot, home
        self.compositions: list[Composition] = []

    def open(
        self,
        *,
        options: Options | None = None,
        engine: FakeEngineClient | None = None,
        size: tuple[int, int] = WIDE,
    ) -> Composition:
        """Open the window and wait until the model's first picture is there, if there is a model."""
        engine = engine or FakeEngineClient()
        composition = compose_window(options or Options(), home=self.home, engine=engine)
        self.compositions.append(composition)
        composition.window.resize(*size)
        composition.window.show()
        composition.begin()
        if composition.models.usable:
            self.qtbot.waitUntil(lambda: composition.canvas.has_picture)
        return composition

    def close(self) -> None:
        """Close all windows in good order."""
        while self.compositions:
            self.compositions.pop().dismantle()


@pytest.fixture
def studio(qapp: QApplication, qtbot: QtBot, studio_home: Path) -> Iterator[Studio]:
    """Give a way to open the window on a home with one model."""
    install_model(studio_home)
    found = Studio(qtbot, studio_home)
    yield found
    found.close()


def press(composition: Composition, command_id: str) -> None:
    """Run a command as its menu entry does."""
    composition.window.actions_table.action(command_id).trigger()
