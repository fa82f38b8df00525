from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.training.batches import Batches, Pictures, read_pictures, shrink
from tests.unit.training.small import small_pictures


def marked_pictures(count: int) -> Pictures:
    return np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)


def marks(batch: torch.Tensor) -> list[int]:
    return [int(torch.round((one[0, 0, 0] + 1) * 127.5)) for one in batch]


def test_every_picture_comes_once_before_any_comes_again() -> None:
    batches = Batches(marked_pictures(10), seed=1)
    order = [
        mark for place in range(5) for mark in marks(batches.pick(4 * place, count=4, resolution=4))
    ]
    assert sorted(order[:10]) == sorted(order[10:]) == list(range(10))
    assert order[:10] != order[10:]


def test_a_position_is_all_that_is_needed_to_go_on() -> None:
    first = Batches(marked_pictures(10), seed=1)
    whole = marks(first.pick(0, count=20, resolution=4))
    second = Batches(marked_pictures(10), seed=1)
    assert marks(second.pick(13, count=4, resolution=4)) == whole[13:17]


def test_shrinking_averages_blocks() -> None:
    picture = small_pictures(8, 2)
    expected = picture[1, 2:4, 4:6].reshape(-1, 3).mean(axis=0)
    assert np.abs(shrink(picture, 4)[1, 1, 2] - expected).max() <= 0.5


def test_values_are_tensor_images() -> None:
    batch = Batches(small_pictures(), seed=1).pick(0, count=4, resolution=16)
    assert batch.shape == (4, 3, 16, 16)
    assert batch.min() >= -1
    assert batch.max() <= 1


@pytest.mark.parametrize(
    "content",
    [b"", b"not an array", b"\x93NUMPY\x01\x00", None],
    ids=["empty", "text", "cut", "gone"],
)
def test_a_broken_array_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "pictures.npy"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudioError, match="cannot be read"):
        read_pictures(path)


def test_an_array_of_another_shape_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "pictures.npy", np.zeros((3, 4, 5, 3), np.uint8))
    with pytest.raises(StudioError, match="unexpected shape"):
        read_pictures(tmp_path / "pictures.npy")


def test_pickled_objects_are_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "pictures.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(StudioError):
        read_pictures(tmp_path / "pictures.npy")


def test_the_mean_is_the_mean_of_all_pictures() -> None:
    pictures = small_pictures()
    mean = Batches(pictures, seed=1).mean(16)
    expected = pictures.mean(axis=0).transpose(2, 0, 1) / 127.5 - 1
    np.testing.assert_allclose(mean.numpy(), expected, atol=1e-4)
