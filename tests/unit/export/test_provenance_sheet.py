"""The provenance sheet says what is known, in any script, on one page."""

import datetime
import io

import msgspec
import numpy as np
import pytest
from PIL import Image

from studio.core.credentials import Credentials
from studio.core.model_card import Right
from studio.core.nearness import Nearness
from studio.core.recipe import Recipe, Source, new_recipe
from studio.export.provenance_facts import SheetSubject, sheet_date
from studio.export.provenance_sheet import make_sheet_page
from tests.fakes.galleries import CARD, MODEL, picture_of

NEAR = Nearness(distance=0.2, limit=0.3, is_copy=True, file="secret/home/anna.png", square=1)


def subject(**fields: object) -> SheetSubject:
    plain = SheetSubject(
        name="山 <b>&\x07",
        picture=picture_of(1, 40),
        width=40,
        height=40,
        recipe=new_recipe(MODEL, 7),
        card=CARD,
    )
    return msgspec.structs.replace(plain, **fields)


def said(one: SheetSubject) -> str:
    return make_sheet_page(one, ".txt").decode()


def test_it_says_where_the_picture_comes_from() -> None:
    rights = (Right("Plates of 1904", "PDM", "S. Palmer"), Right("Own sketches", "mine", "Anna"))
    card = msgspec.structs.replace(CARD, rights=rights)
    text = said(subject(card=card, nearness=NEAR))
    for line in ("Plates of 1904. PDM. S. Palmer", "Own sketches. mine. Anna", MODEL, CARD.credit,
                 "Seed: 7", "very close to one of the training pictures"):  # fmt: skip
        assert line in text
    assert "anna.png" not in text  # no file names of the artist's folder


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "carries no Content Credentials"),
        (Credentials(is_sound=False), "changed after it was signed"),
        (Credentials(is_sound=True, signer="Anna"), "no authority vouches for"),
        (Credentials(is_sound=True, is_trusted=True, signer="Anna"), "Signed: “Anna”"),
    ],
)
def test_it_says_what_the_signature_is_worth(found: Credentials | None, words: str) -> None:
    assert words in said(subject(credentials=found))


def test_nearness_and_own_pictures_are_told_as_measured() -> None:
    assert "Not measured" in said(subject())
    far = msgspec.structs.replace(NEAR, is_copy=False, distance=0.9)
    assert "No near copy of a training picture was found" in said(subject(nearness=far))
    own = Recipe(model=MODEL, sources=(Source(w="AAAAAA=="),))
    assert "picture of the artist's own" in said(subject(recipe=own))


def test_a_missing_model_is_said() -> None:
    assert "not installed here" in said(subject(is_installed=False))


def test_a_page_holds_the_longest_texts_and_stays_one_page() -> None:
    rights = tuple(Right("源" * 300, "CC BY 4.0", "很长的名字" * 60) for _ in range(30))
    card = msgspec.structs.replace(CARD, rights=rights, credit="c" * 2000)
    long = subject(card=card, name="名" * 200)
    with Image.open(io.BytesIO(make_sheet_page(long, ".png"))) as image:
        page = np.asarray(image.convert("L"))
    assert page.shape == (1754, 1240)
    assert (page[-60:] == 255).all()  # nothing runs off the page
    assert (page[:, -60:] == 255).all()
    signed = msgspec.structs.replace(long, credentials=Credentials(is_sound=False))
    assert make_sheet_page(signed, ".png") != make_sheet_page(long, ".png")  # the last section


def test_names_are_no_markup() -> None:
    page = make_sheet_page(subject(), ".html").decode()
    assert "<b>" not in page
    assert "山 &lt;b&gt;&amp;" in page
    assert "\x07" not in page


def test_the_date_is_plain() -> None:
    day = datetime.datetime(2026, 3, 4, tzinfo=datetime.UTC)
    assert sheet_date(day).startswith("Sheet made on 4 March 2026")
