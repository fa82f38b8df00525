"""What other programs save comes back once, whole, and nothing else does."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.app import handoff_watch
from studio.app.handoff_watch import CameBack, HandoffWatch
from studio.core.arrays import pixel_hash
from studio.core.errors import StudioError
from studio.core.provenance import Provenance
from studio.files.handoffs import Handoff, SentPicture, stamp_of
from studio.files.images import encode_jpeg, encode_png
from studio.opener.client import OpenedPicture, open_recipe_picture
from tests.fakes.galleries import picture_of, recipe_of

SENT, PAINTED, AGAIN = (encode_png(picture_of(seed)) for seed in (1, 2, 3))


class Watched:
    """A hand-off of one picture, and what the watch told of it."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.path = folder / "sea.png"
        self.path.write_bytes(SENT)
        sent = SentPicture(file="sea.png", sha256="", recipe=recipe_of(1))
        self.handoff = Handoff(
            folder=folder,
            program="Krita",
            sent_at=0.0,
            pictures=(sent,),
            seen=(pixel_hash(picture_of(1)),),
        )
        self.watch = HandoffWatch(again_ms=60)
        self.back: list[CameBack] = []
        self.refused: list[tuple[Path, StudioError]] = []
        self.watch.painted.connect(self.back.append)
        self.watch.refused.connect(self.refused.append)

    def save(self, content: bytes, name: str = "sea.png") -> None:
        """Save as most programs do: beside it, then renamed."""
        beside = self.path.with_name(f"{name}.tmp")
        beside.write_bytes(content)
        beside.replace(self.path.with_name(name))

    @property
    def is_read(self) -> bool:
        """Whether the file was read as it is now."""
        return self.watch._stamp_by_path.get(self.path) == stamp_of(self.path)

    def seeds(self, *seeds: int) -> bool:
        """Say whether exactly the pictures of these seeds came back."""
        return [one.pixels for one in self.back] == [pixel_hash(picture_of(s)) for s in seeds]


@pytest.fixture
def watched(tmp_path: Path, qtbot: QtBot) -> Iterator[Watched]:
    found = Watched(tmp_path, qtbot)
    found.watch.follow(found.handoff, is_fresh=True)
    yield found
    found.watch.finish()


def test_every_save_that_changed_pixels_comes_back_once(watched: Watched, qtbot: QtBot) -> None:
    watched.save(SENT)  # saved without a change
    qtbot.waitUntil(lambda: watched.is_read)
    watched.save(PAINTED)
    qtbot.waitUntil(lambda: watched.seeds(2))
    watched.save(PAINTED)
    qtbot.waitUntil(lambda: watched.is_read)
    watched.path.write_bytes(AGAIN)  # in place: nothing in the folder changes
    qtbot.waitUntil(lambda: watched.seeds(2, 3))
    assert watched.back[0].is_whole
    assert watched.back[1].handoff.seen == tuple(pixel_hash(picture_of(seed)) for seed in (1, 2, 3))
    np.testing.assert_array_equal(watched.back[0].picture, picture_of(2))
    assert not watched.refused


def test_half_a_file_is_waited_for(watched: Watched, qtbot: QtBot) -> None:
    """Written in place, as GIMP does: the first half alone is no picture."""
    with watched.path.open("wb") as file:
        file.write(PAINTED[: len(PAINTED) // 2])
        file.flush()
        qtbot.waitUntil(lambda: watched.path in watched.watch._unread)
        assert not watched.back
        file.write(PAINTED[len(PAINTED) // 2 :])
    qtbot.waitUntil(lambda: watched.seeds(2))


def test_a_file_that_stays_broken_is_said_once_and_left_alone(
    watched: Watched, qtbot: QtBot
) -> None:
    broken = PAINTED[:-100]
    watched.save(broken)
    qtbot.waitUntil(lambda: bool(watched.refused))
    watched.watch.look()
    watched.save(PAINTED)
    qtbot.waitUntil(lambda: watched.seeds(2))
    assert [path for path, _ in watched.refused] == [watched.path]


def test_what_is_saved_under_another_name_comes_back_too(watched: Watched, qtbot: QtBot) -> None:
    outside = watched.path.parent.parent / "private.png"
    outside.write_bytes(AGAIN)
    watched.path.with_name("link.png").symlink_to(outside)
    watched.path.with_name("sea.xcf").write_bytes(b"PK")
    watched.save(encode_jpeg(picture_of(2), Provenance(), quality=90), "sea 2.jpg")
    qtbot.waitUntil(lambda: len(watched.back) == 1)
    assert watched.back[0].path.name == "sea 2.jpg"
    assert watched.back[0].handoff.picture_of("sea 2.jpg").file == "sea.png"
    assert not watched.refused


def test_what_was_saved_while_the_window_was_closed_comes_back_at_the_start(
    tmp_path: Path, qtbot: QtBot
) -> None:
    found = Watched(tmp_path, qtbot)
    found.save(PAINTED)
    found.watch.follow(found.handoff, is_fresh=False)
    qtbot.waitUntil(lambda: found.seeds(2))
    found.watch.finish()


def test_a_file_that_is_written_while_it_is_read_is_read_again(
    watched: Watched, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_slowly(path: Path) -> OpenedPicture:
        opened = open_recipe_picture(path)
        if path.read_bytes() == PAINTED:
            path.write_bytes(AGAIN)
        return opened

    monkeypatch.setattr(handoff_watch, "open_recipe_picture", read_slowly)
    watched.save(PAINTED)
    qtbot.waitUntil(lambda: bool(watched.back))
    assert watched.seeds(3)
