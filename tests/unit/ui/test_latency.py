"""Times from the hand to the screen."""

from studio.core.recipe import Recipe, new_recipe
from studio.ui.latency import LatencyLog

MODEL = "ab" * 32


def _recipe(seed: int) -> Recipe:
    return new_recipe(MODEL, seed)


def test_preview_and_full_picture_are_timed_apart_from_the_same_move() -> None:
    log = LatencyLog()
    log.ask(_recipe(1), 10.0)
    log.arrive(_recipe(1), request_id=5, is_preview=True)
    assert log.paint(5, 10.020) is not None
    log.arrive(_recipe(1), request_id=5, is_preview=False)
    log.paint(5, 10.100)
    assert log.previews.n == log.fulls.n == 1
    assert round(log.previews.p50_ms or 0) == 20
    assert round(log.fulls.p95_ms or 0) == 100


def test_a_picture_that_nobody_asked_for_by_hand_is_not_counted() -> None:
    log = LatencyLog()
    log.arrive(_recipe(1), request_id=1, is_preview=False)
    assert log.paint(1, 3.0) is None
    assert log.fulls.n == 0
    assert log.fulls.p50_ms is None


def test_recipes_that_were_skipped_do_not_pile_up() -> None:
    log = LatencyLog()
    for seed in range(5000):
        log.ask(_recipe(seed), float(seed))
    assert len(log._asked_s_by_recipe) <= 200


def test_moves_that_were_passed_over_are_counted_and_a_preview_and_its_picture_are_one() -> None:
    log = LatencyLog()
    for seed in range(4):
        log.ask(_recipe(seed), 10.0 + seed)
    for seed, request_id, is_preview in ((0, 1, False), (3, 2, True), (3, 2, False)):
        log.arrive(_recipe(seed), request_id=request_id, is_preview=is_preview)
        log.paint(request_id, 10.5 + seed + (0.0 if is_preview else 0.2))
    assert (log.num_asked, log.num_shown) == (4, 2)
    assert log.recent.n == 2, "what was seen first of each move"
    assert round(log.recent.p50_ms or 0) == 600
    assert log.fulls.p99_ms is not None
    log.clear()
    assert (log.num_asked, log.num_shown, log.recent.n) == (0, 0, 0)
