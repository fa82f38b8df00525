"""A picture without a recipe: found in the gallery, its foreign text shown and never used."""

import functools
import io
from pathlib import Path

import msgspec
import pytest
from PIL import Image, PngImagePlugin
from pytestqt.qtbot import QtBot

from studio.compose import Composition
from studio.core.errors import RecipeError
from studio.core.provenance import RECIPE_KEY
from studio.core.recipe import new_recipe
from studio.ui.canvas_drop import Dropped
from studio.ui.foreign_text import MAX_CHARS, readable
from studio.ui.pictures import to_image
from tests.fakes.changed_copies import cropped, jpeg_bytes, resized, scene
from tests.fakes.engine_client import FAKE_HASH, fake_card
from tests.window.shell_parts import Studio, studio

__all__ = ["studio"]


@pytest.fixture
def composition(studio: Studio) -> Composition:
    opened = studio.open()
    card = msgspec.structs.replace(fake_card(), model=FAKE_HASH)
    for seed in range(4):
        recipe = new_recipe(FAKE_HASH, 500 + seed)
        opened.gallery.keep(scene(seed), recipe, card=card, name="", provider="CPU")
    return opened


def test_a_changed_copy_brings_its_recipe_back_and_says_that_it_is_not_identical(
    composition: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "copy.jpg"
    for copy, said in (
        (resized(scene(2)), "not identical (resized)"),
        (cropped(scene(3), left=0.1), "not identical (cropped)"),
        (scene(1), "not identical (saved again)"),
    ):
        path.write_bytes(jpeg_bytes(copy))
        composition.restoring.take(Dropped(paths=(path,)))
        qtbot.waitUntil(functools.partial(_is_said, composition, said))
    recipe = composition.document.recipe
    assert recipe is not None
    assert recipe.sources[0].seed == 501
    assert composition.inverting.desk.brought is None
    composition.window.toast.button.click()  # the artist means it as a picture of its own
    qtbot.waitUntil(lambda: composition.inverting.desk.brought is not None)


def _is_said(composition: Composition, said: str) -> bool:
    return said in composition.window.toast.text


def test_a_copied_picture_is_found_too(composition: Composition, qtbot: QtBot) -> None:
    composition.restoring.take(Dropped(image=to_image(resized(scene(0)))))
    qtbot.waitUntil(lambda: "by its looks" in composition.window.toast.text)
    recipe = composition.document.recipe
    assert recipe is not None
    assert recipe.sources[0].seed == 500


def test_text_of_another_program_is_shown_and_changes_nothing(
    composition: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("prompt", '{"class_type": "KSampler"}')
    texts.add_text("parameters", "a hill <b>x</b>\x07\nSteps: 20, Seed: 3", zip=False)
    target = io.BytesIO()
    Image.fromarray(scene(77)).save(target, "PNG", pnginfo=texts)
    (tmp_path / "theirs.png").write_bytes(target.getvalue())
    composition.restoring.take(Dropped(paths=(tmp_path / "theirs.png",)))
    box = composition.looks.text
    qtbot.waitUntil(box.isVisible)
    assert box.title.text() == "Made with ComfyUI"
    assert box.text.toPlainText() == "a hill <b>x</b>\nSteps: 20, Seed: 3"
    assert box.text.isReadOnly()
    box.shut.click()
    assert box.isHidden()


def test_five_megabytes_of_text_and_turning_letters_are_made_readable() -> None:
    assert len(readable("x" * 5_000_000)) == MAX_CHARS + 2
    assert readable("a\x00\x1b[31m\u202eb\u2066c\n\td") == "a[31mbc\n\td"
    assert readable("\u200b\x07") == ""


def test_a_picture_whose_recipe_is_refused_is_still_a_picture(
    composition: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt(RECIPE_KEY, "{" * 5000)
    target = io.BytesIO()
    Image.fromarray(resized(scene(2))).save(target, "PNG", pnginfo=texts)
    (tmp_path / "broken.png").write_bytes(target.getvalue())
    refused: list[object] = []
    composition.restoring.refused.connect(refused.append)
    composition.restoring.take(Dropped(paths=(tmp_path / "broken.png",)))
    qtbot.waitUntil(functools.partial(_is_said, composition, "by its looks"))
    assert [type(one) for one in refused] == [RecipeError]
    recipe = composition.document.recipe
    assert recipe is not None
    assert recipe.sources[0].seed == 502
