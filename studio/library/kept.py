"""A kept picture as the window and the command line see it."""

from typing import Final, Literal

import msgspec

from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.recipe import Recipe, new_recipe

# Stands for a recipe that could not be read: no model has this hash, so nothing can be rendered.
UNKNOWN_MODEL: Final = "0" * 64

# What is wrong: nothing, the record beside the picture, or the picture's own file.
Damage = Literal["", "record", "object"]


# gc=False on what a large gallery holds by the ten thousand: frozen values cannot form cycles, and
# looking for some took half of the time to open one.
class Kept(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One kept picture.

    Attributes:
        id: uuid4, hex.
        sequence: Rising number; the order of the gallery. Wall time is only for showing.
        kept_at: Seconds since 1970.
        name: What the tile says.
        starred: Whether the artist gave it a star.
        tags: The artist's words for it.
        boards: The boards (projects) that it lies on, by name.
        object: SHA-256 of the PNG, hex; "" when it is not known.
        pixel_hash: Hash of the pixels, see `core.arrays.pixel_hash`.
        width: In pixels.
        height: In pixels.
        model: Hash of the model.
        model_name: As on its card when the picture was kept.
        seed_text: "7", "7+12".
        recipe: How to make it again.
        provider: What rendered it, "CPU" or "CUDA".
        credit: The line of the model's card that every export carries.
        parent: Id of the kept picture it was made from, None when there was none.
        made_from: The pictures it was bred from, kept or not: one for a variation, more for a
            child, none for everything else.
        nearness: What it was nearest to among the pictures that its model learned from, None when
            its model brought nothing to compare with.
        painted_in: The program that it was painted over in, when it came back from one: its recipe
            is then that of the picture below the paint. "" for a picture that was made here.
        is_damaged: Its file is missing or is not what was kept, or its record cannot be read.
    """

    id: str
    sequence: int
    kept_at: float
    name: str
    starred: bool = False
    tags: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    object: str
    pixel_hash: str
    width: int
    height: int
    model: str
    model_name: str
    seed_text: str
    recipe: Recipe
    provider: str
    credit: str = ""
    parent: str | None = None
    made_from: tuple[Recipe, ...] = ()
    nearness: Nearness | None = None
    painted_in: str = ""
    is_damaged: bool = False


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A kept picture and what the gallery alone needs to know of it.

    Attributes:
        kept: The picture.
        trashed_at: Seconds since 1970 when it was put in the bin, None when it is not there.
        trashed_age_s: What the bin's own clock showed then, see `library.trash_clock`.
        schema: Of its sidecar; a newer one is never rewritten by us.
        stamp: Time and size of its sidecar when it was read; "" when there is none.
        damage: What is wrong; `kept.is_damaged` says whether anything is.
    """

    kept: Kept
    trashed_at: float | None = None
    trashed_age_s: float = 0.0
    schema: int = 1
    stamp: str = ""
    damage: Damage = ""

    @property
    def haystack(self) -> str:
        """What a search looks through: name, tags, boards, seeds and model, in small letters."""
        kept = self.kept
        words = (
            kept.name,
            *kept.tags,
            *kept.boards,
            kept.seed_text,
            kept.model_name,
            kept.provider,
            kept.painted_in,
        )
        return "\n".join(words).casefold()

    def damaged(self, damage: Damage) -> "Entry":
        """Give the entry with this damage, or with none."""
        kept = msgspec.structs.replace(self.kept, is_damaged=bool(damage))
        return msgspec.structs.replace(self, kept=kept, damage=damage)


def unreadable(item_id: str, *, object_hash: str = "", recipe: Recipe | None = None) -> Kept:
    """Give what stands for a picture whose record cannot be read."""
    return Kept(
        id=item_id,
        sequence=0,
        kept_at=0.0,
        name="Damaged picture",
        object=object_hash,
        pixel_hash="",
        width=0,
        height=0,
        model=recipe.model if recipe else UNKNOWN_MODEL,
        model_name="",
        seed_text="",
        recipe=recipe or new_recipe(UNKNOWN_MODEL, 0),
        provider="",
        is_damaged=True,
    )


def remembered_card(kept: Kept) -> ModelCard:
    """Give what is known of the model of a kept picture when it is not installed."""
    return ModelCard(
        id="",
        name=kept.model_name,
        family="gan",
        model=kept.model,
        resolution=max(kept.width, kept.height),
        z=1,
        w=1,
        layers=1,
        zones=(1, 1),
        graphs={},
        credit=kept.credit,
    )
