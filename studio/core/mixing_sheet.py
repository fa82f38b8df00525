"""A sheet of mixes: each row's picture with some zones of each column's."""

from collections.abc import Sequence
from typing import Final

import msgspec

from studio.core.mixing import take_zone
from studio.core.recipe import Recipe, Zone

# Rows give layout and forms, columns colour and brush: the crossing that keeps most pictures whole.
COLUMN_ZONES: Final[tuple[Zone, ...]] = ("fine",)


def as_square(recipe: Recipe) -> Recipe:
    """Give the recipe of the plain square, which fits beside others on a sheet."""
    return msgspec.structs.replace(recipe, frame=None)


def mix_cell(row: Recipe, column: Recipe, *, zones: tuple[Zone, ...] = COLUMN_ZONES) -> Recipe:
    """Give the row's recipe with some zones of the column's.

    Raises:
        ValueError: The models differ.
        TooManySourcesError: More than eight sources would be needed.
    """
    mixed = row
    for zone in zones:
        mixed = take_zone(mixed, column, zone=zone)
    return mixed


def mix_cells(
    rows: Sequence[Recipe], columns: Sequence[Recipe], *, zones: tuple[Zone, ...] = COLUMN_ZONES
) -> tuple[Recipe, ...]:
    """Give all cells, row by row; raises what `mix_cell` raises."""
    return tuple(mix_cell(row, column, zones=zones) for row in rows for column in columns)
