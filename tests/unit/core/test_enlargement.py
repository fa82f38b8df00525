import pytest

from studio.core.enlargement import enlargement_of, factor_for, tile_of, with_enlargement
from studio.core.recipe import Frame, new_recipe, with_frame

RECIPE = new_recipe("ab" * 32, 7)


@pytest.mark.parametrize(
    ("longer_px", "wanted_px", "factor"),
    [
        (128, None, 1),
        (128, 64, 1),
        (128, 128, 1),
        (128, 129, 2),
        (128, 512, 4),
        (128, 1024, 8),
        (256, 1024, 4),
        (300, 512, 2),
        (128, 2048, 16),
        (64, 4096, 16),
    ],
)
def test_the_smallest_factor_that_reaches(
    longer_px: int, wanted_px: int | None, factor: int
) -> None:
    assert factor_for(longer_px, wanted_px) == factor


def test_a_recipe_says_by_how_much_and_nothing_when_it_is_not() -> None:
    larger = with_enlargement(RECIPE, 8)
    assert enlargement_of(larger) == 8
    assert with_enlargement(larger, 1) == RECIPE
    assert enlargement_of(RECIPE) == 1
    assert with_enlargement(RECIPE, 1) is RECIPE


def test_the_rest_of_the_frame_stays() -> None:
    tiled = with_frame(RECIPE, Frame(tile="x", is_mirrored=True))
    larger = with_enlargement(tiled, 4)
    assert tile_of(larger) == "x"
    assert with_enlargement(larger, 1) == tiled
    assert tile_of(RECIPE) == "none"
