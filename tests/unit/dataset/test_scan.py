from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.dataset.scan import find_pictures


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def names(folder: Path, include: tuple[str, ...] = ()) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_pictures(folder, include)]


def test_pictures_are_found_in_order_and_other_files_are_not(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a.png", "deep/c.webp", "notes.txt", "film.mp4", "ü 图.tif")
    assert names(tmp_path) == ["a.png", "b.JPG", "deep/c.webp", "ü 图.tif"]


def test_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    touch(tmp_path, ".hidden.png", ".cache/a.png", "._a.jpg", "a.jpg")
    assert names(tmp_path) == ["a.jpg"]


def test_patterns_choose_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "palmer-1.jpg", "turner-1.jpg", "deep/palmer-2.jpg")
    assert names(tmp_path, ("palmer-*",)) == ["deep/palmer-2.jpg", "palmer-1.jpg"]


def test_a_link_that_leads_back_does_not_go_round_for_ever(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == ["a.jpg"]


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no folder called “gone”"):
        find_pictures(tmp_path / "gone")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    with pytest.raises(StudioError):
        find_pictures(tmp_path / "a.jpg")
