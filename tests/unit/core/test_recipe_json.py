"""A recipe survives its text, and no text from a stranger does more than give one sentence."""

import contextlib
import json
import time
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import RecipeError
from studio.core.mask import mask_to_text
from studio.core.recipe import MAX_SEED, Frame, Recipe, Region, first_problem, new_recipe, plain
from studio.core.recipe_json import (
    MAX_RECIPE_BYTES,
    RECIPE_SCHEMA,
    recipe_from_json,
    recipe_to_json,
)
from tests.fakes.recipes import MASKS, plain_recipes, recipes

MODEL = "ab" * 32
GOOD: dict[str, Any] = json.loads(recipe_to_json(new_recipe(MODEL, 7)))
PLAIN: dict[str, Any] = {name: value for name, value in GOOD.items() if name != "schema"}
REGION: dict[str, Any] = {"kind": "mix", "mask": MASKS[1], "recipe": PLAIN}


def refused(text: str | bytes) -> RecipeError:
    with pytest.raises(RecipeError) as caught:
        recipe_from_json(text)
    error = caught.value
    assert error.what.endswith(".")
    assert error.way_out.endswith(".")
    assert "\n" not in error.what
    assert len(error.what) < 300
    return error


@given(recipes())
def test_a_recipe_survives_its_text(recipe: Recipe) -> None:
    assert first_problem(recipe) is None
    text = recipe_to_json(recipe)
    assert recipe_from_json(text).recipe == recipe
    assert recipe_from_json(text.encode()).unknown_fields == ()


@given(recipes())
def test_equal_recipes_have_equal_text_on_one_ascii_line(recipe: Recipe) -> None:
    text = recipe_to_json(recipe)
    assert text == recipe_to_json(recipe_from_json(text).recipe)
    assert text.isascii()
    assert "\n" not in text


@given(plain_recipes())
def test_a_recipe_without_frame_and_regions_is_written_as_schema_1(recipe: Recipe) -> None:
    fields = json.loads(recipe_to_json(recipe))
    assert fields["schema"] == 1
    assert set(fields) == {"schema", "model", "sources", "psi", "edits", "zones"}


def test_a_region_and_a_frame_make_it_schema_2() -> None:
    text = json.dumps({**GOOD, "schema": 2, "frame": {"tile": "x"}, "regions": [REGION]})
    recipe = recipe_from_json(text).recipe
    assert recipe.frame == Frame(tile="x")
    assert recipe.regions[0].recipe == plain(recipe)
    again = json.loads(recipe_to_json(recipe))
    assert again["schema"] == 2
    assert set(again["regions"][0]["recipe"]) == set(PLAIN)


def test_more_masks_and_latents_than_1_mib_are_no_recipe() -> None:
    noise = np.random.RandomState(0).randint(0, 256, (256, 256), dtype=np.uint8)
    region = Region(kind="keep", mask=mask_to_text(noise), recipe=new_recipe(MODEL, 7))
    full = msgspec.structs.replace(new_recipe(MODEL, 7), regions=(region,) * 15)
    assert first_problem(full) is None
    assert recipe_from_json(recipe_to_json(full)).recipe == full
    over = msgspec.structs.replace(full, regions=(region,) * 16)
    assert first_problem(over) is not None


@given(recipes(), st.data())
def test_a_text_with_one_byte_changed_is_a_good_recipe_or_a_sentence(
    recipe: Recipe, data: st.DataObject
) -> None:
    raw = bytearray(recipe_to_json(recipe).encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))
    try:
        read = recipe_from_json(bytes(raw))
    except RecipeError:
        return
    assert first_problem(read.recipe) is None


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_at_all_give_a_sentence(raw: bytes | str) -> None:
    with contextlib.suppress(RecipeError):
        assert first_problem(recipe_from_json(raw).recipe) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 6000])
