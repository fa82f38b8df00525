import numpy as np
import pytest

from studio.dataset.outliers import find_outliers


def style(count: int, seed: int = 1) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    random = np.random.default_rng(seed)
    return random.normal(size=(count, 20)).astype(np.float32)


@pytest.mark.parametrize("count", [30, 75])
def test_three_intruders_are_found_although_they_have_one_another(count: int) -> None:
    rows = np.concatenate((style(count), 8 + 0.5 * style(3, 2)))
    assert {count, count + 1, count + 2} <= set(find_outliers(rows))


@pytest.mark.parametrize("seed", range(5))
def test_a_coherent_set_has_hardly_any(seed: int) -> None:
    assert len(find_outliers(style(75, seed))) <= 2


def test_alike_pictures_and_few_pictures_have_none() -> None:
    assert find_outliers(np.ones((50, 4), np.float32)) == []
    assert find_outliers(np.concatenate((style(10), 50 + style(1)))) == []
    assert find_outliers(np.zeros((0, 4), np.float32)) == []
