"""`studio directions strip` and `teach`: sliders drawn over a picture, sliders made from pictures."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from studio.cli.arguments import seeds_in
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import CommandParser
from studio.cli.pictures_out import FORMAT_BY_SUFFIX, plan_file
from studio.cli.recipe_choice import read_recipe
from studio.cli.slider_choice import Sliders, change_book, read_sliders, with_units
from studio.core.arrays import Picture
from studio.core.direction_book import TaughtDirection, taught_direction, with_taught
from studio.core.directions import DirectionEntry
from studio.core.errors import RecipeError
from studio.core.recipe import Recipe, floats_from_text, new_recipe, plain
from studio.core.teaching import MAX_PILE, Learned, Lesson
from studio.engine.session import GeneratorModel
from studio.engine.teaching import Teacher
from studio.engine.visible_change import SIDE_PX, ChangeGauge, run_through
from studio.export.sheet import make_sheet
from studio.export.stills import StillSettings, save_still

POSITIONS: Final = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
_DEFAULT_SEED: Final = 7
_GAP_PX: Final = 2


def run_strip(args: argparse.Namespace) -> int:
    """Draw the strips of some sliders over one picture."""
    path = _plan(args.out, force=args.force)
    base = plain(read_recipe(args.recipe)) if args.recipe else None
    if args.recipe and args.seed is not None:
        CommandParser(prog="studio directions strip").error("name --seed or --recipe, not both")
    sliders = read_sliders(choose_model(open_library(), args.model))
    seed = _DEFAULT_SEED if args.seed is None else args.seed
    recipe = base or new_recipe(sliders.model.card.model, seed)
    _check_model(recipe, sliders)
    entries = [sliders.find(name) for name in args.direction] or [
        entry for entry in sliders.entries if not sliders.book.note(entry.id).is_hidden
    ]
    if not entries:
        raise RecipeError("There is no slider to draw.", "Teach one, or show hidden ones again.")
    engine = GeneratorModel.open(sliders.model.folder)
    sliders = with_units(sliders, engine, gauge=ChangeGauge(engine))
    sheet = _sheet(engine, sliders, recipe=recipe, entries=entries)
    _write(path, sheet, engine=engine, force=args.force)
    if args.json:
        named = [{"id": entry.id, "name": entry.name} for entry in entries]
        answer_json({"schema": 1, "file": str(path), "rows": named})
    else:
        answer("\n".join([str(path), *(f"  {entry.name}" for entry in entries)]))
    return 0


def run_teach(args: argparse.Namespace) -> int:
    """Make a slider from two piles and keep it."""
    if not args.more and not args.less:
        CommandParser(prog="studio directions teach").error("name pictures with --more or --less")
    path = _plan(args.out, force=args.force) if args.out else None
    sliders = read_sliders(choose_model(open_library(), args.model))
    more, less = (_pile(words, sliders) for words in (args.more, args.less))
    lesson = Lesson(more, less, zones=args.zones, apart=_apart(args.apart, sliders))
    engine = GeneratorModel.open(sliders.model.folder)
    gauge = ChangeGauge(engine)
    learned = run_through(Teacher(engine, gauge).teach(lesson))
    taught = taught_direction(
        floats_from_text(learned.vector),
        name=args.name,
        zones=lesson.zones,
        counts=(len(more), len(less)),
        unit=learned.unit,
    )
    if not taught.name:
        raise RecipeError("A slider needs a name that can be shown.", "Write one with --name.")
    change_book(sliders.model, lambda book: with_taught(book, taught))
    after = read_sliders(sliders.model)
    if path is not None:
        recipe = new_recipe(engine.card.model, _DEFAULT_SEED)
        sheet = _sheet(engine, after, recipe=recipe, entries=[after.find(taught.id)])
        _write(path, sheet, engine=engine, force=args.force)
    _tell(args, learned, taught=taught, path=path)
    return 0


def _tell(
    args: argparse.Namespace, learned: Learned, *, taught: TaughtDirection, path: Path | None
) -> None:
    total = taught.num_more + taught.num_less
    if args.json:
        answer_json(
            {
                "schema": 1,
                "id": taught.id,
                "name": taught.name,
                "zones": list(args.zones),
                "unit": learned.unit,
                "hits": learned.hits,
                "file": str(path) if path else None,
            }
        )
        return
    answer(f"{taught.id}  {taught.name}")
    if path is not None:
        answer(str(path))
    if learned.hits is None:
        note("A guess: with two or more on each pile it is said how well they part.")
    else:
        note(f"{learned.hits} of {total} fall on the right side when judged by the others.")


def _pile(words: Sequence[str], sliders: Sliders) -> tuple[Recipe, ...]:
    """Give the recipes that words mean: seeds as 3 or 1,5,9 or 1-4, else files."""
    recipes: list[Recipe] = []
    for word in words:
        is_file = Path(word).exists()
        seeds = None if is_file else seeds_in(word, prog="studio directions teach")
        if seeds is not None:
            recipes += [new_recipe(sliders.model.card.model, seed) for seed in seeds]
        else:
            recipe = plain(read_recipe(Path(word)))
            _check_model(recipe, sliders, name=Path(word).name)
            recipes.append(recipe)
        if len(recipes) > MAX_PILE:
            raise RecipeError(
                f"A pile holds at most {MAX_PILE} pictures.", "Leave some out; a dozen is plenty."
            )
    return tuple(dict.fromkeys(recipes))


def _apart(names: Sequence[str], sliders: Sliders) -> tuple[str, ...]:
    """Give what a lesson needs of sliders that it leaves alone: ids, or a taught one's vector."""
    found = []
    for name in names:
        entry = sliders.find(name)
        taught = sliders.taught(entry.id)
        found.append(taught.vector if taught else entry.id)
    return tuple(found)


def _check_model(recipe: Recipe, sliders: Sliders, *, name: str = "") -> None:
    card = sliders.model.card
    if recipe.model != card.model:
        what = f"“{name}”" if name else "The picture"
        raise RecipeError(
            f"{what} was made with another model than “{card.name}”.",
            "Name that picture's model, or other pictures.",
        )


def _sheet(
    engine: GeneratorModel,
    sliders: Sliders,
    *,
    recipe: Recipe,
    entries: Sequence[DirectionEntry],
) -> Picture:
    """Give a picture with a row of seven for each slider."""
    pictures: list[Picture] = []
    for entry in entries:
        recipes = [sliders.moved(recipe, entry, number=number) for number in POSITIONS]
        pictures += engine.render_many(recipes, SIDE_PX)
    return make_sheet(pictures, columns=len(POSITIONS), gap_px=_GAP_PX)


def _plan(path: Path, *, force: bool) -> Path:
    if path.suffix.lower() not in FORMAT_BY_SUFFIX:
        known = ", ".join(FORMAT_BY_SUFFIX)
        CommandParser(prog="studio directions").error(
            f"“{path.name}” has no ending of a picture that can be written ({known})"
        )
    return plan_file(path, force=force)


def _write(path: Path, sheet: Picture, *, engine: GeneratorModel, force: bool) -> None:
    settings = StillSettings(format=FORMAT_BY_SUFFIX[path.suffix.lower()], replaces=force)
    save_still(path, sheet, recipe=None, card=engine.card, settings=settings)
