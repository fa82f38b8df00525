"""The process that is killed: a window's keeping without a window, telling what it shows as kept.

Before each deed it says what it is about to do, after it that it is done; a kill between leaves
one deed that may or may not have happened, never more.
"""

import random
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, Slot

from studio.app.keeping import Keeper
from studio.export.stills import StillSettings, save_still
from studio.files.atomic import DISK, Disk
from studio.library.gallery import Gallery, Kept
from tests.fakes.engine_client import FakeEngineClient, fake_card
from tests.fakes.galleries import CARD, MODEL, NaiveGallery, keep_one, picture_of, recipe_of

# Wall time of the look at which the bin's clock reaches thirty days; earlier looks lie three apart.
PURGE_AT = 2e9


class Script(QObject):
    """Keeps one picture after another, and now and then does something with an earlier one."""

    def __init__(self, gallery: Gallery, tell: Connection, seed: int) -> None:
        super().__init__()
        self._gallery = gallery
        self._tell = tell
        self._random = random.Random(seed)
        self._kept: list[str] = []
        card = msgspec.structs.replace(fake_card(resolution=32), model=MODEL)
        self._engine = FakeEngineClient(self, card=card, is_immediate=True)
        self._engine.open_model(Path("hills"))
        self._keeper = Keeper(gallery, self._engine, parent=self)
        self._keeper.kept.connect(self.take_kept)
        self._keeper.failed.connect(self.take_failure)
        self.keep_next()

    def keep_next(self) -> None:
        self._say("try", "keep", "")
        self._keeper.keep(recipe_of(self._random.randrange(2**31)))

    @Slot(object)
    def take_kept(self, kept: Kept) -> None:
        self._say("done", "keep", kept.id)
        self._kept.append(kept.id)
        self._do_something()
        self.keep_next()

    @Slot(object)
    def take_failure(self, failure: object) -> None:
        self._say("failed", "keep", repr(failure))
        sys.exit(1)

    def _do_something(self) -> None:
        deed = self._random.choice(["star", "tag", "trash", "restore", "rename", "none"])
        item_id = self._random.choice(self._kept)
        self._say("try", deed, item_id)
        if deed == "star":
            self._gallery.set_starred(item_id, True)
        elif deed == "tag":
            self._gallery.set_tags(item_id, ["tagged"])
        elif deed == "trash":
            self._gallery.move_to_trash(item_id)
        elif deed == "restore":
            self._gallery.restore(item_id)
        elif deed == "rename":
            self._gallery.rename(item_id, "renamed")
        self._say("done", deed, item_id)

    def _say(self, *words: str) -> None:
        self._tell.send_bytes("\t".join(words).encode())


def keep_until_killed(home: str, tell: Connection, seed: int, is_naive: bool) -> None:
    """Run the script; comes back only when something failed."""
    application = QCoreApplication(sys.argv[:1])
    gallery = NaiveGallery(Path(home)) if is_naive else Gallery(Path(home))
    script = Script(gallery, tell, seed)
    application.exec()
    del script


def run_one_deed(home: str, deed: str, item_id: str, fails_at: int) -> None:
    """Do one deed on a disk that kills this process at a step; exits 0 when none did."""
    from tests.fakes.disks import FaultyDisk, kill_process

    disk = FaultyDisk(fails_at, kill_process)
    gallery = Gallery(Path(home), disk=disk)
    do_deed(gallery, deed, item_id, disk=disk)
    gallery.close()


def do_deed(gallery: Gallery, deed: str, item_id: str, *, disk: Disk = DISK) -> None:
    """Do one deed by its name; an export goes to this disk, the rest to the gallery's own."""
    if deed == "keep":
        keep_one(gallery, 4711)
    elif deed == "star":
        gallery.set_starred(item_id, True)
    elif deed == "trash":
        gallery.move_to_trash(item_id)
    elif deed == "restore":
        gallery.restore(item_id)
    elif deed == "export":
        kept = gallery.items()[0]
        save_still(
            gallery.picture_path(kept).parents[2] / "out" / "x.png",
            picture_of(1),
            recipe=kept.recipe,
            card=CARD,
            settings=StillSettings(),
            disk=disk,
        )
    elif deed == "purge":
        gallery.purge_old(now=PURGE_AT)
    else:
        raise ValueError(deed)
