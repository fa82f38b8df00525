import hashlib
import os
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from studio.core.errors import StorageError, StudioError
from studio.core.folder_report import FolderChoices, FolderReport
from studio.core.training_spec import CropSpec
from studio.dataset import prepare as prepare_module
from studio.dataset.prepare import Manifest, prepare
from studio.dataset.scan import scan_folder
from studio.dataset.squares import Square, cut
from studio.files.source_pictures import read_picture
from tests.unit.dataset.folders import (
    folder_of,
    painting,
    put_bad_files,
    put_odd_pictures,
)
from tests.unit.dataset.folders import (
    state_of as dates_of,
)


def paint(path: Path, width: int, height: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(path)


def folder_with(tmp_path: Path, count: int = 9) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    for number in range(count):
        paint(folder / f"{number}.png", 60, 40, number)
    return folder


def state_of(folder: Path) -> list[tuple[str, str, int]]:
    return [
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.iterdir())
    ]


def test_a_folder_becomes_one_array_and_a_manifest(tmp_path: Path) -> None:
    folder, target = folder_with(tmp_path), tmp_path / "run"
    seen: list[tuple[int, int]] = []
    manifest = prepare(
        folder,
        target,
        resolution=16,
        crops=CropSpec(),
        progress=lambda done, total: seen.append((done, total)),
    )
    array = np.load(target / "pictures.npy")
    assert array.shape == (27, 16, 16, 3)
    assert array.dtype == np.uint8
    assert hashlib.sha256(array.tobytes()).hexdigest() == manifest.sha256
    assert manifest.num_pictures == 9
    assert seen[-1] == (9, 9)
    written = msgspec.json.decode((target / "manifest.json").read_bytes(), type=Manifest)
    assert written == manifest


def test_squares_show_their_part_of_the_picture(tmp_path: Path) -> None:
    folder, target = folder_with(tmp_path), tmp_path / "run"
    wide = np.zeros((16, 32, 3), np.uint8)
    wide[:, 16:] = 255
    Image.fromarray(wide).save(folder / "0.png")
    prepare(folder, target, resolution=16, crops=CropSpec())
    left, middle, right = np.load(target / "pictures.npy")[:3]
    assert left.max() == 0
    assert right.min() == 255
    assert middle[:, 0].max() < 10
    assert middle[:, -1].min() > 245


