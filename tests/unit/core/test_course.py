"""A walk in time: loops close, the speed over the seam is that of anywhere, pictures are met."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.between import distance
from studio.core.course import MAX_FRAMES, Course, latents_wanted
from studio.core.errors import RecipeError
from studio.core.loudness import Envelope
from studio.core.recipe import Frame, Recipe, first_problem, strength_of, with_frame
from studio.core.walk import Key, SoundDrive, Walk
from tests.fakes.walks import DIRECTIONS, MODEL, seeds_walk, walks
from tests.unit.core.test_between import w_of


def course_of(walk: Walk, envelope: Envelope | None = None) -> Course:
    latents = {recipe: w_of(recipe) for recipe in latents_wanted(walk)}
    return Course(walk, latents=latents, envelope=envelope)


@settings(max_examples=30)
@given(walks(min_keys=1), st.floats(-5, 200))
def test_every_moment_has_a_recipe_that_may_be_rendered(walk: Walk, at_s: float) -> None:
    assert first_problem(course_of(walk).recipe_at(at_s)) is None


@settings(max_examples=30)
@given(walks(min_keys=1))
def test_the_pictures_of_the_walk_are_met_to_the_letter(walk: Walk) -> None:
    walk = replace(walk, is_even=False)
    course = course_of(walk)
    assert course.recipe_at(0.0) == walk.keys[0].recipe
    if not walk.is_loop:
        assert course.recipe_at(course.seconds) == walk.keys[-1].recipe
    for place in range(walk.num_legs):
        assert course.recipe_at(walk.time_of(place)) == walk.keys[place].recipe


@settings(max_examples=30)
@given(walks(min_keys=1, is_loop=True), st.integers(1, 60))
def test_a_loop_ends_in_its_first_picture_and_leaves_the_double_out(walk: Walk, fps: int) -> None:
    course = course_of(walk)
    assert course.recipe_at(course.seconds) == course.recipe_at(0.0)
    later = course.recipe_at(course.seconds * 1.5)
    assert later == course.recipe_at(course.seconds * 1.5 - course.seconds)
    times = course.frame_times(fps)
    step = times[1] - times[0] if len(times) > 1 else course.seconds
    assert times[-1] + step == pytest.approx(course.seconds)


@settings(max_examples=10)
@given(walks(min_keys=3, is_loop=True))
def test_at_an_even_pace_every_step_of_a_loop_is_as_long_as_the_next(walk: Walk) -> None:
    keys = tuple(replace(key, easing="linear") for key in walk.keys)
    course = course_of(replace(walk, keys=keys, is_even=True, sound=None))
    w = [w_of(recipe) for recipe in course.frames(60 / course.seconds)]
    way = [distance(a, b) for a, b in itertools.pairwise([*w, w[0]])]
    longest, usual = max(way), float(np.median(way))
    assert longest <= usual * 1.01 + 1e-4


def test_the_last_picture_is_at_the_very_end_however_the_seconds_divide() -> None:
    course = course_of(seeds_walk(1, 2, seconds=1.6))
    ends = [course.frame_times(fps)[-1] for fps in range(2, 200)]
    assert ends == [course.seconds] * len(ends)


@settings(max_examples=30)
@given(walks(min_keys=1, is_loop=False), st.integers(1, 60))
def test_an_open_walk_ends_with_its_last_picture(walk: Walk, fps: int) -> None:
    course = course_of(replace(walk, is_even=False))
    frames = course.frames(fps)
    assert len(frames) == max(1, round(course.seconds * fps))
    if len(frames) > 1:
        assert frames[-1] == walk.keys[-1].recipe


def test_a_film_has_the_frame_of_its_first_picture() -> None:
    first, second = seeds_walk(1, 2).keys
    wide = with_frame(second.recipe, Frame(size=(8, 4)))
    course = course_of(Walk(keys=(first, replace(second, recipe=wide))))
    assert course.recipe_at(1.0) == second.recipe


def test_hold_stays_and_then_cuts() -> None:
    walk = seeds_walk(1, 2)
    keys = (replace(walk.keys[0], easing="hold"), walk.keys[1])
    course = course_of(replace(walk, keys=keys))
    assert course.recipe_at(0.999) == walk.keys[0].recipe
    assert course.recipe_at(1.0) == walk.keys[1].recipe


def test_smooth_starts_softly_and_linear_does_not() -> None:
    linear = replace(seeds_walk(1, 2), keys=tuple(
        replace(key, easing="linear") for key in seeds_walk(1, 2).keys
    ))  # fmt: skip

    def moved(walk: Walk) -> float:
        return distance(w_of(walk.keys[0].recipe), w_of(course_of(walk).recipe_at(0.1)))

    assert moved(seeds_walk(1, 2)) < 0.4 * moved(linear)


def test_a_sound_moves_its_directions_and_nothing_else() -> None:
    levels = np.concatenate([np.zeros(100), np.ones(101)]).astype(np.float32)
    drive = SoundDrive(amount=3.0, directions=DIRECTIONS[:1])
    walk = replace(seeds_walk(1, 2, seconds=2.0), sound=drive)
    zones = {DIRECTIONS[0]: (1.0, 0.0, 1.0)}
    course = Course(walk, envelope=Envelope(levels), zones_by_direction=zones)
    plain = Course(replace(walk, sound=None))
    assert course.recipe_at(0.5) == plain.recipe_at(0.5)
    loud = course.recipe_at(1.5)
    assert strength_of(loud, DIRECTIONS[0]) == (3.0, 0.0, 3.0)
    assert loud.sources == plain.recipe_at(1.5).sources


def test_a_sound_that_drives_the_speed_still_ends_with_the_walk() -> None:
    levels = np.concatenate([np.zeros(100), np.ones(101)]).astype(np.float32)
    walk = replace(seeds_walk(1, 2, seconds=2.0), sound=SoundDrive(drive="speed", amount=4.0))
    walk = replace(walk, keys=tuple(replace(key, easing="linear") for key in walk.keys))
    course = course_of(walk, Envelope(levels))
    assert course.recipe_at(2.0) == walk.keys[1].recipe
    w = [w_of(course.recipe_at(at_s)) for at_s in (0.0, 0.9, 1.1, 2.0)]
    assert distance(w[0], w[1]) < 0.3 * distance(w[2], w[3])


def test_a_loop_closes_with_a_sound_too() -> None:
    levels = np.linspace(0, 1, 300, dtype=np.float32)
    walk = replace(seeds_walk(1, 2), is_loop=True, sound=SoundDrive(directions=DIRECTIONS))
    course = course_of(walk, Envelope(levels))
    before, after = (strength_of(course.recipe_at(at_s), DIRECTIONS[0])[0] for at_s in (1.999, 0.0))
    assert abs(before - after) < 0.05


def test_an_empty_or_endless_walk_is_refused() -> None:
    with pytest.raises(RecipeError, match="no pictures"):
        Course(Walk())
    keys = tuple(Key(recipe=key.recipe, seconds=600.0) for key in seeds_walk(*range(20)).keys)
    with pytest.raises(RecipeError, match="pictures"):
        Course(Walk(keys=keys)).num_frames(MAX_FRAMES / 600)


def test_two_equal_pictures_at_an_even_pace_take_no_time() -> None:
    recipe: Recipe = seeds_walk(1).keys[0].recipe
    other = seeds_walk(2).keys[0].recipe
    walk = Walk(keys=(Key(recipe=recipe), Key(recipe=recipe), Key(recipe=other)), is_even=True)
    course = course_of(walk)
    assert course.recipe_at(4.0) == other
    assert course.recipe_at(1.0) != recipe
    assert recipe.model == MODEL
