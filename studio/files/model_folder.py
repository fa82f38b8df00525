"""A model folder is read: its card, and its other files compared with the card.

Every refusal is a `ModelError` that names the file and says what to do.
"""

import hashlib
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np

from studio.core import directions as directions_format
from studio.core.directions import DirectionSet, FloatArray
from studio.core.errors import ModelError
from studio.core.model_card import (
    CARD_FILE,
    CARD_SCHEMA,
    DIRECTIONS_FILE,
    MAPPING_FILE,
    SYNTHESIS_FILE,
    ModelCard,
    model_hash,
)

# A card with twenty sources and their credits has some 10 KB.
MAX_CARD_BYTES: Final = 1024 * 1024
# Ours are ≤ 16 MiB (DESIGN §5); foreign generators of 1024 px have some 120 MiB.
MAX_FILE_BYTES: Final = 1024 * 1024 * 1024
MAX_HEADER_BYTES: Final = 1024 * 1024

_AGAIN: Final = "Install the model again."
_T = TypeVar("_T")


class _TensorEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def read_card(folder: Path) -> ModelCard:
    """Give the checked card of a model folder.

    Raises:
        ModelError: No such folder, no card, a card that is damaged, newer, or contradicts itself.
    """
    if not folder.is_dir():
        raise ModelError(f"There is no model in “{folder.name}”.", "Choose another model.")
    raw = _read(folder / CARD_FILE, MAX_CARD_BYTES)
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
        raise ModelError(f"“{name}” of the model “{card.name}” is damaged or was changed.", _AGAIN)
    return raw


def read_directions(folder: Path, card: ModelCard) -> DirectionSet:
    """Give the mean, axes and directions of a model.

    Raises:
        ModelError: The file is missing, damaged or not the card's, or the model's hash does not
            follow from the graphs and the mean.
    """
    raw = read_model_file(folder, card, name=DIRECTIONS_FILE)
    try:
        directions = directions_format.from_tensors(*parse_safetensors(raw))
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


def parse_safetensors(raw: bytes) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """Give the float32 tensors (read-only views) and the metadata of a safetensors file.

    Source: the safetensors format: a little-endian u64 header length, a JSON header, the bytes.

    Raises:
        ValueError: Not that format, a tensor that is not float32, or one that lies outside.
    """
    if len(raw) < 8:
        raise ValueError("it is shorter than its header")
    num_header = int.from_bytes(raw[:8], "little")
    if num_header > min(MAX_HEADER_BYTES, len(raw) - 8):
        raise ValueError("its header is longer than the file")
    body = memoryview(raw)[8 + num_header :]
    try:
        fields = msgspec.json.decode(raw[8 : 8 + num_header], type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(fields.pop("__metadata__", b"{}"), type=dict[str, str])
        entries = {
            name: msgspec.json.decode(entry, type=_TensorEntry) for name, entry in fields.items()
        }
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("its header is damaged") from error
    return {name: _tensor(body, entry) for name, entry in entries.items()}, metadata


def _tensor(body: memoryview, entry: _TensorEntry) -> FloatArray:
    begin, end = entry.data_offsets
    num_values = 1
    for side in entry.shape:
        if side < 0:
            raise ValueError("a tensor has a negative size")
        num_values *= side
    if entry.dtype != "F32" or not 0 <= begin <= end <= len(body) or end - begin != 4 * num_values:
        raise ValueError("a tensor is not float32 or does not fit into the file")
    return np.frombuffer(body[begin:end], dtype="<f4").reshape(entry.shape)


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
