"""Tile sets: cut or laid out, and described as Tiled reads them."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.errors import PictureError
from studio.core.recipe import Frame, with_frame
from studio.export.set_files import SetPicture
from studio.export.set_settings import TileSetSettings
from studio.export.tile_set import make_tile_set, tile_set_files
from studio.files.images import decode_picture
from tests.fakes.galleries import CARD, picture_of, recipe_of
from tests.fakes.set_pictures import set_pictures


def _tiles(told: dict[str, int], sheet: NDArray[Any]) -> list[NDArray[Any]]:
    """Cut a sheet as Tiled does, from margin, spacing and columns."""
    step = told["tilewidth"] + told["spacing"]
    return [
        sheet[
            told["margin"] + place // told["columns"] * step :,
            told["margin"] + place % told["columns"] * step :,
        ][: told["tileheight"], : told["tilewidth"]]
        for place in range(told["tilecount"])
    ]


@pytest.mark.parametrize("extrude", [0, 2])
def test_a_cut_picture_is_whole_again_when_its_tiles_are_laid_side_by_side(extrude: int) -> None:
    one = SetPicture(picture=picture_of(1, 32), name="sea", recipe=recipe_of(1), card=CARD)
    choice = TileSetSettings(tile_px=8, extrude_px=extrude)
    image, described = tile_set_files([one], choice, stem="sea")
    told = json.loads(described.content)
    assert (told["type"], told["image"], told["tilecount"]) == ("tileset", "sea.png", 16)
    sheet = decode_picture(image.content)
    assert (told["imageheight"], told["imagewidth"]) == sheet.shape[:2]
    tiles = _tiles(told, sheet)
    rows = [np.concatenate(tiles[4 * row : 4 * row + 4], axis=1) for row in range(4)]
    np.testing.assert_array_equal(np.concatenate(rows), one.picture)


def test_several_pictures_become_a_tile_each() -> None:
    image, described = tile_set_files(set_pictures(5), TileSetSettings(tile_px=16), stem="t")
    told = json.loads(described.content)
    tiles = _tiles(told, decode_picture(image.content))
    assert len(tiles) == 5
    for tile, one in zip(tiles, set_pictures(5), strict=True):
        np.testing.assert_array_equal(tile, one.picture)


def test_a_seamless_picture_stays_seamless_when_it_is_made_smaller() -> None:
    across = np.sin(np.linspace(0, 2 * np.pi, 60, endpoint=False) + 1)
    wave = np.broadcast_to((127 + 120 * across)[None, :, None], (60, 60, 3)).astype(np.uint8)
    turned = np.roll(wave, 30, axis=1)
    choice = TileSetSettings(tile_px=5)
    small = make_tile_set([wave], choice, seam="both").picture
    small_turned = make_tile_set([turned], choice, seam="both").picture
    np.testing.assert_array_equal(np.roll(small, 10, axis=1), small_turned)
    plain = make_tile_set([wave], choice).picture
    assert not np.array_equal(np.roll(plain, 10, axis=1), make_tile_set([turned], choice).picture)


def test_the_recipe_says_where_the_seam_is() -> None:
    tiled = with_frame(recipe_of(1), Frame(tile="both"))
    picture = picture_of(1, 60)
    choice = TileSetSettings(tile_px=5)
    made = [
        tile_set_files([SetPicture(picture=picture, name="a", recipe=recipe, card=CARD)], choice,
                       stem="a")[0].content
        for recipe in (recipe_of(1), tiled)
    ]  # fmt: skip
    plain, seamless = (decode_picture(content) for content in made)
    assert not np.array_equal(plain, seamless)


def test_too_many_tiles_are_refused() -> None:
    with pytest.raises(PictureError, match="tiles"):
        make_tile_set([picture_of(1)], TileSetSettings(tile_px=1, across=100, down=100))
