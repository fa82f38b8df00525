"""A disk that is full, failing or read-only at any step: one sentence, and nothing has changed."""

import contextlib
import errno
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from studio.core.errors import StorageError
from studio.files.atomic import TEMP_PREFIX, Disk
from studio.library.gallery import Gallery, Kept
from studio.library.gallery_index import GalleryIndex, IndexBrokenError
from tests.fakes.disks import FaultyDisk, raise_error
from tests.fakes.galleries import keep_one

Deed = Callable[[Gallery, str], object]
DEEDS: dict[str, Deed] = {
    "keep": lambda gallery, item_id: keep_one(gallery, 4711),
    "star": lambda gallery, item_id: gallery.set_starred(item_id, True),
    "tag": lambda gallery, item_id: gallery.set_tags(item_id, ["x"]),
    "trash": lambda gallery, item_id: gallery.move_to_trash(item_id),
}


def states(gallery: Gallery) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    return gallery.items(), gallery.items(in_trash=True)


def parts(home: Path) -> list[Path]:
    return list(home.rglob(f"{TEMP_PREFIX}*"))


def try_every_step(home: Path, deed: Deed, make_disk: Callable[[int], FaultyDisk]) -> list[str]:
    """Let a fault happen at every step of a deed in turn; give what went wrong, as words."""
    with Gallery(home) as gallery:
        item_id = keep_one(gallery, 1).id
    problems: list[str] = []
    for step in range(1, 200):
        disk = make_disk(step)
        with Gallery(home, disk=disk) as gallery:
            before = states(gallery)
            try:
                deed(gallery, item_id)
            except StorageError as error:
                problems += [f"{step}: {text}" for text in wrong_after(gallery, error)]
                if states(gallery) != before:
                    problems.append(f"{step}: something else is shown than before")
            else:
                if disk.num_steps >= step:
                    problems.append(f"{step}: a fault was passed over")
                elif step < 7:
                    problems.append("there are too few steps")
                else:
                    return problems
    return [*problems, "the deed never ended"]


def wrong_after(gallery: Gallery, error: StorageError) -> list[str]:
    problems = []
    if not error.what.endswith(".") or not error.way_out.endswith("."):
        problems.append("no sentence")
    if any(len(word) > 30 for word in error.what.split()):
        problems.append(f"a name of ours is shown: {error.what}")
    if parts(gallery.picture_path(gallery.items()[0]).parents[2]):
        problems.append("a scrap is left")
    if gallery.verify().damaged:
        problems.append("something is damaged")
    return problems


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_fault_at_every_step_is_a_sentence_and_changes_nothing(
    tmp_path: Path, deed: str, number: int
) -> None:
    fault = raise_error(number)
    assert try_every_step(tmp_path, DEEDS[deed], lambda step: FaultyDisk(step, fault)) == []


def test_the_same_trial_finds_a_fault_that_is_passed_over(tmp_path: Path) -> None:
    class Forgiving(FaultyDisk):
        def sync(self, file: BinaryIO) -> None:
            with contextlib.suppress(OSError):
                super().sync(file)

    fault = raise_error(errno.ENOSPC)
    problems = try_every_step(tmp_path, DEEDS["keep"], lambda step: Forgiving(step, fault))
    assert any("passed over" in problem for problem in problems)


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    disk = FaultyDisk(4, raise_error(errno.ENOSPC))
    with Gallery(tmp_path, disk=disk) as gallery:
        with pytest.raises(StorageError, match=r"^The disk is full: the picture was not saved\."):
            keep_one(gallery, 1)
        assert keep_one(gallery, 1) in gallery.items()


def test_an_index_that_cannot_be_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: GalleryIndex, entries: object, *, gone: object = ()) -> None:
        raise IndexBrokenError("database or disk is full")

    home = tmp_path / "home"
    with monkeypatch.context() as patch:
        patch.setattr(GalleryIndex, "write", full)
        with Gallery(home) as gallery:
            kept = keep_one(gallery, 1)
            gallery.set_starred(kept.id, True)
            assert gallery.get(kept.id).starred
    with Gallery(home) as again:
        assert [item.id for item in again.items()] == [kept.id]
        assert again.get(kept.id).starred


# -------------------------------------------------------------------------------- read-only homes


@pytest.fixture
def read_only_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home with a picture in it, on a disk that has become read-only."""
    home = tmp_path / "home"
    with Gallery(home) as gallery:
        keep_one(gallery, 1)

    def touch(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", touch)
    return home


def test_a_read_only_home_opens_for_reading_and_says_so(read_only_home: Path) -> None:
    before = sorted(read_only_home.rglob("*"))
    with Gallery(read_only_home) as gallery:
        assert gallery.is_read_only
        assert "cannot be written to" in gallery.read_only_reason
        (kept,) = gallery.items()
        assert gallery.picture_path(kept).is_file()
        assert gallery.thumbnail_path(kept) == gallery.picture_path(kept)
        wishes: list[Callable[[], object]] = [
            lambda: keep_one(gallery, 2),
            lambda: gallery.set_starred(kept.id, True),
            lambda: gallery.rename(kept.id, "x"),
            lambda: gallery.set_tags(kept.id, ["x"]),
            lambda: gallery.move_to_trash(kept.id),
            lambda: gallery.restore(kept.id),
            gallery.purge_old,
            gallery.rebuild_index,
        ]
        for wish in wishes:
            with pytest.raises(StorageError, match="cannot be written to"):
                wish()
        assert gallery.items() == (kept,)
        assert gallery.verify().damaged == ()
    assert sorted(read_only_home.rglob("*")) == before


def test_a_home_that_cannot_be_made_is_an_empty_gallery_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with Gallery(tmp_path / "file" / "home") as gallery:
        assert gallery.items() == ()
        assert gallery.read_only_reason
        with pytest.raises(StorageError):
            keep_one(gallery, 1)


def test_a_disk_method_is_never_forgotten_by_the_faulty_one() -> None:
    methods = {name for name in vars(Disk) if not name.startswith("_")}
    assert methods <= set(vars(FaultyDisk))
