"""The safetensors format, read without trusting it: a header, and views of the bytes after it.

Source: the safetensors format: a little-endian u64 header length, a JSON header, the bytes.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

MAX_HEADER_BYTES: Final = 1024 * 1024
_TYPES: Final[Mapping[str, str]] = MappingProxyType({"F32": "<f4", "F16": "<f2", "U8": "u1"})


class _TensorEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def parse_tensors(
    raw: bytes, *, kinds: Collection[str] = ("F32",)
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Give the tensors (read-only views of `raw`) and the metadata of a safetensors file.

    Args:
        raw: The whole file.
        kinds: Which types of numbers may be in it, of F32, F16 and U8.

    Raises:
        ValueError: Not that format, a tensor of another type, or one that lies outside.
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
    return {name: _tensor(body, entry, kinds=kinds) for name, entry in entries.items()}, metadata


def _tensor(body: memoryview, entry: _TensorEntry, *, kinds: Collection[str]) -> NDArray[Any]:
    begin, end = entry.data_offsets
    num_values = 1
    for side in entry.shape:
        if side < 0:
            raise ValueError("a tensor has a negative size")
        num_values *= side
    if entry.dtype not in kinds:
        raise ValueError(f"a tensor is not of the type {' or '.join(kinds)}")
    kind = np.dtype(_TYPES[entry.dtype])
    if not 0 <= begin <= end <= len(body) or end - begin != kind.itemsize * num_values:
        raise ValueError("a tensor does not fit into the file")
    return np.frombuffer(body[begin:end], dtype=kind).reshape(entry.shape)
