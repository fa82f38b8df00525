"""Walks as values and as text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import RecipeError
from studio.core.walk import (
    MAX_SECONDS,
    MIN_SECONDS,
    Key,
    Walk,
    first_problem,
    with_key,
    with_moved_key,
    with_seconds,
    with_time_of,
    with_timing,
    without_key,
)
from studio.core.walk_json import MAX_WALK_BYTES, walk_from_json, walk_to_json
from tests.fakes.walks import seeds_walk, walk_recipes, walks


@settings(max_examples=30)
@given(walks())
def test_a_walk_comes_back_from_its_text(walk: Walk) -> None:
    read = walk_from_json(walk_to_json(walk))
    assert (read.walk, read.is_newer) == (walk, False)


def _fields(**changes: object) -> bytes:
    fields = json.loads(walk_to_json(seeds_walk(1, 2)))
    return json.dumps(fields | changes).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'{"schema":0,"name":"","keys":[]}',
        b'{"schema":1,"name":"","keys":[],"path":"x"}',
        b'{"schema":1,"name":"' + b"x" * 101 + b'","keys":[]}',
        b'{"schema":1,"name":"a\\nb","keys":[]}',
        b'{"schema":1,"name":"","keys":[{"recipe":{},"seconds":1}]}',
        b'{"schema":1,"name":"","keys":' + b"[" * 5000,
        b"\xff\xfe",
        _fields() + b" " * MAX_WALK_BYTES,
        _fields(sound={"drive": "speed", "amount": -1.0}),
        _fields(sound={"drive": "strength", "directions": ["x"]}),
        _fields(keys=_fields()[:1].decode()),
    ],
)
def test_what_is_no_walk_is_refused_in_a_sentence(text: bytes) -> None:
    with pytest.raises(RecipeError, match=r"walk|recipe"):
        walk_from_json(text)


@pytest.mark.parametrize("seconds", ["0", "601", "1e999", "NaN", '"2"'])
def test_seconds_out_of_range_are_refused(seconds: str) -> None:
    text = walk_to_json(seeds_walk(1, 2)).replace('"seconds":1.0', f'"seconds":{seconds}')
    with pytest.raises(RecipeError):
        walk_from_json(text)


def test_pictures_of_two_models_are_refused() -> None:
    mixed = Walk(keys=seeds_walk(1).keys + seeds_walk(2, model="cd" * 32).keys)
    assert first_problem(mixed) == "its pictures are of different models"
    with pytest.raises(ValueError, match="model"):
        with_key(seeds_walk(1), mixed.keys[1].recipe)


def test_a_newer_walk_is_read_as_far_as_it_is_understood() -> None:
    read = walk_from_json(_fields(schema=9, camera={"x": 1}))
    assert read.is_newer
    assert read.walk == seeds_walk(1, 2)


@settings(max_examples=30)
@given(walks(min_keys=1), walk_recipes(), st.integers(-2, 9), st.integers(-2, 9))
def test_no_change_breaks_a_rule(walk: Walk, recipe: object, place: int, to: int) -> None:
    from studio.core.recipe import Recipe

    assert isinstance(recipe, Recipe)
    at = min(max(place, 0), len(walk.keys) - 1)
    for changed in (
        with_key(walk, recipe, place=place),
        without_key(walk, place),
        with_moved_key(walk, place, to=to),
        with_timing(walk, at, seconds=float(to), easing="hold"),
        with_time_of(walk, place, at_s=float(to)),
        with_seconds(walk, 12.0),
    ):
        assert first_problem(changed) is None
    moved = with_moved_key(walk, place, to=to)
    assert sorted(map(id, moved.keys)) == sorted(map(id, walk.keys))
    assert without_key(with_key(walk, recipe, place=at), at) == walk


@settings(max_examples=30)
@given(walks(min_keys=3), st.integers(1, 2), st.floats(-1, 50))
def test_a_key_moved_in_time_stays_between_its_neighbours(
    walk: Walk, place: int, at_s: float
) -> None:
    moved = with_time_of(walk, place, at_s=at_s)
    assert moved.time_of(place) > moved.time_of(place - 1)
    if place < walk.num_legs:
        before, after = (one.keys[place - 1].seconds + one.keys[place].seconds
                         for one in (walk, moved))  # fmt: skip
        assert after == pytest.approx(min(max(before, 2 * MIN_SECONDS), 2 * MAX_SECONDS), abs=0.2)


def test_the_seconds_of_the_last_key_count_only_in_a_loop() -> None:
    walk = seeds_walk(1, 2, 3)
    assert (walk.seconds, walk.num_legs) == (2.0, 2)
    assert (replace(walk, is_loop=True).seconds, replace(walk, is_loop=True).num_legs) == (3.0, 3)
    assert with_seconds(walk, 6.0).seconds == pytest.approx(6.0)
    alone = Walk(keys=(Key(recipe=walk.keys[0].recipe, seconds=4.0),))
    assert (alone.seconds, alone.num_legs) == (4.0, 0)