def test_the_artist_s_folder_is_never_touched(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    before = state_of(folder)
    prepare(folder, tmp_path / "run", resolution=16, crops=CropSpec())
    assert state_of(folder) == before


def test_what_cannot_be_used_is_listed_with_its_reason(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    (folder / "broken.jpg").write_bytes(b"no picture at all")
    cut = (folder / "1.png").read_bytes()
    (folder / "cut.png").write_bytes(cut[: len(cut) // 2])
    paint(folder / "tiny.png", 5, 5, 77)
    (folder / "twin.png").write_bytes((folder / "3.png").read_bytes())
    manifest = prepare(folder, tmp_path / "run", resolution=16, crops=CropSpec())
    reasons = {one.file: one.reason for one in manifest.left_out}
    assert reasons == {
        "broken.jpg": "not a picture that can be read",
        "cut.png": "damaged",
        "tiny.png": "too small (5 × 5, needs 8)",
        "twin.png": "the same picture as 3.png",
    }
    assert manifest.num_pictures == 9


def test_too_few_pictures_are_said_with_the_first_reason(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 7)
    (folder / "x.jpg").write_bytes(b"?")
    with pytest.raises(StudioError, match=r"7 usable pictures; .* at least 8 \(1 could not"):
        prepare(folder, tmp_path / "run", resolution=16, crops=CropSpec())
    assert not (tmp_path / "run").exists()


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudioError, match="0 usable pictures"):
        prepare(tmp_path / "empty", tmp_path / "run", resolution=16, crops=CropSpec())


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, write: object) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    monkeypatch.setattr(prepare_module, "write_atomic", full)
    with pytest.raises(StorageError, match="full"):
        prepare(folder_with(tmp_path), tmp_path / "run", resolution=16, crops=CropSpec())


def test_the_same_folder_always_gives_the_same_array(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    first = prepare(folder, tmp_path / "one", resolution=16, crops=CropSpec())
    second = prepare(folder, tmp_path / "two", resolution=16, crops=CropSpec())
    assert first == second


# ------------------------------------------------------------------------------ with a report


def reported(folder: Path, target: Path, **choices: object) -> Manifest:
    """Scan a folder and prepare it in one go."""
    report = scan_folder(folder, None, resolution=32)
    decided = FolderChoices(**choices)  # type: ignore[arg-type]
    return prepared(folder, target, report, decided)


def prepared(
    folder: Path, target: Path, report: FolderReport, choices: FolderChoices | None = None
) -> Manifest:
    return prepare(folder, target, resolution=32, crops=CropSpec(), report=report, choices=choices)


def files_of(squares: tuple[Square, ...]) -> set[str]:
    return {square.file for square in squares}


def test_whole_pictures_are_held_out_and_none_is_on_both_sides(tmp_path: Path) -> None:
    folder, target = folder_of(tmp_path / "mine", 50), tmp_path / "run"
    manifest = reported(folder, target)
    learned, held_out = files_of(manifest.squares), files_of(manifest.held_out)
    assert len(held_out) == manifest.num_held_out == 5
    assert len(learned) == manifest.num_pictures == 45
    assert not learned & held_out
    array = np.load(target / "held_out.npy")
    assert array.shape == (len(manifest.held_out), 32, 32, 3)
    first = manifest.held_out[0]
    picture = read_picture(folder / first.file, min_side_px=1)
    assert (array[0] == cut(picture, first, resolution=32)).all()
    assert len(np.load(target / "pictures.npy")) == len(manifest.squares)


def test_what_is_held_out_depends_on_the_pictures_and_not_on_their_names(tmp_path: Path) -> None:
    one, other = folder_of(tmp_path / "one", 50), tmp_path / "other"
    other.mkdir()
    for path in one.iterdir():
        (other / f"{99 - int(path.stem)}.png").write_bytes(path.read_bytes())
    first = files_of(reported(one, tmp_path / "a").held_out)
    second = files_of(reported(other, tmp_path / "b").held_out)
    assert {99 - int(Path(name).stem) for name in second} == {int(Path(n).stem) for n in first}


def test_with_fewer_than_forty_nothing_is_held_out(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.mkdir()
    (target / "held_out.npy").write_bytes(b"of an earlier plan")
    manifest = reported(folder_of(tmp_path / "mine", 39), target)
    assert manifest.held_out == ()
    assert not (target / "held_out.npy").exists()


def test_few_pictures_are_mirrored_and_those_held_out_are_not(tmp_path: Path) -> None:
    folder, target = folder_of(tmp_path / "mine", 41), tmp_path / "run"
    manifest = reported(folder, target)
    assert sum(square.is_mirrored for square in manifest.squares) * 2 == len(manifest.squares)
    assert not any(square.is_mirrored for square in manifest.held_out)
    array = np.load(target / "pictures.npy")
    turned = [square.is_mirrored for square in manifest.squares]
    assert (array[turned.index(True)] == array[0][:, ::-1]).all()
    plain = reported(folder, target, is_mirrored=False)
    assert not any(square.is_mirrored for square in plain.squares)


def test_the_artist_s_word_stands_above_the_report(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 10)
    (folder / "twin.png").write_bytes((folder / "003.png").read_bytes())
    paint(folder / "tiny.png", 12, 9, 77)
    (folder / "broken.png").write_bytes(b"?")
    manifest = reported(
        folder,
        tmp_path / "run",
        overruled={"twin.png": True, "tiny.png": True, "broken.png": True, "005.png": False},
    )
    left_out = {one.file: one.reason for one in manifest.left_out}
    assert left_out == {
        "005.png": "left out by you",
        "broken.png": "not a picture that can be read",
    }
    assert {"twin.png", "tiny.png"} <= files_of(manifest.squares)


def test_the_way_of_cutting_is_the_artist_s(tmp_path: Path) -> None:
    folder, target = folder_of(tmp_path / "mine", 10), tmp_path / "run"
    several = reported(folder, target, is_mirrored=False)
    middle = reported(folder, target, crop="middle", is_mirrored=False)
    whole = reported(folder, target, crop="pad", is_mirrored=False)
    assert [len(one.squares) for one in (several, middle, whole)] == [30, 10, 10]
    assert {one.side for one in middle.squares} == {40}
    assert {one.side for one in whole.squares} == {60}


def test_what_changed_since_the_scan_is_told_and_never_mixed_in(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 14)
    report = scan_folder(folder, None, resolution=32)
    painting(90).save(folder / "002.png")
    painting(91, 50, 50).save(folder / "003.png")
    (folder / "004.png").unlink()
    painting(92).save(folder / "new.png")
    os.utime(folder / "005.png")  # touched, but the same picture
    manifest = prepared(folder, tmp_path / "run", report)
    assert {one.file: one.reason for one in manifest.left_out} == {
        "002.png": "changed since the folder was looked at",
        "003.png": "changed since the folder was looked at",
        "004.png": "gone since the folder was looked at",
        "new.png": "new since the folder was looked at",
    }
    assert len(files_of(manifest.squares)) == manifest.num_pictures == 11


def test_what_is_prepared_stays_when_the_folder_changes(tmp_path: Path) -> None:
    folder, target = folder_of(tmp_path / "mine", 9), tmp_path / "run"
    manifest = reported(folder, target)
    for path in folder.iterdir():
        path.write_bytes(b"")
    array = np.load(target / "pictures.npy", mmap_mode="r")
    assert hashlib.sha256(array.tobytes()).hexdigest() == manifest.sha256


def test_scan_and_preparation_leave_every_date_of_the_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 9)
    put_odd_pictures(folder)
    put_bad_files(folder)
    before = dates_of(folder)
    manifest = reported(folder, tmp_path / "run")
    assert dates_of(folder) == before
    assert manifest.num_pictures == 9 + 12


def test_a_wish_to_stop_leaves_no_half_array(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 9:
            raise KeyboardInterrupt

    folder, target = folder_of(tmp_path / "mine", 12), tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        prepare(folder, target, resolution=32, crops=CropSpec(), progress=stop)
    assert list(target.iterdir()) == []
