"""The gallery keeps, finds, bins and gives back; whatever happens to its files, nothing is dropped."""

import json
import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.core.arrays import pixel_hash
from studio.core.errors import StorageError
from studio.files.atomic import TEMP_PREFIX
from studio.files.images import read_picture
from studio.library.gallery import Gallery, Kept
from studio.library.gallery_folder import ITEMS, OBJECTS, TRASH
from studio.library.gallery_index import INDEX_FILE
from studio.library.kept import UNKNOWN_MODEL
from studio.library.trash_clock import MAX_STEP_S
from tests.fakes.galleries import CARD, keep_one, picture_of, recipe_of

DAY_S = 86_400.0


def sidecar(home: Path, kept: Kept) -> Path:
    return home / ITEMS / f"{kept.id}.json"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


# ------------------------------------------------------------------------------------ keeping


def test_what_was_kept_is_there_with_its_pixels_and_recipe(home: Path) -> None:
    with Gallery(home) as gallery:
        assert gallery.items() == ()
        kept = keep_one(gallery, 7)
        assert gallery.items() == (kept,)
    with Gallery(home) as again:
        assert again.items() == (kept,)
        assert again.get(kept.id) == kept
        np.testing.assert_array_equal(read_picture(again.picture_path(kept)), picture_of(7))
    assert kept.pixel_hash == pixel_hash(picture_of(7))
    assert (kept.name, kept.seed_text, kept.model_name) == ("Seed 7", "7", "Hills")
    assert (kept.width, kept.height, kept.recipe) == (32, 32, recipe_of(7))
    assert kept.credit == CARD.credit


def test_newest_comes_first_whatever_the_clock_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([2e9, 1e9, 0.0, 1.5e9])
    monkeypatch.setattr("studio.library.gallery.time.time", lambda: next(times))
    with Gallery(home) as gallery:
        names = [keep_one(gallery, seed, f"p{seed}").name for seed in range(4)]
        assert [kept.name for kept in gallery.items()] == names[::-1]
    with Gallery(home) as again:
        assert [kept.name for kept in again.items()] == names[::-1]


def test_the_same_picture_kept_twice_is_two_items_and_one_object(home: Path) -> None:
    with Gallery(home) as gallery:
        one, two = keep_one(gallery, 7), keep_one(gallery, 7)
        assert one.object == two.object
        assert one.id != two.id
        gallery.move_to_trash(one.id)
        for day in range(12):
            gallery.purge_old(now=1e9 + day * MAX_STEP_S)
        assert gallery.items() == (two,)
        assert gallery.verify().damaged == ()


def test_the_list_is_the_same_however_it_came_to_be(home: Path) -> None:
    """The list in memory is added to; opened anew it is made from the files."""

    def lists(gallery: Gallery) -> tuple[list[str], list[str]]:
        shown, gone = gallery.items(), gallery.items(in_trash=True)
        return [kept.id for kept in shown], [kept.id for kept in gone]

    with Gallery(home) as gallery:
        assert lists(gallery) == ([], [])
        ids = [keep_one(gallery, seed).id for seed in range(4)]
        assert lists(gallery) == (ids[::-1], [])
        gallery.move_to_trash(ids[2])
        assert lists(gallery) == ([ids[3], ids[1], ids[0]], [ids[2]])
        gallery.rename(ids[0], "other")
        assert gallery.items()[-1].name == "other"
        ids.append(keep_one(gallery, 9).id)
        gallery.restore(ids[2])
        found = lists(gallery)
        assert found == (ids[::-1], [])
        with Gallery(home) as again:
            assert lists(again) == found
            assert keep_one(again, 10).sequence == gallery.items()[0].sequence + 1


def test_search_looks_through_names_tags_seeds_and_models(home: Path) -> None:
    with Gallery(home) as gallery:
        dawn = keep_one(gallery, 1, "Dawn over HILLS")
        dusk = keep_one(gallery, 2345, "Dusk")
        gallery.set_tags(dusk.id, ["for Anna", "", "for Anna", " red\n"])
        gallery.set_starred(dawn.id, True)
        assert gallery.get(dusk.id).tags == ("for Anna", "red")

        def find(words: str) -> list[str]:
            return [kept.id for kept in gallery.items(words)]

        assert find("dawn") == [dawn.id]
        assert find("ANNA red") == [dusk.id]
        assert find("2345") == [dusk.id]
        assert find("hills") == [dusk.id, dawn.id]
        assert find("dawn anna") == []
        assert [kept.id for kept in gallery.items(starred_only=True)] == [dawn.id]


