"""A model of the library as one zip to pass on: equal models give equal bytes.

Left out is what must not leave: the small copies of the pictures that it learned from.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from studio.core.errors import ModelError
from studio.core.model_card import (
    CARD_FILE,
    CLOSENESS_FILE,
    PREVIEW_AS_DRAWN_FILE,
    PREVIEW_FILE,
    SPEC_FILE,
    ModelCard,
    encode_card,
)
from studio.core.model_readme import readme_of
from studio.core.named_style import STYLES_FILE
from studio.files.atomic import write_atomic
from studio.files.direction_units import UNITS_FILE

README_FILE: Final = "README.md"
STYLES_PREVIEW_FILE: Final = "styles.webp"
ZIP_SUFFIX: Final = ".studio.zip"
SMALL_PICTURES: Final = (PREVIEW_FILE, PREVIEW_AS_DRAWN_FILE, STYLES_PREVIEW_FILE)
SMALL_TEXTS: Final = (SPEC_FILE, STYLES_FILE, UNITS_FILE)
# The first moment that a zip can name: no clock of ours is told, and bytes are stable.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3
_BLOCK_BYTES: Final = 1024 * 1024

Tell = Callable[[float], None]


class StoppedSharingError(Exception):
    """Somebody did not want it any more; nothing was written."""


def write_model_zip(
    folder: Path,
    card: ModelCard,
    *,
    target: Path,
    tell: Tell = lambda _share: None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Write a model as one file, which has its name only when it is whole.

    Args:
        folder: The model's.
        card: Its card.
        target: Where to; what is there is replaced.
        tell: Called with how much is written, 0…1.
        is_stopping: Asked between blocks.

    Raises:
        ModelError: A file of the model is missing, or is not what the card says.
        StorageError: It cannot be written.
        StoppedSharingError: `is_stopping` said so.
    """
    shared = shared_card(card)
    names = sorted(shared.graphs)
    names += [name for name in (*SMALL_PICTURES, *SMALL_TEXTS) if (folder / name).is_file()]
    total = sum(_size(folder / name) for name in names) or 1
    done = 0

    def write(file: BinaryIO) -> None:
        nonlocal done
        # Stored, not packed: weights do not get smaller, and packing differs by library.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            packed.writestr(_entry(card, CARD_FILE), encode_card(shared))
            packed.writestr(_entry(card, README_FILE), readme_of(shared))
            for name in names:
                digest = hashlib.sha256()
                entry = _entry(card, name)
                entry.file_size = _size(folder / name)
                with packed.open(entry, "w") as member:
                    for block in _blocks(folder / name, is_stopping):
                        digest.update(block)
                        member.write(block)
                        done += len(block)
                        tell(done / total)
                if shared.graphs.get(name, digest.hexdigest()) != digest.hexdigest():
                    raise ModelError(
                        f"“{name}” of the model “{card.name}” is damaged or was changed.",
                        "Install the model again.",
                    )

    write_atomic(target, write)


def shared_card(card: ModelCard) -> ModelCard:
    """Give the card of the copy that leaves: without what stays here."""
    graphs = {name: one for name, one in card.graphs.items() if name != CLOSENESS_FILE}
    return msgspec.structs.replace(card, graphs=graphs)


def zip_name(card: ModelCard) -> str:
    """Give the usual name of a shared model."""
    return f"{card.id}{ZIP_SUFFIX}"


def _entry(card: ModelCard, name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{card.id}/{name}", _DATE)
    entry.create_system, entry.external_attr = _UNIX, _MODE  # else they tell the system
    return entry


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise _missing(path, error) from error


def _blocks(path: Path, is_stopping: Callable[[], bool]) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                if is_stopping():
                    raise StoppedSharingError
                yield block
    except OSError as error:
        raise _missing(path, error) from error


def _missing(path: Path, error: OSError) -> ModelError:
    reason = error.strerror or type(error).__name__
    return ModelError(
        f"“{path.name}” of this model cannot be read ({reason}).", "Install it again."
    )
