"""The figures of `studio score` must move as they should when pictures are damaged."""

import pytest

from studio.cli import score_check
from studio.engine.scoring import Scoring
from tests.fakes.procedural_pictures import make_pictures

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> dict[str, Scoring]:
    pictures = make_pictures(90, side=64)
    return score_check.measure(pictures, [f"{row}.png" for row in range(90)])


def test_damage_moves_every_figure_the_right_way(found: dict[str, Scoring]) -> None:
    missed = {verdict.what for verdict in score_check.judge(found) if not verdict.is_met}
    # Flat hills have too little detail for filters that never learned anything.
    assert missed <= {"blur raises likeness_random", "JPEG raises likeness_random"}


def test_real_pictures_score_about_their_floor(found: dict[str, Scoring]) -> None:
    figures = found["real"].figures
    blurred = found["blur"].figures
    floor = figures["likeness"].floor
    assert floor is not None
    assert abs(figures["likeness"].value - floor) < 0.25 * (blurred["likeness"].value - floor)
    variety_floor = figures["variety"].floor
    assert variety_floor is not None
    assert abs(figures["variety"].value - variety_floor) < 0.25


def test_a_swapped_pair_of_cases_is_noticed(found: dict[str, Scoring]) -> None:
    swapped = found | {"real": found["blur"], "blur": found["real"]}
    assert any(not verdict.is_met for verdict in score_check.judge(swapped))
