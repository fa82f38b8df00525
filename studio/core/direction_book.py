"""What the artist did to a model's sliders: names, stars, order, hidden ones, and taught ones.

A book belongs to one model, by its hash, and lies in the studio's home, never in the model's folder:
a shipped model stays as it came, and a shared one does not carry somebody's notes.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from studio.core.directions import DirectionEntry, FloatArray, direction_id
from studio.core.recipe import ZONES, Edit, Recipe, floats_from_text, floats_to_text

BOOK_SCHEMA: Final = 1
MAX_NAME: Final = 80
MAX_TAUGHT: Final = 200
TAUGHT_SOURCE: Final = "taught"  # `DirectionEntry.source` of what the artist taught
GUEST_SOURCE: Final = "guest"  # and of what came inside a picture


class DirectionNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the artist did to one slider; "" keeps its own name."""

    name: str = ""
    is_starred: bool = False
    is_hidden: bool = False


class TaughtDirection(msgspec.Struct, frozen=True, kw_only=True):
    """A slider that the artist taught from pictures.

    Attributes:
        id: As of every direction, from the vector.
        name: What it was called when it was made.
        vector: One σ along it, float32 [D] in base64, as in `Edit.vector`.
        zones: The zones it acts on.
        num_more: How many pictures lay on the pile "more like this".
        num_less: And on "less like this".
        unit: How many σ one unit of the slider is, so that it changes as much as others do.
    """

    id: str
    name: str
    vector: str
    zones: tuple[str, ...] = ZONES
    num_more: int = 0
    num_less: int = 0
    unit: float = 1.0

    @property
    def entry(self) -> DirectionEntry:
        """Itself as one of the model's directions."""
        return DirectionEntry(self.id, self.name, self.zones, TAUGHT_SOURCE)


class DirectionBook(msgspec.Struct, frozen=True, kw_only=True):
    """All that is remembered of one model's sliders.

    Attributes:
        schema: Version of this value.
        model: The model's hash.
        notes: Direction id → what was done to it; nothing about those left alone.
        order: Ids in the artist's order, empty before the first move.
        taught: Newest first.
    """

    schema: int = BOOK_SCHEMA
    model: str
    notes: dict[str, DirectionNote] = {}
    order: tuple[str, ...] = ()
    taught: tuple[TaughtDirection, ...] = ()

    def note(self, direction: str) -> DirectionNote:
        """Give what was done to a slider."""
        return self.notes.get(direction, DirectionNote())


def taught_direction(
    vector_D: FloatArray,
    *,
    name: str,
    zones: Sequence[str] = ZONES,
    counts: tuple[int, int] = (0, 0),
    unit: float = 1.0,
) -> TaughtDirection:
    """Give a taught slider for its vector."""
    return TaughtDirection(
        id=direction_id(vector_D),
        name=clean_name(name),
        vector=floats_to_text(vector_D),
        zones=tuple(zones),
        num_more=counts[0],
        num_less=counts[1],
        unit=unit,
    )


def guest_of(edit: Edit, *, name: str) -> TaughtDirection | None:
    """Give the slider of an edit whose direction travelled inside a recipe; None for the others."""
    if edit.vector is None:
        return None
    zones = tuple(zone for zone, strength in zip(ZONES, edit.strength, strict=True) if strength)
    return TaughtDirection(id=edit.direction, name=name, vector=edit.vector, zones=zones or ZONES)


def guests_in(recipe: Recipe, *, name: str) -> tuple[TaughtDirection, ...]:
    """Give all sliders that travelled inside a recipe."""
    found = (guest_of(edit, name=name) for edit in recipe.edits)
    return tuple(guest for guest in found if guest is not None)


def clean_name(name: str) -> str:
    """Give a name as it can be shown in one line, shortened where it is very long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(shown.split())[:MAX_NAME].rstrip()


def arranged(entries: Sequence[DirectionEntry], book: DirectionBook) -> tuple[DirectionEntry, ...]:
    """Give the model's directions and the taught ones as they are shown, with the artist's names.

    Starred ones come first; then the artist's order; what has no place in it comes before it when it
    was taught since, and after it when it is the model's own.
    """
    known = {entry.id for entry in entries}
    taught = [one.entry for one in book.taught if one.id not in known]
    place_by_id = {direction: place for place, direction in enumerate(book.order)}
    after = len(book.order)

    def place(entry: DirectionEntry) -> tuple[bool, int]:
        unplaced = -1 if entry.source == TAUGHT_SOURCE else after
        return not book.note(entry.id).is_starred, place_by_id.get(entry.id, unplaced)

    return tuple(
        msgspec.structs.replace(entry, name=book.note(entry.id).name or entry.name)
        for entry in sorted([*taught, *entries], key=place)
    )


def with_note(
    book: DirectionBook,
    direction: str,
    *,
    name: str | None = None,
    is_starred: bool | None = None,
    is_hidden: bool | None = None,
) -> DirectionBook:
    """Give the book with something done to one slider; None leaves a thing as it is."""
    old = book.note(direction)
    new = DirectionNote(
        old.name if name is None else clean_name(name),
        old.is_starred if is_starred is None else is_starred,
        old.is_hidden if is_hidden is None else is_hidden,
    )
    notes = {key: note for key, note in book.notes.items() if key != direction}
    if new != DirectionNote():
        notes[direction] = new
    return msgspec.structs.replace(book, notes=notes)


def moved(book: DirectionBook, direction: str, *, to: int, shown: Sequence[str]) -> DirectionBook:
    """Give the book with one slider at another place among those shown.

    Args:
        book: The book.
        direction: Which one moves; one that is not shown changes nothing.
        to: Its place among the others; starred ones stand first wherever they are put.
        shown: Ids of all sliders in their present order.
    """
    if direction not in shown:
        return book
    others = [other for other in shown if other != direction]
    place = max(to, 0)
    order = (*others[:place], direction, *others[place:])
    return book if order == tuple(shown) else msgspec.structs.replace(book, order=order)


def with_taught(book: DirectionBook, taught: TaughtDirection) -> DirectionBook:
    """Give the book with a taught slider, the newest first; the same vector is there once."""
    rest = tuple(one for one in book.taught if one.id != taught.id)
    return msgspec.structs.replace(book, taught=(taught, *rest)[:MAX_TAUGHT])


def without_taught(book: DirectionBook, direction: str) -> DirectionBook:
    """Give the book without a taught slider; its name and star stay, should it come back."""
    rest = tuple(one for one in book.taught if one.id != direction)
    return msgspec.structs.replace(book, taught=rest)


def first_problem(book: DirectionBook) -> Literal["", "model", "vector", "unit"]:
    """Give what of a book that was read cannot be right; "" when all is well."""
    if len(book.model) != 64:
        return "model"
    for taught in book.taught:
        try:
            vector_D = floats_from_text(taught.vector)
        except ValueError:
            return "vector"
        if direction_id(vector_D) != taught.id:
            return "vector"
        if not 0.01 <= taught.unit <= 100:
            return "unit"
    return ""
