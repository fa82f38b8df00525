"""Rows become a picture, whatever happens to the engine meanwhile."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from studio.app.engine_payloads import EngineState, LargePicture, LargeProgress, LargeWish
from studio.app.large_pictures import LargePictures
from studio.core.errors import EngineError
from studio.protocol import messages as say
from tests.fakes.galleries import recipe_of


class FakeKeeper(QObject):
    """Remembers what is sent, and says what it is told to."""

    opened = Signal(object)
    refused = Signal(object)
    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state = EngineState("ready")
        self.sent: list[say.Command] = []
        self.slots: dict[int, NDArray[np.uint8]] = {}

    def send(self, command: say.Command) -> None:
        self.sent.append(command)

    def read_rows(self, event: say.RowsDone, *, width: int) -> NDArray[np.uint8]:
        return self.slots[event.slot].reshape(event.rows, width, 3)

    def last_number(self) -> int:
        asked = [one for one in self.sent if isinstance(one, say.RenderLarge)]
        return asked[-1].request_id

    def give(
        self,
        number: int,
        picture: NDArray[np.generic],
        *,
        top: int,
        rows: int,
        bits: Literal[8, 16],
    ) -> None:
        height, width = picture.shape[:2]
        self.slots[0] = picture[top : top + rows].copy().reshape(-1).view(np.uint8)
        self.answered.emit(
            say.RowsDone(
                request_id=number, slot=0, top=top, rows=rows, width=width, height=height,
                bits=bits, provider="CPU",
            )
        )  # fmt: skip


@pytest.fixture
def keeper(qtbot: QtBot) -> FakeKeeper:
    return FakeKeeper()


@pytest.fixture
def large(keeper: FakeKeeper) -> LargePictures:
    return LargePictures(keeper, parent=keeper)  # type: ignore[arg-type]


def picture_of(bits: int) -> NDArray[np.generic]:
    random = np.random.default_rng(1)
    return random.integers(0, 2**bits, (6, 5, 3)).astype(np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("bits", [8, 16])
def test_rows_become_the_picture_they_came_from(
    keeper: FakeKeeper, large: LargePictures, bits: Literal[8, 16]
) -> None:
    got: list[LargePicture] = []
    large.ready.connect(got.append)
    large.request(("export", 1), LargeWish(4, recipe_of(1), bits=bits))
    wanted = picture_of(bits)
    for top, rows in ((0, 4), (4, 2)):
        assert not got
        keeper.give(keeper.last_number(), wanted, top=top, rows=rows, bits=bits)
    (picture,) = got
    assert np.array_equal(picture.picture, wanted)
    assert picture.picture.dtype == wanted.dtype
    assert not picture.picture.flags.writeable
    assert (picture.key, picture.factor) == (("export", 1), 4)
    assert not large.has_waiting()


def test_after_a_crash_it_is_asked_again_and_old_rows_count_no_more(
    keeper: FakeKeeper, large: LargePictures
) -> None:
    got: list[LargePicture] = []
    large.ready.connect(got.append)
    keeper.state = EngineState("restarting")
    large.request(("view",), LargeWish(2, recipe_of(1)))
    assert keeper.sent == []
    keeper.state = EngineState("ready")
    keeper.opened.emit(None)
    first, wanted = keeper.last_number(), picture_of(8)
    keeper.give(first, wanted, top=0, rows=4, bits=8)
    keeper.opened.emit(None)
    keeper.give(first, wanted, top=4, rows=2, bits=8)
    assert not got
    keeper.give(keeper.last_number(), wanted, top=0, rows=6, bits=8)
    assert len(got) == 1


def test_a_second_request_of_a_key_replaces_the_first(
    keeper: FakeKeeper, large: LargePictures
) -> None:
    told: list[object] = []
    large.progress_changed.connect(told.append)
    large.request(("view",), LargeWish(2, recipe_of(1)))
    first = keeper.last_number()
    large.request(("view",), LargeWish(2, recipe_of(2)))
    assert say.CancelLarge(request_ids=(first,)) in keeper.sent
    keeper.answered.emit(say.LargeProgress(request_id=first, done=1, total=3))
    keeper.answered.emit(say.LargeProgress(request_id=keeper.last_number(), done=2, total=3))
    assert told == [LargeProgress(("view",), 2, 3)]


def test_refusals_reach_who_asked_and_only_what_was_cancelled_is_silent(
    keeper: FakeKeeper, large: LargePictures
) -> None:
    failed: list[object] = []
    drained: list[bool] = []
    large.failed.connect(lambda failure: failed.append(failure.key))
    large.drained.connect(lambda: drained.append(True))
    for number in (1, 2, 3):
        large.request(("export", number), LargeWish(2, path=Path("kept.png")))
    last = keeper.last_number()
    large.cancel(("export", 1))
    keeper.answered.emit(say.RequestRefused(request_id=last, what="No.", way_out="Go."))
    assert failed == [("export", 3)]
    assert large.has_waiting("export")
    assert not large.has_waiting("view")
    assert not drained
    keeper.refused.emit(EngineError("Gone.", "Start again."))
    assert failed == [("export", 3), ("export", 2)]
    assert not large.has_waiting()
