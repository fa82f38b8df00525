"""The gallery finds what it kept in changed copies, also after its small index was lost."""

from pathlib import Path

import numpy as np

from studio.library.gallery import Gallery, Kept
from studio.library.looks_shelf import LOOKS_FILE, LooksShelf
from tests.fakes.changed_copies import cropped, resized, saved_with_loss, scene
from tests.fakes.galleries import CARD, recipe_of


def keep(gallery: Gallery, seed: int) -> Kept:
    return gallery.keep(scene(seed), recipe_of(seed), card=CARD, name="", provider="CPU")


def shelf_of(gallery: Gallery) -> LooksShelf:
    shelf = LooksShelf(gallery)
    shelf.learn(shelf.missing())
    return shelf


def test_copies_are_found_and_it_is_said_what_was_done_to_them(tmp_path: Path) -> None:
    with Gallery(tmp_path) as gallery:
        items = [keep(gallery, seed) for seed in range(8)]
        shelf = shelf_of(gallery)
        for change, copy in (
            ("saved again", saved_with_loss(scene(5))),
            ("resized", resized(scene(5))),
            ("cropped", resized(cropped(scene(5), left=0.1))),
        ):
            found = shelf.find(copy)
            assert found is not None
            assert (found.kept.id, found.change) == (items[5].id, change)
        assert shelf.find(scene(99)) is None
        shelf.close()


def test_what_is_remembered_outlives_the_window_and_a_broken_index_is_made_anew(
    tmp_path: Path,
) -> None:
    with Gallery(tmp_path) as gallery:
        keep(gallery, 1)
        shelf_of(gallery).close()
        again = LooksShelf(gallery)
        assert again.missing() == ()
        again.close()
        (tmp_path / LOOKS_FILE).write_bytes(b"not a database at all" * 100)
        broken = LooksShelf(gallery)
        assert len(broken.missing()) == 1
        broken.learn(broken.missing())
        assert broken.find(scene(1)) is not None
        broken.close()


def test_a_damaged_picture_is_passed_over_and_not_tried_again(tmp_path: Path) -> None:
    with Gallery(tmp_path) as gallery:
        kept = keep(gallery, 1)
        gallery.picture_path(kept).write_bytes(b"x")
        shelf = shelf_of(gallery)
        assert shelf.missing() == ()
        assert shelf.find(scene(1)) is None
        shelf.close()


def test_what_lies_in_the_bin_is_not_found(tmp_path: Path) -> None:
    with Gallery(tmp_path) as gallery:
        kept = keep(gallery, 1)
        shelf = shelf_of(gallery)
        gallery.move_to_trash(kept.id)
        assert shelf.find(scene(1)) is None
        shelf.close()


def test_an_empty_gallery_finds_nothing(tmp_path: Path) -> None:
    with Gallery(tmp_path) as gallery:
        shelf = LooksShelf(gallery)
        assert shelf.find(np.zeros((9, 9, 3), np.uint8)) is None
        shelf.close()
