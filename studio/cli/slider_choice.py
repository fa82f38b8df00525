"""A model's sliders as the artist knows them, for commands: own names, taught ones, units."""

from collections.abc import Callable
from typing import Final

import msgspec

from studio.cli.model_choice import open_library
from studio.cli.output import note
from studio.cli.recipe_choice import find_direction
from studio.core.direction_book import DirectionBook, TaughtDirection, arranged
from studio.core.directions import DirectionEntry
from studio.core.errors import RecipeError, StorageError
from studio.core.recipe import MAX_STRENGTH, ZONES, Recipe, Triple, with_edit
from studio.engine.session import GeneratorModel
from studio.engine.visible_change import ChangeGauge, run_through
from studio.files.direction_books import read_book, update_book
from studio.files.direction_units import read_units, write_units
from studio.files.places import studio_home
from studio.library.model_library import InstalledModel

_AGAIN: Final = "They are measured again next time."


class Sliders(msgspec.Struct, frozen=True):
    """What the Latents panel shows of a model.

    Attributes:
        model: The model.
        book: What the artist did.
        entries: Its own and the taught ones in their order, hidden ones among them.
        units: How many σ one unit of a slider is; own ones may be missing: not measured yet.
    """

    model: InstalledModel
    book: DirectionBook
    entries: tuple[DirectionEntry, ...]
    units: dict[str, float]

    def find(self, name: str) -> DirectionEntry:
        """Give the slider with this id or name, or the only one whose name holds these letters.

        Raises:
            RecipeError: None fits, or more than one.
        """
        try:
            return find_direction(name, self.entries)
        except RecipeError as error:
            if error.way_out.startswith("`studio models"):
                way_out = "`studio directions list MODEL` lists them."
                raise RecipeError(error.what, way_out) from error
            raise

    def taught(self, direction: str) -> TaughtDirection | None:
        """Give a taught slider, None for the model's own."""
        return next((one for one in self.book.taught if one.id == direction), None)

    def moved(self, recipe: Recipe, entry: DirectionEntry, *, number: float) -> Recipe:
        """Give a recipe with a slider at a number of its own units."""
        return with_slider(
            recipe,
            entry,
            strength=number * self.units.get(entry.id, 1.0),
            taught=self.taught(entry.id),
        )


def read_sliders(model: InstalledModel) -> Sliders:
    """Give a model's sliders; a damaged book is told, and the model's own names stand.

    Raises:
        ModelError: The model's directions cannot be read.
    """
    own = open_library().read_directions(model).entries
    found = read_book(studio_home(), model.card.model)
    if found.note is not None:
        note(f"{found.note.what} {found.note.way_out}")
    units = dict(read_units(studio_home(), model.card.model, folder=model.folder) or {})
    units |= {one.id: one.unit for one in found.book.taught}
    return Sliders(model, found.book, arranged(own, found.book), units)


def change_book(
    model: InstalledModel, change: Callable[[DirectionBook], DirectionBook]
) -> DirectionBook:
    """Change a model's book and give it as it is now.

    Raises:
        StorageError: It cannot be written.
    """
    return update_book(studio_home(), model.card.model, change=change)


def with_units(sliders: Sliders, engine: GeneratorModel, *, gauge: ChangeGauge) -> Sliders:
    """Give the sliders with all units known; what is missing is measured and remembered."""
    own = engine.directions.entries
    if all(entry.id in sliders.units for entry in own):
        return sliders
    note("Measuring how much each slider is seen; this is done once for a model …")
    units = run_through(gauge.units())
    try:
        write_units(studio_home(), engine.card.model, units=units)
    except StorageError as error:
        note(f"{error.what} {_AGAIN}")
    return msgspec.structs.replace(sliders, units={**units, **sliders.units})


def with_slider(
    recipe: Recipe, entry: DirectionEntry, *, strength: float, taught: TaughtDirection | None
) -> Recipe:
    """Give a recipe with a direction set in the zones it acts on, in σ."""
    strength = min(max(round(strength, 4), -MAX_STRENGTH), MAX_STRENGTH)
    coarse, medium, fine = (strength if zone in entry.zones else 0.0 for zone in ZONES)
    triple: Triple = (coarse, medium, fine)
    return with_edit(recipe, entry.id, strength=triple, vector=taught.vector if taught else None)
