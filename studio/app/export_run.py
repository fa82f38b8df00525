"""One export that is going on: its files, what it has written, and what it says of that."""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from studio.app.export_payloads import Exported, ExportItem, ExportProgress
from studio.core.model_card import ModelCard
from studio.core.provenance import seed_text
from studio.export.file_names import NameFields, file_name
from studio.export.plan import ExportPlan


class ExportRun(msgspec.Struct):
    """The export that is going on: what it has written, by place.

    A file holds one picture, or all where they go into one layered file.
    """

    files: tuple[tuple[ExportItem, ...], ...]
    plan: ExportPlan
    written: dict[int, Path]
    num_near: int = 0

    @property
    def place(self) -> int | None:
        """The next picture to write, None when all are."""
        return next((i for i in range(len(self.files)) if i not in self.written), None)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is written, in order."""
        return tuple(self.written[place] for place in sorted(self.written))

    def progress(self, share: float = 0.0) -> ExportProgress:
        """Give how far it is."""
        return ExportProgress(len(self.written), len(self.files), share)

    def end(self, *, was_cancelled: bool = False) -> Exported:
        """Give how it went."""
        return Exported(self.paths, self.plan, was_cancelled, self.num_near, len(self.files))


def name_of_file(item: ExportItem, plan: ExportPlan, *, card: ModelCard, number: int) -> str:
    """Give the name that a picture's file will have, without its suffix.

    Args:
        item: The picture.
        plan: Its template.
        card: The model that made it.
        number: Its place in the export, from 1.
    """
    return file_name(plan.template, _fields(item, card, number=number))


def _fields(item: ExportItem, card: ModelCard, *, number: int) -> NameFields:
    return NameFields(
        name=name_of(item),
        seed=seed_text(item.recipe),
        model=card.name,
        made_at=time.time(),
        number=number,
    )


def name_of(item: ExportItem) -> str:
    """Give the name of a picture for people."""
    name = item.name or (item.kept.name if item.kept is not None else "")
    return name or f"Seed {seed_text(item.recipe)}"


def files_of(items: Sequence[ExportItem], plan: ExportPlan) -> tuple[tuple[ExportItem, ...], ...]:
    """Give the pictures of each file."""
    if plan.settings.is_one_file and items:
        return (tuple(items),)
    return tuple((item,) for item in items)
