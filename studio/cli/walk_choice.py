"""Which walk a call means: read from a file, or built from seeds, files and kept pictures."""

import argparse
from pathlib import Path
from typing import Final

import msgspec

from studio.cli.output import note
from studio.cli.recipe_choice import find_direction, read_recipe
from studio.core.directions import DirectionEntry
from studio.core.errors import RecipeError
from studio.core.recipe import MAX_SEED, ZONES, Recipe, Triple, new_recipe
from studio.core.walk import Key, SoundDrive, Walk, first_problem, with_seconds
from studio.core.walk_json import MAX_WALK_BYTES, walk_from_json
from studio.files.places import studio_home
from studio.library.gallery import Gallery, Kept

_MIN_ID: Final = 6  # letters of a kept picture's id that are enough to name it


def read_walk(path: Path) -> Walk:
    """Read a walk from its file.

    Raises:
        RecipeError: Missing, unreadable or refused.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_WALK_BYTES + 1)
    except OSError as error:
        raise RecipeError(
            f"The walk “{path.name}” cannot be read ({error.strerror}).",
            "Name a walk that was saved with --save or in the window.",
        ) from error
    read = walk_from_json(content)
    if read.is_newer:
        note("The walk comes from a newer program; what is not understood was left out.")
    return read.walk


def named_recipes(names: list[str], *, model: str | None) -> list[Recipe]:
    """Give the recipe that each name means: a seed, a file, or a kept picture by id or name.

    Seeds are of the model of the first name that is no seed, else of `model`.

    Raises:
        RecipeError: A name means nothing, or more than one thing.
    """
    found = [_named(name) for name in names]
    hashes = [recipe.model for recipe in found if isinstance(recipe, Recipe)]
    of_seeds = model or (hashes[0] if hashes else "")
    return [
        recipe if isinstance(recipe, Recipe) else new_recipe(of_seeds, recipe) for recipe in found
    ]


def has_only_seeds(names: list[str]) -> bool:
    """Say whether no name tells the model by itself."""
    return all(name.isascii() and name.isdigit() for name in names)


def with_wishes(walk: Walk, args: argparse.Namespace) -> Walk:
    """Give the walk as the words of the call want it.

    Raises:
        RecipeError: It breaks a rule then.
    """
    changes: dict[str, object] = {}
    if args.psi is not None:
        psi = (args.psi,) * 3
        changes["keys"] = tuple(
            msgspec.structs.replace(key, recipe=msgspec.structs.replace(key.recipe, psi=psi))
            for key in walk.keys
        )
    if args.easing:
        keys = changes.get("keys", walk.keys)
        assert isinstance(keys, tuple)
        changes["keys"] = tuple(msgspec.structs.replace(key, easing=args.easing) for key in keys)
    if args.loop:
        changes["is_loop"] = True
    if args.even:
        changes["is_even"] = True
    if args.name:
        changes["name"] = args.name
    walk = msgspec.structs.replace(walk, **changes)
    if args.seconds is not None:
        walk = with_seconds(walk, args.seconds)
    if problem := first_problem(walk):
        raise RecipeError(f"The walk does not fit: {problem}.", "Change what was named.")
    return walk


def with_drive(
    walk: Walk, args: argparse.Namespace, *, directions: tuple[DirectionEntry, ...]
) -> Walk:
    """Give the walk with what the sound does, when the call names a sound."""
    if args.sound is None:
        return walk
    old = walk.sound or SoundDrive()
    drive = args.drive or ("strength" if args.direction else old.drive)
    found = tuple(find_direction(name, directions).id for name in args.direction)
    if drive == "strength" and not (found or old.directions):
        found = tuple(entry.id for entry in directions[:1])
    amount = old.amount if args.amount is None else args.amount
    sound = SoundDrive(drive=drive, amount=amount, directions=found or old.directions)
    if drive == "speed":
        sound = msgspec.structs.replace(sound, amount=abs(amount))
    return msgspec.structs.replace(walk, sound=sound)


def zones_of(directions: tuple[DirectionEntry, ...]) -> dict[str, Triple]:
    """Give which zones each direction acts on, for `Course`."""
    found: dict[str, Triple] = {}
    for entry in directions:
        coarse, medium, fine = (float(zone in entry.zones) for zone in ZONES)
        found[entry.id] = (coarse, medium, fine)
    return found


def walk_of(recipes: list[Recipe], *, each_s: float) -> Walk:
    """Give a plain walk over pictures.

    Raises:
        RecipeError: The pictures are of different models.
    """
    if len({recipe.model for recipe in recipes}) > 1:
        raise RecipeError(
            "The pictures are of different models, between which there is no way.",
            "Name pictures of one model.",
        )
    return Walk(keys=tuple(Key(recipe=recipe, seconds=each_s) for recipe in recipes))


def _named(name: str) -> Recipe | int:
    if name.isascii() and name.isdigit():
        if len(name) > 10 or int(name) > MAX_SEED:
            raise RecipeError(f"{name[:24]} is no seed.", f"Seeds go from 0 to {MAX_SEED}.")
        return int(name)
    path = Path(name)
    if path.is_file():
        return read_recipe(path)
    return _kept_named(name).recipe


def _kept_named(name: str) -> Kept:
    with Gallery(studio_home()) as gallery:
        items = gallery.items()
    by_id = [kept for kept in items if len(name) >= _MIN_ID and kept.id.startswith(name.lower())]
    found = by_id or [kept for kept in items if kept.name.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(kept.id[:8] for kept in found[:6])
        raise RecipeError(
            f"More than one kept picture is called “{name}”.", f"Name one by id: {ids}."
        )
    raise RecipeError(
        f"“{name}” is no seed, no file and no kept picture.",
        "`studio gallery list` shows names and ids.",
    )
