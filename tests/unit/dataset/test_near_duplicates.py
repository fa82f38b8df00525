import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.dataset.near_duplicates import find_near_duplicates
from tests.unit.dataset.folders import painting


def grey(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS))


def others(count: int = 30) -> list[NDArray[np.uint8]]:
    return [grey(painting(seed, 300, 200)) for seed in range(count)]


def saved(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(io.BytesIO(stream.getvalue()))


WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "small": lambda image: image.resize((90, 60)),
    "jpeg": lambda image: saved(image, 20),
    "cut": lambda image: image.crop((6, 5, 290, 192)),
    "cut more": lambda image: image.crop((24, 4, 292, 178)),
    "cut by an eighth": lambda image: image.crop((19, 13, 283, 189)),
    "bright": lambda image: image.point([min(255, int(1.2 * v) + 6) for v in range(256)] * 3),
    "all of it": lambda image: saved(image.crop((4, 3, 288, 196)).resize((140, 100)), 50),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_copy_is_found(way: str) -> None:
    copy = grey(WAYS[way](painting(7, 300, 200)))
    assert find_near_duplicates(np.stack([*others(), copy])) == {30: 7}


def test_a_copy_that_was_cut_is_found_when_it_comes_first() -> None:
    copy = grey(WAYS["cut more"](painting(7, 300, 200)))
    assert find_near_duplicates(np.stack([copy, *others()])) == {8: 0}


def test_different_pictures_are_not_alike() -> None:
    assert find_near_duplicates(np.stack(others(200))) == {}


def test_three_alike_all_name_the_first() -> None:
    rows = [*others(5), *(grey(WAYS[way](painting(2, 300, 200))) for way in ("jpeg", "small"))]
    assert find_near_duplicates(np.stack(rows)) == {5: 2, 6: 2}


def test_plain_pictures_say_nothing() -> None:
    plain = np.repeat(np.arange(100, 132, dtype=np.uint8)[:, None], 32, axis=1)
    assert find_near_duplicates(np.stack([plain, plain, plain.T, 0 * plain])) == {}


def test_none_and_one() -> None:
    assert find_near_duplicates(np.zeros((0, 32, 32), np.uint8)) == {}
    assert find_near_duplicates(np.stack(others(1))) == {}


def test_it_can_be_left_at_any_time() -> None:
    def leave() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_near_duplicates(np.stack(others(3)), between=leave)
