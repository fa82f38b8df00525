"""What exports are told and tell: one frozen value each."""

from pathlib import Path

import msgspec

from studio.core.errors import StudioError
from studio.core.recipe import Recipe
from studio.export.plan import ExportPlan
from studio.library.kept import Kept


class ExportItem(msgspec.Struct, frozen=True):
    """One picture to export: a recipe of the open model, or a kept picture, or both."""

    recipe: Recipe
    name: str = ""
    kept: Kept | None = None


class ExportProgress(msgspec.Struct, frozen=True):
    """How many of the pictures are written, and which share of the next one is enlarged, 0…1."""

    done: int
    total: int
    share: float = 0.0

    @property
    def percent(self) -> int:
        """How much of all is done, 0…100."""
        return int(100 * (self.done + self.share) / max(1, self.total))


class Exported(msgspec.Struct, frozen=True):
    """An export that ended.

    Attributes:
        paths: What was written, in order.
        plan: Where to and how.
        was_cancelled: True when not everything is there.
        num_near: How many of them are near copies of training pictures.
        num_wanted: How many pictures the export has.
    """

    paths: tuple[Path, ...]
    plan: ExportPlan
    was_cancelled: bool = False
    num_near: int = 0
    num_wanted: int = 0


class ExportFailure(msgspec.Struct, frozen=True):
    """An export that stopped at a picture; those before it are written and stay."""

    error: StudioError
    paths: tuple[Path, ...]
