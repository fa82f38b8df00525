"""Hears everything that an engine client says."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from studio.app.engine_client import (
    EngineClient,
    EngineState,
    FullPicture,
    OpenedModel,
    RenderedPicture,
    RequestFailure,
    SmallPicture,
)

PATIENCE_MS = 30_000


class Listener:
    """Everything a client said."""

    def __init__(self, client: EngineClient, qtbot: QtBot) -> None:
        self.client = client
        self._qtbot = qtbot
        self.states: list[EngineState] = []
        self.opened: list[OpenedModel] = []
        self.pictures: list[RenderedPicture] = []
        self.smalls: list[SmallPicture] = []
        self.fulls: list[FullPicture] = []
        self.failures: list[RequestFailure] = []
        client.state_changed.connect(self.states.append)
        client.model_opened.connect(self.opened.append)
        client.picture_ready.connect(self.pictures.append)
        client.small_ready.connect(self.smalls.append)
        client.full_ready.connect(self.fulls.append)
        client.request_failed.connect(self.failures.append)

    def wait(self, is_there: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(is_there()), timeout=PATIENCE_MS)

    def kinds(self) -> list[str]:
        return [state.kind for state in self.states]
