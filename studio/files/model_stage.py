"""A model that is coming in: its files lie beside the library until it is wanted.

A stage is a hidden folder in the folder of models, so that its last step is one rename.
"""

import contextlib
import secrets
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from studio.core.model_card import CARD_FILE, ModelCard, encode_card, slug
from studio.files.atomic import DISK, storage_error, sync_folder, write_atomic, write_bytes_atomic

STAGE_PREFIX: Final = ".arriving-"
_READ_ONLY: Final = 0o444


class ModelStage:
    """A hidden folder that becomes a model, or goes again.

    Attributes:
        folder: Where the files lie.
    """

    def __init__(self, models: Path) -> None:
        """Make an empty stage.

        Args:
            models: The artist's folder of models; made when it is missing.

        Raises:
            StorageError: It cannot be written to.
        """
        self._models = models
        self.folder = models / f"{STAGE_PREFIX}{secrets.token_hex(8)}"
        try:
            DISK.make_folder(self.folder)
        except OSError as error:
            raise storage_error(error, self.folder, name="the model") from error

    def put(self, name: str, blocks: Iterable[bytes]) -> None:
        """Write one file, piece by piece; raises `StorageError`, and what `blocks` raises."""

        def write(file: BinaryIO) -> None:
            file.writelines(blocks)

        write_atomic(self.folder / name, write, name="the model")

    def finish(self, card: ModelCard, *, taken: Collection[str]) -> Path:
        """Give the stage its card and its name in the library; gives the model's folder.

        Args:
            card: With any id: it gets one of its name that is free.
            taken: Ids in use elsewhere.

        Raises:
            StorageError: The disk is full or cannot be written; the stage stays.
        """
        there = {path.name for path in self._models.iterdir()}
        card = msgspec.structs.replace(card, id=slug(card.name, {*taken, *there}))
        folder = self._models / card.id
        try:
            for path in self.folder.iterdir():
                path.chmod(_READ_ONLY)
            write_bytes_atomic(self.folder / CARD_FILE, encode_card(card))
            self.folder.rename(folder)
            sync_folder(self._models)
        except OSError as error:
            raise storage_error(error, folder, name="the model") from error
        return folder

    def discard(self) -> None:
        """Remove the stage with all that lies in it; nothing when it became a model."""
        shutil.rmtree(self.folder, ignore_errors=True)


def remove_stages(models: Path) -> int:
    """Remove what imports that were killed left behind; gives how many there were."""
    stages = list(models.glob(f"{STAGE_PREFIX}*")) if models.is_dir() else []
    for stage in stages:
        with contextlib.suppress(OSError):
            shutil.rmtree(stage)
    return len(stages)
