"""Sprite sheets: what the JSON says is where the frames lie."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.export.set_settings import SpriteSettings
from studio.export.sprite_sheet import frame_names, make_sprite_sheet, sprite_files
from studio.files.images import decode_picture
from tests.fakes.set_pictures import COLOURS, set_picture, set_pictures


def _told(choice: SpriteSettings, count: int = 5) -> tuple[dict[str, Any], Any]:
    picture, told = sprite_files(set_pictures(count), choice, stem="sprites")
    assert (picture.name, told.name) == ("sprites.png", "sprites.json")
    return json.loads(told.content), decode_picture(picture.content)


def test_each_frame_lies_where_the_json_says() -> None:
    told, sheet = _told(SpriteSettings(padding_px=3, extrude_px=2, duration_ms=80))
    assert list(told["frames"]) == [f"Seed {number}.png" for number in range(5)]
    assert told["meta"]["size"] == {"w": sheet.shape[1], "h": sheet.shape[0]}
    assert told["meta"]["image"] == "sprites.png"
    assert told["meta"]["credit"] == "Made from public pictures."
    for number, frame in enumerate(told["frames"].values()):
        x, y, w, h = (frame["frame"][key] for key in "xywh")
        np.testing.assert_array_equal(sheet[y : y + h, x : x + w], set_picture(number).picture)
        assert (frame["duration"], frame["sourceSize"]) == (80, {"w": 16, "h": 16})
        # The edge goes on around it, then there is nothing.
        assert tuple(sheet[y - 2, x - 2]) == (255, 255, 255)
        assert tuple(sheet[y + h + 1, x + w + 1]) == COLOURS[number]
        assert not sheet[y + h + 2 : y + h + 5, x : x + w].any()


def test_both_sides_are_powers_of_two_only_where_wished() -> None:
    _, sheet = _told(SpriteSettings(padding_px=0))
    assert sheet.shape[:2] == (32, 64)
    _, sheet = _told(SpriteSettings(padding_px=0, is_power_of_two=False))
    assert sheet.shape[:2] == (32, 48)


def test_the_array_form_names_each_frame_inside() -> None:
    told, _ = _told(SpriteSettings(form="array"), count=2)
    assert [frame["filename"] for frame in told["frames"]] == ["Seed 0.png", "Seed 1.png"]
    assert "duration" not in told["frames"][0]


def test_frames_of_one_name_are_told_apart() -> None:
    pictures = [set_picture(number, name="Dawn: 1/2") for number in range(3)]
    assert frame_names(pictures) == ("Dawn 1 2.png", "Dawn 1 2-2.png", "Dawn 1 2-3.png")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), min_size=1, max_size=12),
    st.integers(0, 5),
    st.integers(0, 4),
    st.integers(0, 3),
)
def test_frames_of_any_size_never_overlap(
    sizes: list[tuple[int, int]], columns: int, padding: int, extrude: int
) -> None:
    pictures = [np.full((h, w, 3), 1 + i, np.uint8) for i, (w, h) in enumerate(sizes)]
    choice = SpriteSettings(columns=columns, padding_px=padding, extrude_px=extrude)
    sheet = make_sprite_sheet(pictures, choice)
    for i, (x, y, w, h) in enumerate(sheet.frames):
        assert (w, h) == sizes[i]
        around = sheet.picture[y - extrude : y + h + extrude, x - extrude : x + w + extrude]
        assert around.shape[:2] == (h + 2 * extrude, w + 2 * extrude)
        assert (around == 1 + i).all()


@pytest.mark.parametrize("side", [8, 32])
def test_frames_are_brought_to_the_wished_size(side: int) -> None:
    told, _ = _told(SpriteSettings(side_px=side), count=1)
    assert told["frames"]["Seed 0.png"]["frame"]["w"] == side


def test_alpha_stays_and_what_has_none_is_opaque() -> None:
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[:, 4:] = (10, 20, 30, 128)
    choice = SpriteSettings(padding_px=1, is_power_of_two=False)
    sheet = make_sprite_sheet([clear, np.full((8, 8, 3), 200, np.uint8)], choice)
    (x, y, w, h), (other_x, other_y, _, _) = sheet.frames
    np.testing.assert_array_equal(sheet.picture[y : y + h, x : x + w], clear)
    assert tuple(sheet.picture[other_y, other_x]) == (200, 200, 200, 255)
    assert tuple(sheet.picture[0, 0]) == (0, 0, 0, 0)
