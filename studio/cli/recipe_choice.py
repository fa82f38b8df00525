"""Which recipes a call means: one read from a file, changed by what the words say, one per seed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.cli.frame_choice import FrameWish, framed
from studio.cli.output import note
from studio.core.directions import DirectionEntry
from studio.core.errors import RecipeError
from studio.core.mixing import with_mix, with_source_b
from studio.core.recipe import (
    MAX_SEED,
    ZONES,
    Recipe,
    Source,
    Triple,
    Zone,
    new_recipe,
    of_model,
    with_edit,
)
from studio.core.recipe_json import MAX_RECIPE_BYTES, recipe_from_json
from studio.opener.client import open_recipe_picture

DEFAULT_MIX_ZONES: Final[tuple[Zone, ...]] = ("fine",)


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the words of a call say about the pictures; None and empty leave things as they are.

    Attributes:
        seeds: Each gives one picture.
        psi: Truncation of every zone.
        mix: Seed of the second source.
        mix_zones: Zones that the second source rules.
        edits: Direction by id or name, and strength in σ.
        frame: Tiles, size and mirror.
    """

    seeds: tuple[int, ...] = ()
    psi: float | None = None
    mix: int | None = None
    mix_zones: tuple[Zone, ...] = DEFAULT_MIX_ZONES
    edits: tuple[tuple[str, float], ...] = ()
    frame: FrameWish = FrameWish()


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from its own file, or from a picture that carries one.

    Raises:
        RecipeError: Missing, unreadable, refused, or a picture without a recipe.
        StudioError: The picture was refused.
    """
    if not path.is_file():
        raise RecipeError(
            f"There is no file “{path}”.", "Name a recipe or a picture that was kept or exported."
        )
    try:
        with path.open("rb") as file:
            head = file.read(MAX_RECIPE_BYTES + 1)
    except OSError as error:
        raise RecipeError(
            f"“{path.name}” cannot be read ({error.strerror}).",
            "Allow reading it, or copy it first.",
        ) from error
    if head.lstrip()[:1] == b"{":
        read = recipe_from_json(head)
    else:
        opened = open_recipe_picture(path)
        if opened.refused is not None:
            raise opened.refused
        if opened.recipe is None:
            raise RecipeError(
                f"“{path.name}” carries no recipe.",
                "Name a picture that was kept or exported with its recipe, or a recipe file.",
            )
        read = opened.recipe
    if read.unknown_fields:
        note(
            "The recipe comes from a newer program; not understood and left out: "
            f"{', '.join(read.unknown_fields)}."
        )
    return read.recipe


def build_recipes(
    base: Recipe | None,
    wishes: Wishes,
    *,
    model: str,
    directions: Sequence[DirectionEntry],
    vectors: Mapping[str, str] | None = None,
) -> list[Recipe]:
    """Give the recipe of each picture.

    Args:
        base: Where to start, None for plain seeds.
        wishes: What the call says.
        model: Hash of the model that will make the pictures.
        directions: The model's own, and the taught ones.
        vectors: Direction id → the vector of a taught one, as a recipe holds it.

    Raises:
        RecipeError: An edit names no direction, or more than one.
    """
    recipes = _started(base, wishes, model=model)
    if wishes.psi is not None:
        psi = (wishes.psi,) * 3
        recipes = [msgspec.structs.replace(recipe, psi=psi) for recipe in recipes]
    if wishes.mix is not None:
        recipes = [_mixed(recipe, seed=wishes.mix, zones=wishes.mix_zones) for recipe in recipes]
    for name, value in wishes.edits:
        entry = find_direction(name, directions)
        strength = _in_zones(value, entry.zones)
        vector = (vectors or {}).get(entry.id)
        recipes = [
            with_edit(recipe, entry.id, strength=strength, vector=vector) for recipe in recipes
        ]
    return [framed(recipe, wishes.frame) for recipe in recipes]


def find_direction(name: str, directions: Sequence[DirectionEntry]) -> DirectionEntry:
    """Give the direction with this id, name, or the only one whose name holds these letters.

    Raises:
        RecipeError: None fits, or more than one.
    """
    wanted = name.casefold()
    exact = [entry for entry in directions if wanted in (entry.id, entry.name.casefold())]
    near = exact or [entry for entry in directions if wanted in entry.name.casefold()]
    if len(near) == 1:
        return near[0]
    if near:
        names = ", ".join(f"“{entry.name}” ({entry.id})" for entry in near[:6])
        raise RecipeError(
            f"“{name}” fits more than one direction.", f"Name one by its id: {names}."
        )
    raise RecipeError(
        f"The model has no direction “{name}”.", "`studio models show MODEL` lists its directions."
    )


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """Give `count` seeds from `first` on; after the last possible seed comes 0."""
    return tuple((first + i) % (MAX_SEED + 1) for i in range(count))


def seeds_text(recipes: Sequence[Recipe]) -> str:
    """Give the seeds of many pictures for people: "seeds 100 to 115", or one after the other."""
    seeds = [recipe.sources[0].seed for recipe in recipes]
    first = seeds[0] or 0
    if len(seeds) > 2 and seeds == list(range(first, first + len(seeds))):
        return f"seeds {first} to {seeds[-1]}"
    return "seeds " + ", ".join("latent" if seed is None else str(seed) for seed in seeds)


def _started(base: Recipe | None, wishes: Wishes, *, model: str) -> list[Recipe]:
    if base is None:
        return [new_recipe(model, seed) for seed in wishes.seeds]
    base = of_model(base, model)
    if not wishes.seeds:
        return [base]
    return [msgspec.structs.replace(base, sources=(Source(seed=seed),)) for seed in wishes.seeds]


def _mixed(recipe: Recipe, *, seed: int, zones: tuple[Zone, ...]) -> Recipe:
    """Give the recipe with a seed as source B, which rules these zones alone and no other."""
    others: tuple[Zone, ...] = tuple(zone for zone in ZONES if zone not in zones)
    recipe = with_source_b(recipe, Source(seed=seed))
    return with_mix(with_mix(recipe, 0.0, zones=others), 1.0, zones=zones)


def _in_zones(value: float, zones: Sequence[str]) -> Triple:
    coarse, medium, fine = (value if zone in zones else 0.0 for zone in ZONES)
    return (coarse, medium, fine)
