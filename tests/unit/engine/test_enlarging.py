import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.errors import EngineError
from studio.engine.enlarging import Enlarger, levels_of
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.files.places import resources
from tests.fakes.procedural_pictures import make_pictures
from tests.fakes.tiny_enlarger import make_tiny_enlarger


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_enlarger(tmp_path_factory.mktemp("enlarge"))


@pytest.mark.parametrize(("wrap", "tile_px"), [("none", 7), ("both", 16), ("x", 11)])
def test_a_picture_in_tiles_equals_one_in_a_single_piece(
    folder: Path, wrap: str, tile_px: int
) -> None:
    picture = make_pictures(1, side=32)[0][:23]
    whole = Enlarger(folder=folder).enlarge(picture, 4, wrap=wrap)  # type: ignore[arg-type]
    tiled = Enlarger(folder=folder, tile_px=tile_px).enlarge(picture, 4, wrap=wrap)  # type: ignore[arg-type]
    assert whole.shape == (92, 128, 3)
    # Stated: the runtime may sum in another order for another shape, which can turn a rounding.
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    assert (whole != tiled).mean() < 0.001


def test_an_enlarged_seamless_tile_is_seamless(folder: Path) -> None:
    """Turned by half its size, a tile that repeats must give the same pixels."""
    enlarger = Enlarger(folder=folder)
    picture = make_pictures(1, side=24)[0]
    turned = np.roll(picture, (12, 12), axis=(0, 1))
    for wrap, is_same in (("both", True), ("none", False)):
        made = enlarger.enlarge(picture, 4, wrap=wrap)  # type: ignore[arg-type]
        back = np.roll(enlarger.enlarge(turned, 4, wrap=wrap), (-48, -48), axis=(0, 1))  # type: ignore[arg-type]
        assert bool(np.abs(made.astype(int) - back).max() <= 1) is is_same


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2)])
@pytest.mark.parametrize("wrap", ["none", "both"])
def test_any_size_can_be_enlarged(folder: Path, size: tuple[int, int], wrap: str) -> None:
    picture = np.full((*size, 3), 77, np.uint8)
    made = Enlarger(folder=folder).enlarge(picture, 8, wrap=wrap)  # type: ignore[arg-type]
    assert made.shape == (size[0] * 8, size[1] * 8, 3)


def test_equal_pictures_give_equal_pixels_and_one_time_gives_the_picture_back(folder: Path) -> None:
    picture = make_pictures(1, side=16)[0]
    first = Enlarger(folder=folder).enlarge(picture, 2)
    assert np.array_equal(first, Enlarger(folder=folder).enlarge(picture, 2))
    assert np.array_equal(Enlarger(folder=folder).enlarge(picture, 1), picture)
    assert not np.array_equal(first[::2, ::2], picture)


def test_floats_hold_what_levels_round(folder: Path) -> None:
    picture = make_pictures(1, side=16)[0]
    fine = Enlarger(folder=folder).enlarge_float(picture.astype(np.float32) / 255, 2)
    assert fine.dtype == np.float32
    assert np.array_equal(levels_of(fine), Enlarger(folder=folder).enlarge(picture, 2))
    assert 0 <= fine.min() <= fine.max() <= 1
    assert np.abs(fine * 255 - np.rint(fine * 255)).max() > 0.3


def test_it_tells_how_far_it_is_and_can_be_ended_between_tiles(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    picture = make_pictures(1, side=16)[0]
    enlarger = Enlarger(folder=folder, tile_px=16)
    enlarger.enlarge(picture, 4, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    cancel = CancelToken()
    told.clear()

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        cancel.cancel()

    with pytest.raises(RenderCancelledError):
        enlarger.enlarge(picture, 4, cancel=cancel, on_progress=stop)
    assert len(told) == 1


def test_a_swapped_or_missing_network_is_refused_in_one_sentence(tmp_path: Path) -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    with pytest.raises(EngineError, match="cannot be read"):
        Enlarger(folder=tmp_path).enlarge(picture, 2)
    make_tiny_enlarger(tmp_path)
    file = tmp_path / "enlarge-1.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(EngineError, match="not the one of its record"):
        Enlarger(folder=tmp_path).enlarge(picture, 2)


def test_too_large_a_result_is_refused_before_any_work(folder: Path) -> None:
    with pytest.raises(EngineError, match="too large"):
        Enlarger(folder=folder).enlarge(np.zeros((1000, 1000, 3), np.uint8), 16)
    with pytest.raises(ValueError, match="3 times"):
        Enlarger(folder=folder).enlarge(np.zeros((4, 4, 3), np.uint8), 3)


def test_the_shipped_network_is_that_of_its_record_and_keeps_a_picture_what_it_is() -> None:
    folder = resources() / "enlarge"
    content = (folder / "enlarge-1.onnx").read_bytes()
    record = msgspec.json.decode((folder / "enlarge-1.json").read_bytes())
    assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert len(content) < 2 * 1024 * 1024
    assert record["scores"]
    small = make_pictures(1, side=32)[0]
    large = Enlarger().enlarge(small, 2).astype(float)
    means = large.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    assert np.abs(means - small).mean() < 6
