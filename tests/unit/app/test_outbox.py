"""What leaves by drag or clipboard is a real file with a name for people, and an image."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.app.outbox import FOLDER, Outbox, picture_mime, to_clipboard_image
from studio.core.errors import StorageError
from studio.files.images import read_picture
from studio.library.gallery import Gallery
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import CARD, keep_one, picture_of, recipe_of


def test_a_picture_becomes_a_file_once(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    path = outbox.file_of_picture(picture_of(7), recipe_of(7), card=CARD, name="Seed 7: a/b")
    assert path.name == "Seed 7 a b.png"
    assert path.is_relative_to(tmp_path / FOLDER)
    np.testing.assert_array_equal(read_picture(path), picture_of(7))
    assert read_recipe_text(path.read_bytes()).recipe is not None
    again = outbox.file_of_picture(picture_of(7), recipe_of(7), card=CARD, name="Seed 7: a/b")
    assert again == path
    other = outbox.file_of_picture(picture_of(8), recipe_of(8), card=CARD, name="Seed 7: a/b")
    assert other != path
    assert other.name == path.name


def test_a_program_that_saves_in_place_does_not_change_the_kept_picture(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    with Gallery(tmp_path) as gallery:
        kept = keep_one(gallery, 7, "Dawn")
        path = outbox.file_of_kept(gallery, kept)
        assert path.name == "Dawn.png"
        assert path.read_bytes() == gallery.picture_path(kept).read_bytes()
        path.write_bytes(b"painted over")
        assert gallery.verify().damaged == ()
        other = keep_one(gallery, 8)
        gallery.picture_path(other).write_bytes(b"broken")
        with pytest.raises(StorageError, match="damaged"):
            outbox.file_of_kept(gallery, other)


def test_the_next_start_clears_what_earlier_ones_left(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.clear()
    outbox.file_of_picture(picture_of(7), recipe_of(7), card=CARD, name="x")
    outbox.clear()
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_the_image_has_every_pixel_and_owns_it(qtbot: QtBot) -> None:
    picture = picture_of(7, 33)  # a width that is no multiple of four
    image = to_clipboard_image(picture)
    assert image.format() == QImage.Format.Format_ARGB32
    for x, y in ((0, 0), (32, 0), (5, 31), (32, 32)):
        colour = image.pixelColor(x, y)
        assert [colour.red(), colour.green(), colour.blue()] == picture[y, x].tolist()
        assert colour.alpha() == 255


def test_what_is_dragged_is_file_image_and_our_own_words(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "猫 1.png"
    mime = picture_mime(path, picture_of(7), extra={"application/x-test": b"abc"})
    assert [url.toLocalFile() for url in mime.urls()] == [str(path)]
    assert mime.hasImage()
    assert bytes(mime.data("application/x-test").data()) == b"abc"
    assert not picture_mime(path).hasImage()
