"""Contact sheets: every picture in its cell, words below, credit inside."""

import numpy as np
import pytest

from studio.core.errors import PictureError
from studio.export.contact_sheet import (
    GREYS,
    caption_of,
    contact_sheet_files,
    make_contact_sheet,
)
from studio.export.lettering import fitting, text_width
from studio.export.set_files import SetPicture
from studio.export.set_settings import ContactSheetSettings
from studio.files.images import decode_picture
from tests.fakes.galleries import CARD
from tests.fakes.set_pictures import COLOURS, set_picture, set_pictures

PLAIN = ContactSheetSettings(
    columns=2, cell_px=16, gap_px=4, margin_px=8, caption="none", has_credit=False
)


def test_pictures_stand_in_their_cells_on_the_chosen_ground() -> None:
    sheet = make_contact_sheet(set_pictures(3), PLAIN)
    assert sheet.shape == (8 + 16 + 4 + 16 + 8, 8 + 16 + 4 + 16 + 8, 3)
    for place, (left, top) in enumerate([(8, 8), (28, 8), (8, 28)]):
        assert tuple(sheet[top, left]) == (255, 255, 255)
        assert tuple(sheet[top + 15, left + 15]) == COLOURS[place]
    assert (sheet[28:44, 28:44] == GREYS["dark"][0]).all()
    assert (sheet[:8] == GREYS["dark"][0]).all()


def test_words_stand_below_each_picture_and_not_on_it() -> None:
    sheet = make_contact_sheet(
        set_pictures(2), ContactSheetSettings(columns=2, caption="name", ground="white")
    )
    cell = sheet[32 : 32 + 256, 32 : 32 + 256]
    np.testing.assert_array_equal(cell[64:], np.broadcast_to(COLOURS[0], (192, 256, 3)))
    below = sheet[32 + 256 : 32 + 256 + 32, 32 : 32 + 256]
    assert 20 < (below < 128).all(axis=2).sum() < 2000


@pytest.mark.parametrize(
    ("name", "caption", "said"),
    [
        ("Dawn", "name", "Dawn"),
        ("Dawn", "seed", "7"),
        ("Dawn", "both", "Dawn · 7"),
        ("Seed 7", "both", "Seed 7"),
        ("Dawn", "none", ""),
    ],
)
def test_captions(name: str, caption: str, said: str) -> None:
    one = set_picture(7, name=name)
    assert caption_of(one, caption, size_px=16, width_px=200) == said  # type: ignore[arg-type]


def test_a_long_name_is_cut_and_its_seed_stays() -> None:
    one = set_picture(7, name="晨雾 misty morning over the hills and far away")
    said = caption_of(one, "both", size_px=16, width_px=180)
    assert said.startswith("晨雾 misty")
    assert said.endswith("… · 7")
    assert text_width(said, 16) <= 180
    assert fitting("short", 16, width_px=180) == "short"


def test_the_file_carries_the_credit_and_no_recipe() -> None:
    (file,) = contact_sheet_files(set_pictures(3), PLAIN, stem="sheet")
    assert file.name == "sheet.png"
    assert CARD.credit.encode() in file.content
    assert b"trainedAlgorithmicMedia" in file.content
    assert b"latent-studio.recipe" not in file.content
    assert decode_picture(file.content).shape == (52, 52, 3)


def test_a_sheet_that_no_program_opens_is_refused() -> None:
    with pytest.raises(PictureError):
        make_contact_sheet(set_pictures(40), ContactSheetSettings(columns=40, cell_px=512))


def test_the_ground_is_seen_through_a_picture_with_alpha() -> None:
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[8:] = (10, 200, 30, 255)
    one = SetPicture(picture=picture, name="a", recipe=None, card=CARD)
    sheet = make_contact_sheet([one], PLAIN)
    assert tuple(sheet[8, 8]) == (GREYS["dark"][0],) * 3
    assert tuple(sheet[8 + 15, 8]) == (10, 200, 30)
