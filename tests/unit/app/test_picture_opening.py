"""A dropped file says what it holds, and whether its picture can be made again exactly."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.app import picture_opening
from studio.app.picture_opening import OpenedFile, PictureOpening
from studio.core.arrays import Picture, pixel_hash
from studio.core.enlargement import with_enlargement
from studio.core.errors import PictureError
from studio.core.recipe_json import ReadRecipe
from studio.files.deep_images import narrow
from studio.files.images import resize_to
from studio.opener.client import OpenedPicture
from tests.fakes.engine_client import FakeEngineClient, fake_picture
from tests.fakes.galleries import recipe_of


@pytest.fixture
def engine(qtbot: QtBot) -> FakeEngineClient:
    client = FakeEngineClient(is_immediate=True)
    client.open_model(Path("hills"))
    return client


def file_with(
    engine: FakeEngineClient, picture: Picture, *, hash_of: Picture | None = None
) -> OpenedFile:
    recipe = engine.of_model(recipe_of(7))
    opened = OpenedPicture(
        recipe=ReadRecipe(recipe),
        picture=picture,
        is_whole=True,
        width=picture.shape[1],
        height=picture.shape[0],
        pixel_hash_in_file=pixel_hash(hash_of) if hash_of is not None else "",
    )
    return OpenedFile(Path("x.png"), opened)


def test_a_file_is_opened_off_the_window_and_told(
    qtbot: QtBot, engine: FakeEngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = OpenedPicture(refused=PictureError("No.", "Yes."))
    monkeypatch.setattr(picture_opening, "open_recipe_picture", lambda path: refused)
    opening = PictureOpening(engine)
    with qtbot.waitSignal(opening.opened) as caught:
        opening.open(Path("x.png"))
    assert caught.args == [OpenedFile(Path("x.png"), refused)]


@pytest.mark.parametrize("case", ["same", "nudged", "painted", "silent", "small"])
def test_a_comparison_says_identical_or_by_how_much_and_why(
    qtbot: QtBot, engine: FakeEngineClient, case: str
) -> None:
    fresh = fake_picture(engine.of_model(recipe_of(7)), engine.card.resolution)
    nudged = fresh.copy()
    nudged[0, 0] = np.where(nudged[0, 0] < 128, nudged[0, 0] + 3, nudged[0, 0] - 3)
    file, words = {
        "same": (file_with(engine, fresh, hash_of=fresh), "Identical"),
        "nudged": (file_with(engine, nudged, hash_of=nudged), "3 of 255 levels apart: it was made"),
        "painted": (file_with(engine, nudged, hash_of=fresh), "pixels were changed"),
        "silent": (file_with(engine, nudged), "does not say"),
        "small": (file_with(engine, fresh[:8, :9].copy()), "another size (9 × 8)"),
    }[case]
    opening = PictureOpening(engine)
    with qtbot.waitSignal(opening.compared) as caught:
        assert opening.compare(file)
    comparison = caught.args[0]
    assert words in comparison.sentence
    assert comparison.match.is_identical == (case == "same")


def test_what_cannot_be_compared_is_not_asked_for(qtbot: QtBot, engine: FakeEngineClient) -> None:
    opening = PictureOpening(engine)
    fresh = fake_picture(engine.of_model(recipe_of(7)), 32)
    file = file_with(engine, fresh)
    for change in ({"recipe": None}, {"picture": None}, {"is_whole": False},
                   {"recipe": ReadRecipe(msgspec.structs.replace(recipe_of(7), model="0" * 64))}):  # fmt: skip
        opened = msgspec.structs.replace(file.opened, **change)
        assert not opening.compare(OpenedFile(file.path, opened))
    assert not any(call[0] == "request_full" for call in engine.asked)


@pytest.mark.parametrize("size_px", [256, 200])
def test_an_enlarged_export_is_enlarged_again_to_be_compared(
    qtbot: QtBot, engine: FakeEngineClient, size_px: int
) -> None:
    plain = engine.of_model(recipe_of(7))
    small = fake_picture(plain, engine.card.resolution)
    exported = resize_to(small.repeat(2, axis=0).repeat(2, axis=1), size_px)
    file = file_with(engine, exported, hash_of=exported)
    assert file.opened.recipe is not None
    recipe = msgspec.structs.replace(file.opened.recipe, recipe=with_enlargement(plain, 2))
    opened = msgspec.structs.replace(file.opened, recipe=recipe)
    opening = PictureOpening(engine)
    with qtbot.waitSignal(opening.compared) as caught:
        assert opening.compare(OpenedFile(file.path, opened))
    assert caught.args[0].match.is_identical
    opening.finish()


def test_a_file_of_sixteen_bits_is_made_again_in_sixteen(
    qtbot: QtBot, engine: FakeEngineClient
) -> None:
    plain = engine.of_model(recipe_of(7))
    deep = engine.deep_picture(plain)
    seen = narrow(deep)
    assert not np.array_equal(seen, fake_picture(plain, engine.card.resolution))
    opening = PictureOpening(engine)
    with qtbot.waitSignal(opening.compared) as caught:
        assert opening.compare(file_with(engine, seen, hash_of=seen))
    assert caught.args[0].match.is_identical
    assert engine.large.asked[0][1].bits == 16
    opening.finish()
