import io
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.core.errors import StudioError
from studio.core.folder_report import FolderReport
from studio.dataset import reading
from studio.dataset.looks import Look
from studio.dataset.scan import ScanStopped, find_pictures, scan_folder
from studio.files.source_pictures import UnusableError
from tests.unit.dataset.folders import (
    folder_of,
    painting,
    put_bad_files,
    put_odd_pictures,
    state_of,
)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def names(folder: Path, include: tuple[str, ...] = ()) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_pictures(folder, include)]


def scan(folder: Path, target: Path | None = None) -> FolderReport:
    return scan_folder(folder, target, resolution=32)


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


def test_folders_in_folders_end(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 70)
    touch(tmp_path, f"{deep}/a.jpg", "d/b.jpg")
    report = scan(tmp_path)
    assert [(one.file, one.finding) for one in report.files] == [
        ("d/b.jpg", "damaged"),
        ("/".join(["d"] * 65) + "/", "refused"),
    ]


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no folder called “gone”"):
        find_pictures(tmp_path / "gone")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    with pytest.raises(StudioError):
        find_pictures(tmp_path / "a.jpg")


def test_every_bad_file_is_listed_with_its_reason_and_the_rest_is_good(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 6)
    odd = put_odd_pictures(folder)
    expected = put_bad_files(folder)
    before = state_of(folder)
    target = tmp_path / "run"
    report = scan(folder, target)
    found = {one.file: one for one in report.files}
    pair = (found.pop("hard.png"), found.pop("001.png"))
    assert {one.finding for one in pair} == {"good", "duplicate"}  # the system says which is first
    assert any(one.reason.startswith("the same file as") for one in pair)
    good = {name for name, one in found.items() if one.finding == "good"}
    assert good == {f"00{number}.png" for number in (0, 2, 3, 4, 5)} | set(odd)
    assert {name: one.finding for name, one in found.items() if name not in good} == expected
    assert all(one.reason for name, one in found.items() if name not in good)
    assert not any(one.is_used for name, one in found.items() if name not in good)
    assert (found["turned.jpg"].width, found["turned.jpg"].height) == (40, 60)
    assert found["twin.png"].like == "000.png"
    assert report.num_usable == len(good) + 1
    assert state_of(folder) == before
    written = msgspec.json.decode((target / "report.json").read_bytes(), type=FolderReport)
    assert written == report
    for name in good:
        with Image.open(target / str(found[name].thumbnail)) as small:
            assert max(small.size) <= 128


def test_near_duplicates_are_told_and_stay_in_use(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 12)
    large = painting(3, 600, 400)
    large.save(folder / "large.png")
    large.resize((300, 200)).save(folder / "saved again.jpg", quality=60)
    large.crop((20, 12, 590, 396)).save(folder / "small cut.png")
    report = scan(folder)
    alike = {one.file: one.like for one in report.files if one.finding == "near_duplicate"}
    assert alike == dict.fromkeys(("large.png", "saved again.jpg", "small cut.png"), "003.png")
    assert report.num_usable == 15


def test_plain_skies_are_not_taken_for_one_picture(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for number in range(12):
        light = np.linspace(120 + 3 * number, 230 - 2 * number, 80)[:, None, None]
        sky = light + np.array([-20 + number, 0, 15]) + random.normal(0, 2, (80, 120, 3))
        Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)).save(tmp_path / f"{number:02d}.png")
    report = scan(tmp_path)
    assert [one.finding for one in report.files] == ["good"] * 12


def test_what_is_unlike_the_rest_is_told_and_stays_in_use(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 40)
    Image.blend(painting(99), Image.new("RGB", (60, 40), "red"), 0.9).save(folder / "red.png")

    def embed(squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        seeds = squares.sum(axis=(1, 2, 3), dtype=np.int64)
        rows = np.stack([np.random.default_rng(seed).normal(size=8) for seed in seeds])
        is_red = squares[..., 0].mean(axis=(1, 2)) > 200
        return np.asarray(rows + 60 * is_red[:, None], np.float32)

    report = scan_folder(folder, None, resolution=32, embed=embed)
    far = [one for one in report.files if one.finding == "outlier"]
    assert "red.png" in [one.file for one in far]
    assert len(far) <= 2
    assert all(one.is_used for one in far)


Paint = Callable[[Image.Image], Image.Image]


@pytest.mark.parametrize(
    ("paint", "colour"),
    [
        (lambda image: image, "coloured"),
        (lambda image: image.convert("L"), "nearly_grey"),
        (lambda image: image.quantize(3).convert("RGB"), "few_colours"),
    ],
)
def test_what_the_colours_are_like_is_told(tmp_path: Path, paint: Paint, colour: str) -> None:
    for number in range(6):
        image = paint(painting(number, 120, 80))
        image.save(tmp_path / f"{number}.png")
    assert scan(tmp_path).colour == colour


def test_counts_of_shapes_and_squares(tmp_path: Path) -> None:
    painting(1, 100, 100).save(tmp_path / "a.png")
    painting(2, 160, 100).save(tmp_path / "b.png")
    painting(3, 100, 130).save(tmp_path / "c.png")
    touch(tmp_path, "notes.txt", "deep/more.doc")
    report = scan(tmp_path)
    assert report.aspects == {"wide": 1, "square": 1, "tall": 1}
    assert report.num_squares == 1 + 3 + 3
    assert (report.smallest_side, report.num_others) == (100, 2)


def test_a_stop_ends_it_although_a_decoder_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path / "mine", 4)
    busy, may_end = threading.Event(), threading.Event()

    def slow(path: Path, *, min_side_px: int) -> Look:
        busy.set()
        may_end.wait()
        raise UnusableError("damaged")

    monkeypatch.setattr(reading, "look_at", slow)
    try:
        with pytest.raises(ScanStopped):
            scan_folder(folder, tmp_path / "run", resolution=32, is_stopping=busy.is_set)
        assert not may_end.is_set()
    finally:
        may_end.set()
        for thread in threading.enumerate():
            if thread.name.startswith("pictures-"):
                thread.join()
    assert not (tmp_path / "run" / "report.json").exists()


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = folder_of(tmp_path / "mine", 5)
    scan_folder(folder, None, resolution=32, tell=lambda found, read: seen.append((found, read)))
    assert seen[-1] == (5, 5)


def test_a_jpeg_keeps_its_own_size_although_it_is_read_smaller(tmp_path: Path) -> None:
    stream = io.BytesIO()
    painting(1, 1200, 900).save(stream, "JPEG")
    (tmp_path / "a.jpg").write_bytes(stream.getvalue())
    (file,) = scan(tmp_path).files
    assert (file.width, file.height, file.finding) == (1200, 900, "good")
