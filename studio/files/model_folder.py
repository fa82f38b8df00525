"""A model folder is read: its card, and its other files compared with the card.

Every refusal is a `ModelError` that names the file and says what to do.
"""

import hashlib
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from studio.core import directions as directions_format
from studio.core.directions import DirectionSet
from studio.core.errors import ModelError
from studio.core.model_card import (
    CARD_FILE,
    CARD_SCHEMA,
    CLOSENESS_FILE,
    DIRECTIONS_FILE,
    MAPPING_FILE,
    SYNTHESIS_FILE,
    ModelCard,
    model_hash,
)
from studio.core.similarity import Closeness
from studio.files.tensor_file import parse_tensors

# A card with twenty sources and their credits has some 10 KB.
MAX_CARD_BYTES: Final = 1024 * 1024
# Ours are ≤ 16 MiB (DESIGN §5); foreign generators of 1024 px have some 120 MiB.
MAX_FILE_BYTES: Final = 1024 * 1024 * 1024

NEXT_SUFFIX: Final = ".next"  # a file on its way to its name, see `files.model_rewrite`
_AGAIN: Final = "Install the model again."
_T = TypeVar("_T")


def read_card(folder: Path) -> ModelCard:
    """Give the checked card of a model folder.

    Raises:
        ModelError: No such folder, no card, a card that is damaged, newer, or contradicts itself.
    """
    if not folder.is_dir():
        raise ModelError(f"There is no model in “{folder.name}”.", "Choose another model.")
    return card_from_json(_read(folder / CARD_FILE, MAX_CARD_BYTES))


def card_from_json(raw: bytes) -> ModelCard:
    """Give the checked card of its bytes; raises as `read_card` does."""
    card = _decode(raw, ModelCard, name=CARD_FILE)
    if card.schema > CARD_SCHEMA:
        raise ModelError(
            f"The model “{card.name}” was made by a newer version of the program.",
            "Update the program to use it.",
        )
    if problem := card_problem(card):
        raise ModelError(f"“{CARD_FILE}” of this model is not right: {problem}.", _AGAIN)
    return card


def card_problem(card: ModelCard) -> str | None:
    """Give the first way in which a card contradicts itself, as a phrase, or None."""
    if not 1 <= card.resolution <= 8192:
        return f"a picture of {card.resolution} px is not possible"
    if list(card.previews) != sorted(set(card.previews)) or any(
        not 1 <= size < card.resolution for size in card.previews
    ):
        return "the sizes of its previews are not rising and below the picture's"
    if not (1 <= card.z <= 65536 and 1 <= card.w <= 65536 and 1 <= card.layers <= 64):
        return "the widths of its latents are not possible"
    if not 0 < card.zones[0] <= card.zones[1] <= card.layers:
        return "its zones are out of order"
    if any(Path(name).name != name or name in ("", ".", "..") for name in card.graphs):
        return "it names a file outside its folder"
    missing = [name for name in (MAPPING_FILE, SYNTHESIS_FILE) if name not in card.graphs]
    return f"it does not list {missing[0]}" if missing else None


def read_model_file(folder: Path, card: ModelCard, *, name: str) -> bytes:
    """Give the bytes of one file of a model, after comparing them with the card.

    Raises:
        ModelError: The card does not list the file; it is missing, unreadable, or not the one the
            card was written for.
    """
    expected = card.graphs.get(name)
    if expected is None:
        raise ModelError(f"The model “{card.name}” does not list “{name}”.", _AGAIN)
    raw = _read(folder / name, MAX_FILE_BYTES)
    if hashlib.sha256(raw).hexdigest() != expected:
        beside = folder / f"{name}{NEXT_SUFFIX}"
        if beside.is_file():  # a rewriting was killed half-way
            raw = _read(beside, MAX_FILE_BYTES)
    if hashlib.sha256(raw).hexdigest() != expected:
        raise ModelError(f"“{name}” of the model “{card.name}” is damaged or was changed.", _AGAIN)
    return raw


def read_directions(folder: Path, card: ModelCard) -> DirectionSet:
    """Give the mean, axes and directions of a model.

    Raises:
        ModelError: The file is missing, damaged or not the card's, or the model's hash does not
            follow from the graphs and the mean.
    """
    return directions_from_bytes(read_model_file(folder, card, name=DIRECTIONS_FILE), card)


def directions_from_bytes(raw: bytes, card: ModelCard) -> DirectionSet:
    """Give mean, axes and directions of their file's bytes; raises as `read_directions` does."""
    try:
        directions = directions_format.from_tensors(*parse_tensors(raw))
    except ValueError as error:
        raise ModelError(
            f"“{DIRECTIONS_FILE}” of the model “{card.name}” cannot be read: {error}.", _AGAIN
        ) from error
    if directions.mean_D.size != card.w:
        raise ModelError(
            f"“{DIRECTIONS_FILE}” does not fit the model “{card.name}”: other width.", _AGAIN
        )
    hashes = card.graphs[MAPPING_FILE], card.graphs[SYNTHESIS_FILE]
    if model_hash(*hashes, mean_D=directions.mean_D) != card.model:
        raise ModelError(
            f"The files of the model “{card.name}” do not belong to one another.", _AGAIN
        )
    return directions


def read_closeness(folder: Path, card: ModelCard) -> Closeness | None:
    """Give the squares that a model learned from, to compare with; None when it brings none.

    Raises:
        ModelError: Its file is missing, damaged or not the card's.
    """
    if CLOSENESS_FILE not in card.graphs:
        return None
    raw = read_model_file(folder, card, name=CLOSENESS_FILE)
    try:
        return Closeness.from_tensors(*parse_tensors(raw, kinds=("F16", "F32", "U8")))
    except ValueError as error:
        raise ModelError(
            f"“{CLOSENESS_FILE}” of the model “{card.name}” cannot be read: {error}.", _AGAIN
        ) from error


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise ModelError(f"“{path.name}” is missing from the model folder.", _AGAIN)
        if path.stat().st_size > max_bytes:
            raise ModelError(f"“{path.name}” of this model is too large.", "Choose another model.")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(
            f"“{path.name}” of this model cannot be read ({reason}).",
            "Check that the disk is connected and that you may read it.",
        ) from error


def _decode(raw: bytes, kind: type[_T], *, name: str) -> _T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelError(f"“{name}” of this model cannot be read ({error}).", _AGAIN) from error
