"""Sets of files: whole or not there, never over another file, with every model's credit."""

import errno
from pathlib import Path

import msgspec
import pytest

from studio.core.errors import DiskFullError, PictureError, StorageError
from studio.core.model_card import Right
from studio.export.set_files import (
    SetFile,
    card_of_all,
    check_size,
    next_power_of_two,
    write_set,
)
from studio.files.atomic import Disk
from tests.fakes.galleries import CARD
from tests.fakes.set_pictures import set_picture


def _pair(stem: str) -> tuple[SetFile, ...]:
    return SetFile(f"{stem}.png", b"picture"), SetFile(f"{stem}.json", stem.encode())


def test_all_files_of_a_set_get_one_free_stem(tmp_path: Path) -> None:
    (tmp_path / "sprites.json").write_text("the artist's own")
    paths = write_set(tmp_path, "sprites", build=_pair)
    assert [path.name for path in paths] == ["sprites-2.png", "sprites-2.json"]
    assert paths[1].read_text() == "sprites-2"
    assert (tmp_path / "sprites.json").read_text() == "the artist's own"


def test_a_name_is_made_safe(tmp_path: Path) -> None:
    (path, _) = write_set(tmp_path / "new", "../a: b", build=_pair)
    assert path == tmp_path / "new" / "a b.png"


class _FullAt(Disk):
    """A disk that is full at the second file."""

    def __init__(self) -> None:
        self.num_files = 0

    def sync(self, file: object) -> None:
        self.num_files += 1
        if self.num_files == 2:
            raise OSError(errno.ENOSPC, "full")


def test_a_full_disk_leaves_no_half_of_a_set(tmp_path: Path) -> None:
    def page(stem: str) -> tuple[SetFile, ...]:
        return SetFile(f"{stem}/pictures/1.png", b"1"), SetFile(f"{stem}/index.html", b"2")

    with pytest.raises(DiskFullError):
        write_set(tmp_path, "page", build=page, disk=_FullAt())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(StorageError):
        write_set(tmp_path / "out", "sheet", build=_pair)


def test_every_models_credit_and_rights_go_with_a_set() -> None:
    other = msgspec.structs.replace(
        CARD, model="cd" * 32, name="Cats", credit="Drawn by A.", rights=(Right("a", "CC0", "A"),)
    )
    card = card_of_all([set_picture(0), set_picture(1, card=other), set_picture(2)])
    assert card.credit == f"{CARD.credit} Drawn by A."
    assert (card.name, card.rights) == ("Hills, Cats", other.rights)


def test_sizes() -> None:
    assert [next_power_of_two(side) for side in (1, 2, 3, 256, 257)] == [1, 2, 4, 256, 512]
    check_size(16_384, 1)
    with pytest.raises(PictureError, match="16385 × 2 px"):
        check_size(16_385, 2)
