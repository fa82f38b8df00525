"""Who a picture comes from."""

import msgspec

from studio.core.recipe import Recipe


class Lineage(msgspec.Struct, frozen=True, gc=False):
    """Where a picture comes from; empty for one that was made from nothing.

    Attributes:
        parent: Id of the kept picture it was made from, None when there is none.
        made_from: The pictures it was bred from, kept or not: one for a variation, more for a
            child, none for every other way.
        painted_in: The program that it was painted over in, "" for a picture that was made here.
    """

    parent: str | None = None
    made_from: tuple[Recipe, ...] = ()
    painted_in: str = ""


NOBODY = Lineage()
