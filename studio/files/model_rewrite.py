"""One file of a model is replaced together with what the card says of it.

Two names cannot change in the same instant, so the new file is put beside the old one first, then
the card that means it is written, then it takes the old one's place. A kill between leaves a model
whose card means the file beside it: readers find it there, and the next rewriting puts it in place.
"""

import contextlib
import hashlib
from pathlib import Path

import msgspec

from studio.core.model_card import CARD_FILE, ModelCard, encode_card
from studio.files.atomic import DISK, Disk, storage_error, write_bytes_atomic
from studio.files.model_folder import NEXT_SUFFIX


def rewrite_model_file(
    folder: Path, card: ModelCard, *, name: str, content: bytes, disk: Disk = DISK
) -> ModelCard:
    """Replace a file that the card lists; gives the new card.

    Args:
        folder: The model's.
        card: As it stands in the folder.
        name: Of the file.
        content: Its new bytes.
        disk: What carries out the steps.

    Raises:
        StorageError: The disk is full or cannot be written; the model is as it was.
    """
    place, beside = folder / name, folder / f"{name}{NEXT_SUFFIX}"
    try:
        if _hash_of(beside) == card.graphs[name]:
            disk.rename(beside, place)  # a rewriting that was killed half-way
        card = msgspec.structs.replace(
            card, graphs={**card.graphs, name: hashlib.sha256(content).hexdigest()}
        )
        write_bytes_atomic(beside, content, disk=disk)
        write_bytes_atomic(folder / CARD_FILE, encode_card(card), disk=disk)
        disk.rename(beside, place)
        disk.sync_folder(folder)
    except OSError as error:
        raise storage_error(error, place) from error
    return card


def _hash_of(path: Path) -> str:
    with contextlib.suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""
