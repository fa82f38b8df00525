"""Files that belong together: all of them get names, or none does, and never over another file."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.errors import PictureError, StorageError
from studio.core.model_card import ModelCard
from studio.core.provenance import SOURCE_TYPE, credit_only, seed_text
from studio.core.recipe import Recipe
from studio.export.file_names import safe_name
from studio.export.stills import MAX_SIZE_PX, StillSettings, encode_still
from studio.files.atomic import DISK, Disk, write_bytes_atomic

_MAX_TRIES: Final = 10_000


class SetPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One finished picture of a set.

    Attributes:
        picture: uint8 [H, W, 3], or [H, W, 4] with alpha; read only.
        name: For people.
        recipe: What made it, None when that is not known.
        card: The model that made it.
    """

    picture: Picture
    name: str
    recipe: Recipe | None
    card: ModelCard

    @property
    def seed(self) -> str:
        """Its seeds for people, "" when they are not known."""
        return "" if self.recipe is None else seed_text(self.recipe)


class SetFile(msgspec.Struct, frozen=True):
    """One file of a set: where it lies below the folder, with "/" between, and its bytes."""

    name: str
    content: bytes


Build = Callable[[str], Sequence[SetFile]]


def write_set(folder: Path, name: str, *, build: Build, disk: Disk = DISK) -> tuple[Path, ...]:
    """Write a set of files under one free stem; gives their paths in order.

    Args:
        folder: Where to; made when it is missing.
        name: What the stem shall be; it is made safe, and gets "-2" and so on where a file of the
            set would lie on another file.
        build: Gives the files for a stem, because some of them name others. The first part of
            each file's name must begin with the stem.
        disk: What carries out the steps.

    Raises:
        StorageError: It could not be written; no file of the set is left behind.
    """
    wished = safe_name(name)
    for number in range(1, _MAX_TRIES):
        stem = wished if number == 1 else f"{wished}-{number}"
        if _is_taken(folder, stem):
            continue
        files = build(stem)
        with contextlib.suppress(FileExistsError):  # another program took it in this instant
            return _write_all(folder, files, disk=disk)
    raise StorageError(
        f"The folder “{folder.name}” holds too many files named “{wished}”.",
        "Choose another folder or name.",
    )


def card_of_all(pictures: Sequence[SetPicture]) -> ModelCard:
    """Give a card that carries the credits and rights of every model in a set, each once."""
    cards = list({one.card.model: one.card for one in pictures}.values())
    lines = list(dict.fromkeys(card.credit for card in cards if card.credit))
    rights = tuple(dict.fromkeys(right for card in cards for right in card.rights))
    name = ", ".join(dict.fromkeys(card.name for card in cards))
    return msgspec.structs.replace(cards[0], name=name, credit=" ".join(lines), rights=rights)


def credit_of(pictures: Sequence[SetPicture], *, still: StillSettings) -> str:
    """Give the credit line of a set; kept silent as a picture's without its recipe is."""
    card = card_of_all(pictures)
    return card.credit if still.with_recipe else credit_only(card).credit


def said_of(pictures: Sequence[SetPicture], *, still: StillSettings) -> dict[str, str]:
    """Give what the JSON beside a sheet says of where its pictures come from."""
    said = {"credit": credit_of(pictures, still=still)}
    return said | {"digitalSourceType": SOURCE_TYPE} if still.with_recipe else said


def with_json(
    stem: str, content: bytes, *, suffix: str, told: Mapping[str, object]
) -> tuple[SetFile, SetFile]:
    """Give a PNG, and the JSON of the same name that describes it."""
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    return SetFile(f"{stem}.png", content), SetFile(f"{stem}{suffix}", text.encode() + b"\n")


def encode_sheet(sheet: Picture, pictures: Sequence[SetPicture], *, still: StillSettings) -> bytes:
    """Give the file of a picture that was put together from a set, at its own size.

    Raises:
        PictureError: It is too large for its format.
    """
    plain = msgspec.structs.replace(still, size=None, bits=8)
    return encode_still(sheet, recipe=None, card=card_of_all(pictures), settings=plain)


def check_size(width: int, height: int) -> None:
    """Refuse a picture of a set that no other program would open.

    Raises:
        PictureError: A side is longer than 16,384 pixels.
    """
    if max(width, height) > MAX_SIZE_PX:
        raise PictureError(
            f"This would become a picture of {width} × {height} px.",
            f"Choose fewer or smaller pictures: {MAX_SIZE_PX} px is the longest side.",
        )


def extruded(picture: Picture, around_px: int) -> NDArray[np.uint8]:
    """Give the picture with its edge repeated around it, so that filtering finds no other colour."""
    if around_px == 0:
        return np.array(picture)
    sides = ((around_px, around_px), (around_px, around_px), (0, 0))
    return np.pad(picture, sides, mode="edge")


def of_same_channels(pictures: Sequence[Picture]) -> list[Picture]:
    """Give all pictures with alpha where one of them has it; the others are opaque."""
    if all(one.shape[2] == 3 for one in pictures):
        return list(pictures)
    return [
        one if one.shape[2] == 4 else np.pad(one, ((0, 0), (0, 0), (0, 1)), constant_values=255)
        for one in pictures
    ]


def next_power_of_two(side_px: int) -> int:
    """Give the smallest power of two that is not below."""
    return 1 << max(0, side_px - 1).bit_length()


def _is_taken(folder: Path, stem: str) -> bool:
    """Say whether anything in the folder is named after the stem."""
    try:
        return any(stem in (one.name, one.stem) for one in folder.iterdir())
    except OSError:
        return False  # missing: writing will say what is wrong with it


def _write_all(folder: Path, files: Sequence[SetFile], *, disk: Disk) -> tuple[Path, ...]:
    written: list[Path] = []
    try:
        for file in files:
            path = folder.joinpath(*file.name.split("/"))
            write_bytes_atomic(path, file.content, disk=disk, is_new=True)
            written.append(path)
    except (StorageError, FileExistsError):
        for path in reversed(written):
            with contextlib.suppress(OSError):
                path.unlink()
        for parent in {path.parent for path in written} - {folder}:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise
    return tuple(written)
