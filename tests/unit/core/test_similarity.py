import numpy as np
import pytest

from studio.core.similarity import THUMBNAIL_PX, Closeness, Limits, Planted, colour_distance
from studio.files.source_pictures import resize_picture
from tests.fakes.procedural_pictures import make_pictures

NUM = 24


def _features(pictures: np.ndarray) -> np.ndarray:
    """Stand in for φ: the mean colours of a 4 × 4 grid, mirrored ones averaged in."""
    cells = pictures.reshape(len(pictures), 4, 16, 4, 16, 3).mean(axis=(2, 4)) / 64
    both = (cells + cells[:, :, ::-1]) / 2
    return np.asarray(both.reshape(len(pictures), -1), np.float32)


def _closeness(pictures: np.ndarray, **more: object) -> Closeness:
    files = [f"{number // 2}.png" for number in range(len(pictures))]
    return Closeness(_features(pictures), pictures, files=files, phi="test", **more)  # type: ignore[arg-type]


def _nearest(closeness: Closeness, picture: np.ndarray) -> object:
    both = np.stack([picture, picture[:, ::-1]])
    return closeness.nearest(_features(both), picture)


@pytest.fixture(scope="module")
def training() -> np.ndarray:
    return make_pictures(NUM, side=THUMBNAIL_PX)


@pytest.fixture(scope="module")
def closeness(training: np.ndarray) -> Closeness:
    return _closeness(training)


def test_the_pictures_themselves_mirrored_or_a_little_darker_are_copies(
    training: np.ndarray, closeness: Closeness
) -> None:
    for row in range(0, NUM, 7):
        for copy in (training[row], training[row][:, ::-1], training[row] // 16 * 15):
            near = _nearest(closeness, np.ascontiguousarray(copy))
            assert (near.is_copy, near.square) == (True, row)  # type: ignore[attr-defined]
            assert near.file == f"{row // 2}.png"  # type: ignore[attr-defined]


def test_other_pictures_of_the_same_kind_are_not(closeness: Closeness) -> None:
    others = make_pictures(40, side=THUMBNAIL_PX, first=1_000)
    flagged = [_nearest(closeness, picture).is_copy for picture in others]  # type: ignore[attr-defined]
    assert sum(flagged) <= 2


def test_near_in_features_alone_is_no_copy(training: np.ndarray, closeness: Closeness) -> None:
    other = make_pictures(1, side=THUMBNAIL_PX, first=2_000)[0]
    features = np.repeat(_features(training[:1]), 2, axis=0)
    assert not closeness.nearest(features, other).is_copy


def test_near_in_colour_alone_is_no_copy(training: np.ndarray, closeness: Closeness) -> None:
    far = np.repeat(_features(training[:1]) + 9, 2, axis=0)
    near = closeness.nearest(far, training[0])
    assert not near.is_copy
    assert near.distance > near.limit


def test_another_square_of_the_same_picture_does_not_narrow_the_limits() -> None:
    pictures = make_pictures(12, side=THUMBNAIL_PX)
    twice = np.repeat(pictures, 2, axis=0)
    assert _closeness(twice).limits.features > 0.05
    assert _closeness(twice).limits.colour > 0.05


def test_planted_copies_widen_features_and_narrow_colour(
    training: np.ndarray, closeness: Closeness
) -> None:
    rows = np.arange(0, NUM, 3)
    planted = Planted(rows, _features(training[rows]) + np.float32(0.7), training[rows])
    plain, moved = closeness, _closeness(training, copies=planted)
    assert moved.limits.features == pytest.approx(1.25 * 0.7 / moved.limits.unit, rel=1e-4)
    assert moved.limits.features > plain.limits.features
    assert moved.limits.colour == pytest.approx(plain.limits.colour * 2 / 3)


@pytest.mark.parametrize(("side", "begins"), [(60, (0, 2, 4)), (56, (0, 4, 8))])
def test_a_cut_at_any_side_is_no_distance_in_colour(
    training: np.ndarray, side: int, begins: tuple[int, ...]
) -> None:
    """Without its own window a cut is 0.1 and more away, another picture 0.6."""
    for top in begins:
        for left in begins:
            cut = np.ascontiguousarray(training[0][top : top + side, left : left + side])
            grown = resize_picture(cut, THUMBNAIL_PX)
            assert colour_distance(grown, training[0]) < 0.03, (top, left)


def test_equal_and_mirrored_pictures_are_no_distance_apart_in_colour(training: np.ndarray) -> None:
    mirrored = np.ascontiguousarray(training[0][:, ::-1])
    assert colour_distance(training[0], training[0]) == pytest.approx(0, abs=1e-5)
    assert colour_distance(mirrored, training[0]) == pytest.approx(0, abs=1e-5)
    assert colour_distance(training[1], training[0]) > 0.3


def test_what_is_stored_answers_the_same(training: np.ndarray, closeness: Closeness) -> None:
    tensors, texts = closeness.to_tensors()
    again = Closeness.from_tensors(tensors, texts)
    first, second = _nearest(closeness, training[5]), _nearest(again, training[5])
    assert again.limits == closeness.limits
    assert (first.square, first.is_copy) == (second.square, second.is_copy)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", "2"),
        ("files", "[]"),
        ("files", "{"),
        ("limits", "{}"),
        ("limits", '{"unit":0,"features":1,"colour":1}'),
    ],
)
def test_a_damaged_header_is_refused(closeness: Closeness, name: str, value: str) -> None:
    tensors, texts = closeness.to_tensors()
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        Closeness.from_tensors(tensors, texts | {name: value})


def test_features_that_are_no_numbers_are_refused(closeness: Closeness) -> None:
    tensors, texts = closeness.to_tensors()
    broken = tensors["features"].copy()
    broken[0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        Closeness.from_tensors(tensors | {"features": broken}, texts)


def test_two_pictures_are_too_few(training: np.ndarray) -> None:
    with pytest.raises(ValueError, match="three"):
        Closeness(
            _features(training[:2]),
            training[:2],
            files=["a", "b"],
            phi="test",
            limits=Limits(unit=1, features=1, colour=1),
        )
