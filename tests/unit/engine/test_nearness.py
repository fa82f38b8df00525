"""A copy of a training picture is found, another picture is not, and a fault never stops a keep."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.arrays import Picture
from studio.core.model_card import CLOSENESS_FILE
from studio.engine.nearness import NearnessGauge
from studio.files.model_folder import read_card
from tests.fakes.tiny_model import add_closeness, make_tiny_model

FILES = tuple(f"picture {n}.jpg" for n in range(12))


def picture_of(seed: int, side: int = 64) -> Picture:
    """Give a picture with a few soft blots, each seed other ones."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[:side, :side] / side
    picture = np.zeros((side, side, 3)) + rng.uniform(40, 200, 3)
    for _ in range(5):
        blot = np.exp(-((x - rng.rand()) ** 2 + (y - rng.rand()) ** 2) / rng.uniform(0.01, 0.08))
        picture += blot[..., None] * rng.uniform(-150, 150, 3)
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_tiny_model(tmp_path_factory.mktemp("models"))
    add_closeness(folder, [picture_of(n) for n in range(12)], files=FILES)
    return folder


def test_a_copy_is_found_also_mirrored_and_a_new_picture_is_none(folder: Path) -> None:
    gauge = NearnessGauge(folder, read_card(folder))
    copy = gauge.measure(picture_of(7))
    assert copy is not None
    assert (copy.is_copy, copy.file, copy.square) == (True, FILES[7], 7)
    assert copy.distance < 0.05 <= copy.limit
    mirrored = gauge.measure(np.ascontiguousarray(picture_of(4)[:, ::-1]))
    assert mirrored is not None
    assert (mirrored.is_copy, mirrored.file) == (True, FILES[4])
    assert mirrored.distance < 0.05
    other = gauge.measure(picture_of(100))
    assert other is not None
    assert not other.is_copy


def test_a_model_that_brings_nothing_is_not_measured(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path)
    assert NearnessGauge(folder, read_card(folder)).measure(picture_of(1)) is None


def _cut(folder: Path) -> None:
    path = folder / CLOSENESS_FILE
    path.write_bytes(path.read_bytes()[:-100])


def _remove(folder: Path) -> None:
    (folder / CLOSENESS_FILE).unlink()


@pytest.mark.parametrize("spoil", [_cut, _remove])
def test_a_damaged_file_is_logged_once_and_stops_nothing(
    spoil: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_tiny_model(tmp_path)
    add_closeness(folder, [picture_of(n) for n in range(3)], files=FILES[:3])
    card = read_card(folder)
    spoil(folder)  # type: ignore[operator]
    gauge = NearnessGauge(folder, card)
    assert gauge.measure(picture_of(1)) is None
    assert gauge.measure(picture_of(1)) is None
    assert len(caplog.records) == 1


def test_features_of_another_network_are_not_compared(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import hashlib
    import shutil

    other = tmp_path / "other"
    shutil.copytree(folder, other)
    raw = (folder / CLOSENESS_FILE).read_bytes().replace(b'"random-1"', b'"random-9"')
    (other / CLOSENESS_FILE).write_bytes(raw)
    card = read_card(other)
    graphs = {**card.graphs, CLOSENESS_FILE: hashlib.sha256(raw).hexdigest()}
    gauge = NearnessGauge(other, msgspec.structs.replace(card, graphs=graphs))
    assert gauge.measure(picture_of(1)) is None
    assert "another feature network" in caplog.text
