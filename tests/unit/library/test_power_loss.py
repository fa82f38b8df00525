"""What a power cut needs: bytes before their name, the name before the answer, records last."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from studio.files.atomic import Disk
from studio.library.gallery import Gallery
from studio.library.gallery_index import GalleryIndex
from studio.library.kept import Entry
from tests.fakes.galleries import keep_one

Log = list[tuple[str, str]]


class RecordingDisk(Disk):
    """Writes down each step."""

    def __init__(self) -> None:
        self.log: Log = []

    def make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            super().make_folder(folder)
            self.log.append(("made", str(folder)))

    def create(self, path: Path) -> BinaryIO:
        self.log.append(("create", str(path)))
        return super().create(path)

    def sync(self, file: BinaryIO) -> None:
        assert isinstance(file, io.BufferedWriter)
        super().sync(file)
        self.log.append(("sync", str(file.name)))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.log.append(("rename", f"{old}\t{new}"))

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        self.log.append(("folder", str(folder)))


class NoSync(RecordingDisk):
    """The planted fault: the bytes are not waited for."""

    def sync(self, file: BinaryIO) -> None:
        file.flush()


class NoFolderSync(RecordingDisk):
    """The planted fault: the name is not waited for."""

    def sync_folder(self, folder: Path) -> None:
        return


def problems_in(log: Log) -> list[str]:
    """Give every step that a power cut could make a lie of what was told."""
    problems = []
    for place, (step, what) in enumerate(log):
        before, after = log[:place], log[place + 1 :]
        if step == "rename":
            old, new = what.split("\t")
            is_new_file = ("create", old) in before
            if is_new_file and ("sync", old) not in before:
                problems.append(f"named before its bytes were safe: {new}")
            if ("folder", str(Path(new).parent)) not in after:
                problems.append(f"told before its name was safe: {new}")
        if step == "made" and ("folder", str(Path(what).parent)) not in log:
            problems.append(f"a folder whose name is not safe: {what}")
    return problems


def run_session(home: Path, disk: RecordingDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep, change, bin and restore; the index's writes go into the same log."""
    real = GalleryIndex.write

    def write(self: GalleryIndex, entries: list[Entry], *, gone: tuple[str, ...] = ()) -> None:
        real(self, entries, gone=gone)
        disk.log.append(("index", "".join(entry.kept.id for entry in entries)))

    monkeypatch.setattr(GalleryIndex, "write", write)
    with Gallery(home, disk=disk) as gallery:
        kept = keep_one(gallery, 1)
        gallery.set_starred(kept.id, True)
        gallery.move_to_trash(kept.id)
        gallery.restore(kept.id)
        keep_one(gallery, 2)
        gallery.purge_old()


def test_every_name_and_every_byte_is_safe_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = RecordingDisk()
    run_session(tmp_path, disk, monkeypatch)
    assert problems_in(disk.log) == []
    assert sum(step == "rename" for step, _ in disk.log) >= 9


@pytest.mark.parametrize(("make", "word"), [(NoSync, "bytes"), (NoFolderSync, "name")])
def test_a_missing_wait_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], RecordingDisk], word: str
) -> None:
    disk = make()
    run_session(tmp_path, disk, monkeypatch)
    assert any(word in problem for problem in problems_in(disk.log))


def test_object_then_record_then_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = RecordingDisk()
    run_session(tmp_path, disk, monkeypatch)
    kinds = [
        "index" if step == "index" else "object" if "/objects/" in what else "record"
        for step, what in disk.log
        if step == "index" or (step == "rename" and ("/objects/" in what or "/items/" in what))
    ]
    assert kinds[:5] == ["object", "record", "index", "record", "index"]
