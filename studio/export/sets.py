"""Every kind of sheet and set behind one call; each kind's module is loaded when it is made."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from studio.export.set_files import SetFile, SetPicture, write_set
from studio.export.set_settings import SetKind, SetSettings
from studio.export.stills import StillSettings
from studio.files.atomic import DISK, Disk

_Make = Callable[[str], Sequence[SetFile]]


class SetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Which set to make, where to, and how.

    Attributes:
        kind: What is made of the pictures.
        folder: Where it is written.
        name: What its files are called; made safe, and never another file's.
        settings: How it is laid out.
        still: Format and quality where the kind leaves a choice, whether the files say how they
            were made, and what the artist says of them.
        words: What a page says, by name of `web_page.PageWords`; None for English.
    """

    kind: SetKind
    folder: Path
    name: str
    settings: SetSettings = SetSettings()
    still: StillSettings = StillSettings()
    words: dict[str, str] | None = None


def check_planned(count: int, plan: SetPlan) -> None:
    """Refuse what would be too large before its pictures are made; most of it can be foreseen.

    Raises:
        PictureError: It would be too large.
    """
    if plan.kind == "sheet":
        from studio.export.contact_sheet import check_contact_sheet  # noqa: PLC0415

        check_contact_sheet(count, plan.settings.sheet)
    elif plan.kind == "tiles":
        from studio.export.tile_set import check_tile_set  # noqa: PLC0415

        check_tile_set(count, plan.settings.tiles)


def write_planned(
    pictures: Sequence[SetPicture], plan: SetPlan, *, disk: Disk = DISK
) -> tuple[Path, ...]:
    """Make a set and write its files; gives their paths, the one to look at first.

    Raises:
        PictureError: It would be too large, or a recipe does not fit into the format.
        StorageError: It could not be written; nothing of it is left behind.
    """
    paths = write_set(plan.folder, plan.name, build=_maker(pictures, plan), disk=disk)
    return paths[::-1] if plan.kind == "page" else paths


def _maker(pictures: Sequence[SetPicture], plan: SetPlan) -> _Make:
    settings, still = plan.settings, plan.still
    if plan.kind == "sheet":
        from studio.export.contact_sheet import contact_sheet_files  # noqa: PLC0415

        return lambda stem: contact_sheet_files(pictures, settings.sheet, stem=stem, still=still)
    if plan.kind == "sprites":
        from studio.export.sprite_sheet import sprite_files  # noqa: PLC0415

        return lambda stem: sprite_files(pictures, settings.sprites, stem=stem, still=still)
    if plan.kind == "tiles":
        from studio.export.tile_set import tile_set_files  # noqa: PLC0415

        return lambda stem: tile_set_files(pictures, settings.tiles, stem=stem, still=still)
    if plan.kind == "palette":
        from studio.export.swatch_files import palette_files  # noqa: PLC0415

        return lambda stem: palette_files(pictures, settings.palette, stem=stem, still=still)
    from studio.export.web_page import PageWords, page_files  # noqa: PLC0415

    words = PageWords(**(plan.words or {}))
    return lambda stem: page_files(pictures, settings.page, stem=stem, still=still, words=words)
