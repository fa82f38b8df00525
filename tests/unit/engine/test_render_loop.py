"""The scheduler told as a play: who asks, what is rendered, what is ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.recipe import new_recipe
from studio.engine.render_loop import Job, RenderLoop, Request

MODEL = "ab" * 32
SIDES = (64, 128, 256)


def request(number: int, size: int | None = None) -> Request:
    return Request(number, new_recipe(MODEL, number), size)


def told(job: Job | None) -> tuple[str, int, tuple[int, ...]] | None:
    """Give a job in short: kind, side, numbers."""
    if job is None:
        return None
    return job.kind, job.side, tuple(one.request_id for one in job.requests)


def slow_loop() -> RenderLoop:
    """Give a loop that has measured: full pictures take 100 ms, previews 8 and 25."""
    loop = RenderLoop(SIDES)
    loop.ask_picture(request(0))
    assert told(loop.next_job()) == ("preview", 64, (0,))
    loop.finish(8.0)
    assert told(loop.next_job()) == ("picture", 256, (0,))
    loop.finish(100.0)
    return loop


def fast_loop() -> RenderLoop:
    loop = RenderLoop(SIDES)
    loop.ask_picture(request(0))
    loop.next_job()
    loop.finish(2.0)
    loop.next_job()
    loop.finish(10.0)
    return loop


def test_nothing_asked_nothing_to_do() -> None:
    loop = RenderLoop(SIDES)
    assert not loop.has_job
    assert loop.next_job() is None


def test_a_slow_picture_shows_a_preview_first() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    assert told(loop.next_job()) == ("preview", 128, (1,))
    loop.finish(25.0)
    assert told(loop.next_job()) == ("picture", 256, (1,))
    loop.finish(100.0)
    assert loop.next_job() is None


def test_a_fast_picture_needs_no_preview() -> None:
    loop = fast_loop()
    loop.ask_picture(request(1))
    assert told(loop.next_job()) == ("picture", 256, (1,))


def test_a_preview_that_would_be_late_is_a_smaller_one() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    assert told(loop.next_job()) == ("preview", 128, (1,))
    loop.finish(90.0)  # 128 px turn out to be slow
    loop.ask_picture(request(2))
    assert told(loop.next_job()) == ("preview", 64, (2,))
    loop.finish(20.0)
    loop.ask_picture(request(3))
    assert told(loop.next_job()) == ("preview", 64, (3,))


def test_between_the_limits_nothing_flickers() -> None:
    loop = fast_loop()
    for number in range(1, 6):
        loop.ask_picture(request(number))
        assert told(loop.next_job()) == ("picture", 256, (number,))
        loop.finish(35.0)
    loop = slow_loop()
    for number in range(1, 6):
        loop.ask_picture(request(number))
        job = loop.next_job()
        assert job is not None
        assert job.kind == "preview"
        loop.finish(8.0)
        loop.next_job()
        loop.finish(35.0)


def test_a_full_picture_that_goes_on_from_its_preview_counts_as_both() -> None:
    """Else 20 ms after a preview of 25 would look fast, 45 without one slow, and so on for ever."""
    loop = RenderLoop(SIDES, goes_on=True)
    for number in range(6):
        loop.ask_picture(request(number))
        shown = told(loop.next_job())
        assert shown is not None
        assert shown[0] == "preview", f"picture {number}"
        loop.finish(25.0)
        loop.next_job()
        loop.finish(20.0)


def test_a_kept_picture_that_was_there_already_does_not_look_fast() -> None:
    loop = slow_loop()
    for number in range(1, 6):
        loop.ask_full(request(number))
        loop.next_job()
        loop.finish(0.3)
    loop.ask_picture(request(9))
    assert told(loop.next_job()) == ("preview", 128, (9,))


def test_the_first_time_which_opens_the_session_does_not_count_for_long() -> None:
    loop = RenderLoop(SIDES)
    loop.ask_picture(request(0))
    for elapsed_ms in (300.0, 500.0):  # the first preview and the first full picture
        loop.next_job()
        loop.finish(elapsed_ms)
    loop.ask_picture(request(1))
    for elapsed_ms in (3.0, 12.0):
        loop.next_job()
        loop.finish(elapsed_ms)
    loop.ask_picture(request(2))
    assert told(loop.next_job()) == ("picture", 256, (2,)), "12 ms need no preview"


def test_the_newest_request_replaces_one_that_has_not_begun() -> None:
    loop = slow_loop()
    for number in (1, 2, 3):
        assert not loop.ask_picture(request(number))
    assert told(loop.next_job()) == ("preview", 128, (3,))


def test_a_new_request_ends_an_unfinished_full_picture() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    loop.next_job()
    loop.finish(25.0)
    assert told(loop.next_job()) == ("picture", 256, (1,))
    assert loop.ask_picture(request(2)), "the running full picture is ended"
    loop.interrupt()
    assert told(loop.next_job()) == ("preview", 128, (2,))


def test_a_new_request_never_ends_a_preview() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    assert told(loop.next_job()) == ("preview", 128, (1,))
    assert not loop.ask_picture(request(2))
    loop.finish(25.0)
    assert told(loop.next_job()) == ("preview", 128, (2,)), "the older full picture is skipped"


def test_a_fast_picture_is_never_ended_or_a_drag_would_show_nothing() -> None:
    loop = fast_loop()
    for number in range(1, 20):
        loop.ask_picture(request(number))
        assert told(loop.next_job()) == ("picture", 256, (number,))
        assert not loop.ask_picture(request(number + 1))
        loop.finish(10.0)


def test_a_full_picture_to_keep_is_never_skipped_nor_ended() -> None:
    loop = slow_loop()
    loop.ask_full(request(50))
    loop.ask_full(request(51))
    loop.ask_picture(request(1))
    seen = []
    for number in range(2, 8):  # the hand never rests
        job = loop.next_job()
        seen.append(told(job))
        assert not loop.ask_picture(request(number))
        loop.finish(25.0 if job and job.kind == "preview" else 100.0)
    assert ("full", 256, (50,)) in seen[:3]
    assert ("full", 256, (51,)) in seen[:5]
    kinds = [one[0] for one in seen if one]
    assert kinds.count("preview") >= 3, "and the canvas goes on"


def test_small_pictures_come_when_nothing_else_waits() -> None:
    loop = slow_loop()
    loop.ask_small(request(10, 60))
    loop.ask_small(request(11, 64))
    loop.ask_picture(request(1))
    kinds = []
    while (job := loop.next_job()) is not None:
        kinds.append(told(job))
        loop.finish(5.0)
    assert kinds[-2:] == [("small", 64, (10,)), ("small", 64, (11,))]


def test_small_pictures_of_one_side_share_a_batch_on_a_card() -> None:
    loop = RenderLoop(SIDES, small_batch=4)
    for number, size in enumerate([64, 200, 64, 50, 64, 64]):
        loop.ask_small(request(number, size))
    assert told(loop.next_job()) == ("small", 64, (0, 2, 3, 4))
    loop.finish(5.0)
    assert told(loop.next_job()) == ("small", 256, (1,))


def test_a_size_beyond_the_model_gets_the_full_picture() -> None:
    loop = RenderLoop(SIDES)
    loop.ask_small(request(1, 4000))
    assert told(loop.next_job()) == ("small", 256, (1,))


def test_cancelled_small_pictures_are_not_made() -> None:
    loop = slow_loop()
    for number in (10, 11, 12):
        loop.ask_small(request(number, 64))
    assert not loop.cancel_small([10, 12, 99])
    assert told(loop.next_job()) == ("small", 64, (11,))
    assert loop.cancel_small([11]), "the running one is ended"
    loop.interrupt()
    assert loop.next_job() is None


def test_a_drag_that_never_ends_does_not_starve_small_pictures() -> None:
    loop = slow_loop()
    loop.ask_small(request(500, 64))
    kinds = []
    for number in range(1, 30):
        loop.ask_picture(request(number))
        job = loop.next_job()
        assert job is not None
        kinds.append(job.kind)
        loop.finish(25.0)
    assert kinds.count("small") == 1
    assert "small" in kinds[:11]


def test_a_recipe_that_cannot_be_made_is_not_tried_for_ever() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    loop.next_job()
    loop.fail()
    assert loop.next_job() is None


def test_a_failed_old_request_does_not_take_the_newer_one_along() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    loop.next_job()
    loop.ask_picture(request(2))
    loop.fail()
    assert told(loop.next_job()) == ("preview", 128, (2,))


def test_a_model_with_one_side_has_no_previews() -> None:
    loop = RenderLoop((64,))
    loop.ask_picture(request(1))
    assert told(loop.next_job()) == ("picture", 64, (1,))
    assert not loop.ask_picture(request(2))
    loop.finish(500.0)
    assert told(loop.next_job()) == ("picture", 64, (2,))
    assert not loop.ask_picture(request(3))


ACTS = st.lists(
    st.one_of(
        st.just(("canvas",)), st.just(("full",)), st.just(("small",)),
        st.tuples(st.just("render"), st.sampled_from([2.0, 35.0, 90.0])),
    ),
    max_size=60,
)  # fmt: skip


@given(ACTS)
def test_whatever_is_asked_the_last_canvas_and_every_full_picture_come(
    acts: list[tuple[str, float]],
) -> None:
    loop = RenderLoop(SIDES)
    last_canvas = None
    fulls, smalls = set(), set()
    done: dict[str, list[int]] = {"picture": [], "full": [], "small": [], "preview": []}

    def render(elapsed_ms: float) -> bool:
        job = loop.next_job()
        if job is None:
            return False
        done[job.kind] += [one.request_id for one in job.requests]
        loop.finish(elapsed_ms)
        return True

    for number, act in enumerate(acts):
        if act[0] == "canvas":
            last_canvas = number
            loop.ask_picture(request(number))
        elif act[0] == "full":
            fulls.add(number)
            loop.ask_full(request(number))
        elif act[0] == "small":
            smalls.add(number)
            loop.ask_small(request(number, 64))
        else:
            render(act[1])
    steps = 0
    while render(50.0):
        steps += 1
        assert steps < 200, "it ends"
    assert sorted(done["full"]) == sorted(fulls)
    assert sorted(done["small"]) == sorted(smalls)
    if last_canvas is not None:
        assert done["picture"][-1:] == [last_canvas]
    assert len(set(done["picture"])) == len(done["picture"])


def test_only_one_job_at_a_time() -> None:
    loop = slow_loop()
    loop.ask_picture(request(1))
    loop.next_job()
    with pytest.raises(AssertionError):
        loop.next_job()
