import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core import scores
from tests.fakes.procedural_pictures import make_pictures


def test_two_halves_of_one_cloud_are_no_distance_apart_and_another_cloud_is() -> None:
    random = np.random.default_rng(1)
    here = random.standard_normal((400, 12)).astype(np.float32)
    there = (random.standard_normal((200, 12)) + 0.5).astype(np.float32)
    assert abs(scores.kernel_distance(here[:200], here[200:])) < 150
    assert scores.kernel_distance(here[:200], there) > 800


def test_the_kernel_distance_is_unbiased_by_how_many_pictures_there_are() -> None:
    random = np.random.default_rng(2)
    few = [
        scores.kernel_distance(*random.standard_normal((2, 6, 8)).astype(np.float32))
        for _ in range(600)
    ]
    assert abs(np.mean(few)) < 5 * np.std(few) / np.sqrt(len(few))


def test_the_kernel_distance_agrees_with_its_formula() -> None:
    random = np.random.default_rng(3)
    a, b = random.standard_normal((2, 4, 5))

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 5 + 1) ** 3)

    own = sum(kernel(x[i], x[j]) for x in (a, b) for i in range(4) for j in range(4) if i != j)
    across = sum(kernel(x, y) for x in a for y in b)
    expected = 1000 * (own / 12 - 2 * across / 16)
    measured = scores.kernel_distance(a.astype(np.float32), b.astype(np.float32))
    assert measured == pytest.approx(expected, rel=1e-4)


def test_patches_of_equal_pictures_are_no_distance_apart_and_blur_shows_most_at_the_finest() -> (
    None
):
    pictures = make_pictures(6, side=32)
    same = scores.sliced_wasserstein(pictures, pictures)
    blurred = scores.sliced_wasserstein(pictures, scores.blur(pictures, sigma_px=1.0))
    assert list(same) == [32, 16]
    assert max(same.values()) == 0
    assert blurred[32] > 2 * blurred[16] > 0


def test_pictures_of_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        scores.sliced_wasserstein(make_pictures(2, side=32), make_pictures(2, side=16))


def test_density_and_coverage_see_a_collapse() -> None:
    random = np.random.default_rng(4)
    real = random.standard_normal((200, 6)).astype(np.float32)
    alike = random.standard_normal((200, 6)).astype(np.float32)
    collapsed = np.repeat(real[:1], 200, axis=0)
    density, coverage = scores.density_and_coverage(real, alike)
    assert 0.7 < density < 1.3
    assert coverage > 0.9
    assert scores.density_and_coverage(real, collapsed)[1] < 0.1


def test_a_picture_is_not_its_own_neighbour() -> None:
    """By hand: the neighbourhoods of 0, 1 and 3 reach as far as the next one, and not to 0."""
    real = np.array([[0.0], [1.0], [3.0]], np.float32)
    made = np.array([[0.5]], np.float32)
    assert scores.density_and_coverage(real, made, neighbours=1) == pytest.approx((2.0, 2 / 3))


def test_even_steps_have_no_gini_and_one_jump_has_nearly_one() -> None:
    even = np.linspace(0, 1, 33, dtype=np.float32)[:, None]
    jump = (np.arange(33) > 16).astype(np.float32)[:, None]
    assert scores.step_gini(even) == pytest.approx(0, abs=1e-5)
    assert scores.step_gini(jump) == pytest.approx(1 - 1 / 32)
    assert scores.step_gini(even * 0) == 0


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_its_share(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    low, high = scores.binomial_interval(hits, total)
    assert 0 <= low <= hits / total <= high <= 1
    assert high - low > 0


def test_the_scale_has_its_anchors() -> None:
    assert scores.human_scale(1.0, 1.0, blurred=9.0) == 100
    assert scores.human_scale(9.0, 1.0, blurred=9.0) == 0
    assert scores.human_scale(5.0, 1.0, blurred=9.0) == pytest.approx(50)
    assert scores.human_scale(0.0, 1.0, blurred=9.0) == 100
    with pytest.raises(ValueError, match="anchor"):
        scores.human_scale(1.0, 2.0, blurred=2.0)


def test_spread_is_the_mean_over_pairs() -> None:
    features = np.array([[0.0], [3.0], [6.0]], dtype=np.float32)
    assert scores.mean_distance(features) == pytest.approx((3 + 6 + 3) / 3)
