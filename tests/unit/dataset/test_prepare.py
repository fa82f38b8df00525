import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from studio.core.errors import StorageError, StudioError
from studio.core.training_spec import CropSpec
from studio.dataset import prepare as prepare_module
from studio.dataset.prepare import Manifest, prepare
from studio.dataset.squares import choose_squares


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


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (100, 100, [(0, 0)]),
        (110, 100, [(5, 0)]),
        (120, 100, [(0, 0), (20, 0)]),
        (145, 100, [(0, 0), (22, 0), (45, 0)]),
        (100, 400, [(0, 0), (0, 150), (0, 300)]),
    ],
)
def test_squares_are_spread_over_the_longer_side(
    width: int, height: int, expected: list[tuple[int, int]]
) -> None:
    squares = choose_squares("a", width, height=height, crops=CropSpec(max_crops=3))
    assert [(one.left, one.top) for one in squares] == expected
    assert all(one.side == 100 for one in squares)


def test_one_crop_takes_the_middle() -> None:
    assert choose_squares("a", 200, height=100, crops=CropSpec(max_crops=1))[0].left == 50


def test_close_ups_lie_in_a_grid_inside_the_picture_and_cover_it() -> None:
    squares = choose_squares("a", 460, height=288, crops=CropSpec(max_crops=99, side_share=0.5))
    covered = np.zeros((288, 460), bool)
    for one in squares:
        assert (one.side, one.left + one.side <= 460, one.top + one.side <= 288) == (
            144,
            True,
            True,
        )
        covered[one.top : one.top + one.side, one.left : one.left + one.side] = True
    assert len(squares) == 8
    assert covered.all()


def test_no_more_close_ups_than_wished() -> None:
    squares = choose_squares("a", 460, height=288, crops=CropSpec(max_crops=3, side_share=0.5))
    assert len({(one.left, one.top) for one in squares}) == 3


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
