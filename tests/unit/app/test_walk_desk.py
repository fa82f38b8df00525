"""Changing a walk: every step can be taken back, and what was done is on the disk."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.app.walk_desk import WalkDesk
from studio.core.errors import StudioError
from studio.core.recipe import new_recipe
from studio.core.walk import EASINGS, MAX_KEYS, SoundDrive, first_problem
from studio.library.walk_shelf import SavedWalk, WalkShelf
from tests.fakes.walks import MODEL, seeds_walk


def desk_in(home: Path) -> WalkDesk:
    return WalkDesk(WalkShelf(home), clock=lambda: 5.0)


def filled(home: Path, *seeds: int) -> WalkDesk:
    desk = desk_in(home)
    for seed in seeds:
        desk.add(new_recipe(MODEL, seed))
    return desk


def seeds_of(desk: WalkDesk) -> list[int | None]:
    return [key.recipe.sources[0].seed for key in desk.walk.keys]


def test_pictures_go_behind_the_chosen_one(qtbot: QtBot, tmp_path: Path) -> None:
    desk = filled(tmp_path, 1, 2, 3)
    assert (seeds_of(desk), desk.selection) == ([1, 2, 3], 2)
    desk.select(0)
    desk.add(new_recipe(MODEL, 9))
    assert (seeds_of(desk), desk.selection) == ([1, 9, 2, 3], 1)
    desk.add(new_recipe(MODEL, 8), place=0)
    assert seeds_of(desk) == [8, 1, 9, 2, 3]
    desk.delete(4)
    assert (seeds_of(desk), desk.selection) == ([8, 1, 9, 2], 3)
    desk.finish()


def test_undo_and_redo_take_every_step_there_and_back(qtbot: QtBot, tmp_path: Path) -> None:
    desk = desk_in(tmp_path)
    chance = random.Random(3)
    states = [desk.walk]
    while len(states) < 80:
        place = chance.randint(-1, 4)
        recipe = new_recipe(MODEL, chance.randint(0, 99))
        sound = SoundDrive(amount=float(chance.randint(0, 4)))
        moves: list[Callable[[], None]] = [
            partial(desk.add, recipe, place=place),
            partial(desk.delete, place),
            partial(desk.move, place, to=chance.randint(-1, 5)),
            partial(desk.set_time, place, at_s=chance.uniform(-2, 20)),
            partial(desk.set_timing, place, easing=chance.choice(EASINGS)),
            partial(desk.set_way, is_loop=chance.random() < 0.5),
            partial(desk.set_way, is_even=chance.random() < 0.5),
            partial(desk.rename, chance.choice("ab")),
            partial(desk.set_sound, "x.wav", sound),
        ]
        move = chance.choice(moves)
        move()
        assert first_problem(desk.walk) is None
        assert -1 <= desk.selection < max(len(desk.walk.keys), 1)
        if desk.walk != states[-1]:
            states.append(desk.walk)
    for state in reversed(states[:-1]):
        desk.undo()
        assert desk.walk == state
    desk.undo()
    for state in states[1:]:
        desk.redo()
        assert desk.walk == state
    desk.finish()


def test_a_drag_is_one_step_and_changes_places_past_a_neighbour(
    qtbot: QtBot, tmp_path: Path
) -> None:
    desk = filled(tmp_path, 1, 2, 3)
    before = desk.walk
    desk.select(1)
    desk.begin_gesture()
    for at_s in (2.5, 3.0, 3.9):
        desk.set_time(desk.selection, at_s=at_s)
    assert desk.walk.time_of(1) == 3.9
    desk.end_gesture()
    desk.undo()
    assert desk.walk == before
    desk.set_time(1, at_s=99.0)
    assert seeds_of(desk) == [1, 3, 2]
    desk.finish()


def test_what_was_done_is_there_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    desk = filled(tmp_path, 1, 2)
    desk.rename("  Dusk\n黄昏 ")
    first = desk.present
    desk.start_new()
    desk.add(new_recipe(MODEL, 7))
    desk.finish()
    again = desk_in(tmp_path)
    assert {walk_id for walk_id, _ in again.names} == {first.id, desk.present.id}
    again.choose(first.id)
    assert again.present == first
    assert again.walk.name == "Dusk 黄昏"
    again.remove()
    again.bring_back(first)
    assert again.present == first
    again.finish()
    assert len(WalkShelf(tmp_path).read_all()) == 2


def test_without_a_word_it_is_saved_by_itself(qtbot: QtBot, tmp_path: Path) -> None:
    desk = filled(tmp_path, 1)
    qtbot.waitUntil(lambda: len(WalkShelf(tmp_path).read_all()) == 1)
    desk.finish()


def test_a_picture_of_another_model_is_refused_in_words(qtbot: QtBot, tmp_path: Path) -> None:
    desk = filled(tmp_path, 1)
    said: list[StudioError] = []
    desk.failed.connect(said.append)
    desk.add(seeds_walk(2, model="cd" * 32).keys[0].recipe)
    assert seeds_of(desk) == [1]
    assert "another model" in said[0].what
    desk.finish()


def test_a_new_change_ends_what_could_be_taken_again(qtbot: QtBot, tmp_path: Path) -> None:
    desk = filled(tmp_path, 1, 2)
    desk.undo()
    desk.add(new_recipe(MODEL, 3))
    assert desk.steps == (2, 0)
    desk.redo()
    assert seeds_of(desk) == [1, 3]
    desk.finish()


def test_a_walk_that_is_full_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    desk = filled(tmp_path, 1)
    desk.bring_back(SavedWalk("ab" * 16, seeds_walk(*range(MAX_KEYS))))
    said: list[StudioError] = []
    desk.failed.connect(said.append)
    desk.add(new_recipe(MODEL, 7))
    assert len(desk.walk.keys) == MAX_KEYS
    assert "at most" in said[0].what
    desk.finish()