def test_changes_outlive_the_session(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 7)
        gallery.set_starred(kept.id, True)
        gallery.rename(kept.id, "  Evening\tlight \x00 ")
        gallery.set_tags(kept.id, ["a"])
        gallery.rename(kept.id, "   ")
    with Gallery(home) as again:
        found = again.get(kept.id)
    assert (found.starred, found.name, found.tags) == (True, "Evening light", ("a",))


def test_a_name_of_any_kind_is_kept_on_one_line(home: Path) -> None:
    with Gallery(home) as gallery:
        for name in ("../../etc/passwd", "a\nb", "\ud800", "猫" * 500, "\u202eevil"):
            kept = keep_one(gallery, 1, name)
            assert "\n" not in kept.name
            assert len(kept.name) <= 200
    with Gallery(home) as again:
        assert len(again.items()) == 5
        assert again.rebuild_index().num_damaged == 0


def test_a_small_picture_is_made_once_and_fits(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = gallery.keep(picture_of(3, 300), recipe_of(3), card=CARD, name="", provider="CPU")
        path = gallery.thumbnail_path(kept)
        assert max(read_picture(path).shape) == 256
        stamp = path.stat().st_mtime_ns
        assert gallery.thumbnail_path(kept).stat().st_mtime_ns == stamp


def test_the_window_reads_while_a_worker_keeps(home: Path) -> None:
    with Gallery(home) as gallery:
        worker = threading.Thread(target=lambda: [keep_one(gallery, seed) for seed in range(15)])
        worker.start()
        seen = [0]
        while worker.is_alive():
            worker.join(0.002)
            found = gallery.items()
            assert len(found) >= seen[-1]
            assert [kept.sequence for kept in found] == list(range(len(found), 0, -1))
            seen.append(len(found))
        worker.join()
        assert len(gallery.items()) == 15


def test_two_processes_can_keep_into_one_home(home: Path) -> None:
    with Gallery(home) as one, Gallery(home) as other:
        ids = {keep_one(one, 1).id, keep_one(other, 2).id, keep_one(one, 3).id}
    with Gallery(home) as again:
        assert {kept.id for kept in again.items()} == ids


# -------------------------------------------------------------------------------------- the bin


def test_the_bin_takes_and_gives_back(home: Path) -> None:
    with Gallery(home) as gallery:
        kept, other = keep_one(gallery, 1), keep_one(gallery, 2)
        gallery.move_to_trash(kept.id)
        assert gallery.items() == (other,)
        assert gallery.items(in_trash=True) == (kept,)
        assert (home / TRASH / f"{kept.id}.json").is_file()
    with Gallery(home) as again:
        assert again.items(in_trash=True) == (kept,)
        assert again.restore(kept.id) == kept
        assert again.items() == (other, kept)
        assert sidecar(home, kept).is_file()


def test_after_thirty_days_the_bin_forgets_and_not_before(home: Path) -> None:
    with Gallery(home) as gallery:
        kept, other = keep_one(gallery, 1), keep_one(gallery, 2)
        gallery.move_to_trash(kept.id)
        now = 1e9
        gallery.purge_old(now=now)
        for _ in range(29):
            now += DAY_S
            assert gallery.purge_old(now=now) == 0
        assert gallery.purge_old(now=now + 1.01 * DAY_S) == 1
        assert gallery.items(in_trash=True) == ()
        assert not gallery.picture_path(kept).exists()
        assert gallery.verify().damaged == ()
    with Gallery(home) as again:
        assert again.items() == (other,)
        assert again.items(in_trash=True) == ()


@pytest.mark.parametrize("jump_s", [3650 * DAY_S, -3650 * DAY_S, -1e9])
def test_a_jumping_clock_does_not_empty_the_bin(home: Path, jump_s: float) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
        gallery.move_to_trash(kept.id)
        gallery.purge_old(now=1e9)
        for now in (1e9 + jump_s, 1e9, 1e9 + jump_s, 1e9 + 60):
            assert gallery.purge_old(now=now) == 0
        assert gallery.items(in_trash=True) == (kept,)


def test_a_lost_clock_of_the_bin_begins_anew(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
        for day in range(20):
            gallery.purge_old(now=1e9 + day * DAY_S)
        gallery.move_to_trash(kept.id)
        (home / TRASH / "clock.json").write_text("nonsense")
        for day in range(10):
            assert gallery.purge_old(now=1e9 + day * MAX_STEP_S) == 0
        assert gallery.purge_old(now=1e9 + 10 * MAX_STEP_S) == 1


def test_what_interrupted_writes_left_is_tidied(home: Path) -> None:
    with Gallery(home) as gallery:
        keep_one(gallery, 1)
        left = [home / ITEMS / f"{TEMP_PREFIX}1", home / OBJECTS / "aa" / f"{TEMP_PREFIX}2"]
        for path in left:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"half")
        gallery.purge_old()
        assert not any(path.exists() for path in left)
        assert gallery.verify().damaged == ()


# --------------------------------------------------------------------------- the index is a cache


def _scramble(path: Path, source: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    for _ in range(max(1, len(raw) // 500)):
        raw[source.randrange(len(raw))] = source.randrange(256)
    path.write_bytes(bytes(raw))


def _one_bit(path: Path, source: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    raw[source.randrange(len(raw))] ^= 1 << source.randrange(8)
    path.write_bytes(bytes(raw))


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


INDEX_FAULTS: dict[str, Callable[[Path, random.Random], object]] = {
    "deleted": lambda path, source: path.unlink(),
    "empty": lambda path, source: path.write_bytes(b""),
    "cut": lambda path, source: os.truncate(path, source.randrange(1, path.stat().st_size)),
    "zeros": lambda path, source: path.write_bytes(bytes(path.stat().st_size)),
    "noise": lambda path, source: path.write_bytes(source.randbytes(8192)),
    "text": lambda path, source: path.write_text("not a database " * 500),
    "scrambled": _scramble,
    "one bit": _one_bit,
    "foreign wal": lambda path, source: Path(f"{path}-wal").write_bytes(source.randbytes(9000)),
    "folder": lambda path, source: _as_folder(path),
}


@pytest.mark.parametrize("fault", INDEX_FAULTS)
def test_a_destroyed_index_loses_nothing(
    home: Path, fault: str, rounds: Callable[[int], int]
) -> None:
    with Gallery(home) as gallery:
        for seed in range(6):
            keep_one(gallery, seed)
        gallery.move_to_trash(gallery.items()[0].id)
        gallery.set_starred(gallery.items()[0].id, True)
        expected = gallery.items(), gallery.items(in_trash=True)
    source = random.Random(fault)
    for _ in range(rounds(200) // 10 + 2):
        Gallery(home).close()
        INDEX_FAULTS[fault](home / INDEX_FILE, source)
        with Gallery(home) as gallery:
            assert (gallery.items(), gallery.items(in_trash=True)) == expected
            keep_and_forget(gallery, home)


def keep_and_forget(gallery: Gallery, home: Path) -> None:
    """Show that the gallery can be written to, and leave it as before."""
    kept = keep_one(gallery, 99)
    assert kept in gallery.items()
    gallery.move_to_trash(kept.id)
    gallery.close()
    (home / TRASH / f"{kept.id}.json").unlink()
    (home / INDEX_FILE).unlink(missing_ok=True)


def test_an_index_of_another_version_is_made_anew(home: Path) -> None:
    import sqlite3

    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    database = sqlite3.connect(home / INDEX_FILE)
    database.execute("PRAGMA user_version=99")
    database.close()
    with Gallery(home) as again:
        assert again.items() == (kept,)


def test_a_record_changed_beside_the_index_wins(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    path = sidecar(home, kept)
    path.write_text(path.read_text().replace('"Seed 1"', '"By hand!"'))
    with Gallery(home) as again:
        assert again.get(kept.id).name == "By hand!"


def test_a_picture_whose_index_row_was_never_written_is_there(home: Path) -> None:
    with Gallery(home) as gallery:
        keep_one(gallery, 1)
        shutil.copy(home / INDEX_FILE, home / "old")
        second = keep_one(gallery, 2)
    shutil.move(home / "old", home / INDEX_FILE)
    Path(f"{home / INDEX_FILE}-wal").unlink(missing_ok=True)
    with Gallery(home) as again:
        assert second in again.items()


# ----------------------------------------------------------------------- damage is seen and shown


OBJECT_FAULTS: dict[str, Callable[[Path, random.Random], object]] = {
    "deleted": lambda path, source: path.unlink(),
    "empty": lambda path, source: path.write_bytes(b""),
    "cut": lambda path, source: os.truncate(path, source.randrange(1, path.stat().st_size)),
    "one bit": _one_bit,
    "other": lambda path, source: path.write_bytes(b"\x89PNG\r\n\x1a\n" + source.randbytes(100)),
}


@pytest.mark.parametrize("fault", OBJECT_FAULTS)
def test_a_damaged_object_is_shown_as_damaged_and_nothing_else_is(
    home: Path, fault: str, rounds: Callable[[int], int]
) -> None:
    with Gallery(home) as gallery:
        kept = [keep_one(gallery, seed) for seed in range(3)]
    victim = kept[1]
    source = random.Random(fault)
    with Gallery(home) as gallery:
        path = gallery.picture_path(victim)
        good = path.read_bytes()
        for _ in range(rounds(200)):
            OBJECT_FAULTS[fault](path, source)
            with pytest.raises(StorageError, match="damaged"):
                gallery.thumbnail_path(victim)
            report = gallery.verify()
            assert [item.id for item in report.damaged] == [victim.id]
            assert [item.is_damaged for item in gallery.items()] == [False, True, False]
            assert gallery.get(victim.id).recipe == victim.recipe
            path.write_bytes(good)
            assert gallery.verify().damaged == ()
            assert gallery.get(victim.id) == victim


def test_a_missing_object_is_seen_at_start_and_heals_when_it_comes_back(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    path = home / OBJECTS / kept.object[:2] / kept.object
    path.rename(home / "elsewhere")
    with Gallery(home) as again:
        assert [item.is_damaged for item in again.items()] == [True]
    with Gallery(home) as again:
        assert [item.is_damaged for item in again.items()] == [True]
        gallery_star = again.set_starred(kept.id, True)
        assert gallery_star.starred
    (home / "elsewhere").rename(path)
    with Gallery(home) as again:
        assert [item.is_damaged for item in again.items()] == [False]


def test_keeping_the_same_picture_again_mends_a_damaged_object(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
        gallery.picture_path(kept).write_bytes(b"broken")
        assert gallery.verify().damaged
        keep_one(gallery, 1)
        assert gallery.verify().damaged == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\x00" * 500, b'{"schema":1}', b"nonsense"])
@pytest.mark.parametrize("has_index", [True, False])
def test_a_picture_with_a_broken_record_is_shown(
    home: Path, content: bytes, has_index: bool
) -> None:
    with Gallery(home) as gallery:
        kept, other = keep_one(gallery, 1), keep_one(gallery, 2)
    sidecar(home, kept).write_bytes(content)
    if not has_index:
        (home / INDEX_FILE).unlink()
    for _ in range(2):
        with Gallery(home) as again:
            assert {item.id for item in again.items()} == {kept.id, other.id}
            found = again.get(kept.id)
            assert found.is_damaged
            assert found.recipe == kept.recipe if has_index else found.model == UNKNOWN_MODEL
            assert not again.get(other.id).is_damaged


def test_the_recipe_is_saved_from_the_picture_when_its_record_is_broken(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    path = sidecar(home, kept)
    path.write_bytes(path.read_bytes()[:-30])  # the end is lost, the object's name is there
    (home / INDEX_FILE).unlink()
    with Gallery(home) as again:
        found = again.get(kept.id)
        assert found.is_damaged
        assert found.recipe == kept.recipe
        assert found.object == kept.object
        with pytest.raises(StorageError, match="record"):
            again.rename(kept.id, "x")


def test_a_deleted_record_leaves_the_picture_as_damaged_and_a_wish_brings_it_back(
    home: Path,
) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    sidecar(home, kept).unlink()
    for _ in range(2):
        with Gallery(home) as again:
            assert [item.is_damaged for item in again.items()] == [True]
    with Gallery(home) as again:
        again.set_starred(kept.id, True)
        assert [item.is_damaged for item in again.items()] == [False]
    with Gallery(home) as again:
        assert again.rebuild_index().num_items == 1


def test_a_record_of_a_newer_program_is_shown_and_never_rewritten(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    path = sidecar(home, kept)
    fields = json.loads(path.read_text())
    path.write_text(json.dumps({**fields, "schema": 99, "mood": "calm"}))
    newer = path.read_bytes()
    with Gallery(home) as again:
        assert again.items() == (kept,)
        for change in (
            lambda: again.rename(kept.id, "x"),
            lambda: again.move_to_trash(kept.id),
            lambda: again.set_starred(kept.id, True),
        ):
            with pytest.raises(StorageError, match="newer"):
                change()
    assert path.read_bytes() == newer


def test_strange_files_in_the_folders_are_left_alone(home: Path) -> None:
    with Gallery(home) as gallery:
        kept = keep_one(gallery, 1)
    strange = [home / ITEMS / "notes.txt", home / ITEMS / "x.json", home / OBJECTS / "readme"]
    for path in strange:
        path.write_text("mine")
    conflicted = home / ITEMS / f"{kept.id} (conflicted copy).json"
    conflicted.write_bytes(sidecar(home, kept).read_bytes())
    (home / ITEMS / "folder").mkdir()
    with Gallery(home) as again:
        assert again.items() == (kept,)
        again.purge_old()
        assert again.rebuild_index().num_items == 1
    assert all(path.read_text() == "mine" for path in strange)


def test_an_unknown_id_is_a_sentence(home: Path) -> None:
    with Gallery(home) as gallery:
        for wish in (gallery.get, gallery.restore, gallery.move_to_trash):
            with pytest.raises(StorageError, match="not in the gallery"):
                wish("0" * 32)