@pytest.mark.parametrize("place", ["psi", "seed", "share", "strength", "beside"])
def test_a_number_that_is_none_is_refused(number: str, place: str) -> None:
    fields: dict[str, Any] = json.loads(json.dumps(GOOD))
    fields["edits"] = [{"direction": "0" * 16, "strength": [1, 1, 1], "vector": None}]
    if place == "psi":
        fields["psi"][1] = "HERE"
    elif place == "seed":
        fields["sources"][0]["seed"] = "HERE"
    elif place == "share":
        fields["sources"][0]["shares"][2] = "HERE"
    elif place == "strength":
        fields["edits"][0]["strength"][0] = "HERE"
    else:
        fields["more"] = "HERE"
    refused(json.dumps(fields).replace('"HERE"', number))


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"model": "x" * 64},
        {"model": "ab"},
        {"model": 7},
        {"sources": []},
        {"sources": [{"seed": 1, "w": None, "shares": [1, 1, 1]}] * 9},
        {"sources": [{"seed": -1, "w": None, "shares": [1, 1, 1]}]},
        {"sources": [{"seed": MAX_SEED + 1, "w": None, "shares": [1, 1, 1]}]},
        {"sources": [{"seed": 1.5, "w": None, "shares": [1, 1, 1]}]},
        {"sources": [{"seed": None, "w": None, "shares": [1, 1, 1]}]},
        {"sources": [{"seed": 1, "w": "AAAAAA==", "shares": [1, 1, 1]}]},
        {"sources": [{"seed": None, "w": "not base64!", "shares": [1, 1, 1]}]},
        {"sources": [{"seed": None, "w": "AAAA", "shares": [1, 1, 1]}]},
        {"sources": [{"seed": None, "w": "AADAfw==", "shares": [1, 1, 1]}]},
        {"sources": [{"seed": 1, "w": None, "shares": [0, 0, 0]}]},
        {"sources": [{"seed": 1, "w": None, "shares": [-1, 1, 1]}]},
        {"sources": [{"seed": 1, "w": None, "shares": [1, 1]}]},
        {"sources": [{"seed": 1, "w": None, "shares": [1, 1, 1], "path": "/etc/passwd"}]},
        {"psi": [0, 0, 1.6]},
        {"psi": [0, 0, -0.1]},
        {"psi": "0.7"},
        {"edits": [{"direction": "0" * 16, "strength": [6, 0, 0], "vector": None}]},
        {"edits": [{"direction": "0" * 15, "strength": [1, 0, 0], "vector": None}]},
        {"edits": [{"direction": "0" * 16, "strength": [1, 0, 0], "vector": None}] * 2},
        {"zones": [9, 4]},
        {"zones": [0, 4]},
        {"zones": [1, 65]},
        {"frame": {"tile": "both"}},  # schema 1 has none
        {"regions": []},
        {"schema": 2, "frame": {}},  # says nothing
        {"schema": 2, "frame": {"size": [4, 4], "tile": "x"}},
        {"schema": 2, "frame": {"beyond": 7, "tile": "x"}},
        {"schema": 2, "frame": {"tile": "all"}},
        {"schema": 2, "frame": {"enlarge": 3}},
        {"schema": 2, "frame": {"size": [3, 8]}},
        {"schema": 2, "frame": {"size": [17, 4]}},
        {"schema": 2, "frame": {"size": [9, 8]}},
        {"schema": 2, "frame": {"size": [8, 4], "beyond": -1}},
        {"schema": 2, "frame": {"tile": "x", "path": "/etc/passwd"}},
        {"schema": 2, "regions": [{**REGION, "kind": "erase"}]},
        {"schema": 2, "regions": [{**REGION, "mask": "AAAA"}]},
        {"schema": 2, "regions": [{**REGION, "mask": "not base64!"}]},
        {"schema": 2, "regions": [{**REGION, "strength": 1.5}]},
        {"schema": 2, "regions": [{**REGION, "name": "x" * 61}]},
        {"schema": 2, "regions": [{**REGION, "name": "a\nb"}]},
        {"schema": 2, "regions": [{**REGION, "recipe": {**PLAIN, "model": "cd" * 32}}]},
        {"schema": 2, "regions": [{**REGION, "recipe": {**PLAIN, "frame": {"tile": "x"}}}]},
        {"schema": 2, "regions": [{**REGION, "recipe": {**PLAIN, "regions": [REGION]}}]},
        {"schema": 2, "regions": [{**REGION, "recipe": {**PLAIN, "psi": [0, 0, 9]}}]},
        {"schema": 2, "regions": [REGION] * 17},
        {"schema": 0},
        {"schema": True},
        {"schema": "1"},
        {"schema": None},
    ],
)
def test_a_field_that_is_unknown_or_out_of_range_is_refused(change: dict[str, Any]) -> None:
    refused(json.dumps({**GOOD, **change}))


@pytest.mark.parametrize("text", ["", "null", "[]", "7", '"x"', "{", "{}", '{"schema":1}', "\x00"])
def test_a_text_that_is_no_recipe_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"schema":1,"x":' + "["])
def test_a_depth_of_5000_is_refused_before_any_parser(opening: str) -> None:
    assert "nested" in refused(opening * 5000).what


def test_brackets_inside_texts_do_not_count_as_depth() -> None:
    fields = {**GOOD, "schema": RECIPE_SCHEMA + 1, "note": '[[[[\\"' * 1000}
    assert recipe_from_json(json.dumps(fields)).unknown_fields == ("note",)


def test_200_mb_are_refused_at_once() -> None:
    began = time.monotonic()
    assert "1 MiB" in refused(b" " * 200_000_000).what
    assert time.monotonic() - began < 2.0


def test_the_largest_recipe_is_read() -> None:
    text = recipe_to_json(new_recipe(MODEL, 7))
    assert recipe_from_json(text + " " * (MAX_RECIPE_BYTES - len(text))).recipe.sources[0].seed == 7


def test_a_long_text_is_refused_wherever_it_stands() -> None:
    refused(json.dumps({**GOOD, "schema": RECIPE_SCHEMA + 1, "new": {"deep": ["x" * 65_537]}}))


def test_a_newer_schema_gives_what_we_know_and_names_the_rest() -> None:
    read = recipe_from_json(json.dumps({**GOOD, "schema": RECIPE_SCHEMA + 1, "b": 1, "a": {}}))
    assert read.recipe == new_recipe(MODEL, 7)
    assert read.unknown_fields == ("a", "b")
