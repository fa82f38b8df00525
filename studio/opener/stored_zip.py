"""Zips whose members are stored as they are, read as views: nothing is unpacked.

Source: PKWARE's APPNOTE.TXT 6.3, §4.3 (local headers, central directory, end record).
"""

import itertools
import struct
from typing import Final

_LOCAL: Final = b"PK\x03\x04"
_ENTRY: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_MAX_REMARK_BYTES: Final = 65_535
MAX_MEMBERS: Final = 20_000


def is_zip(content: memoryview) -> bool:
    """Tell whether a file begins as a zip does."""
    return bytes(content[:4]) == _LOCAL


def read_stored_zip(content: memoryview) -> dict[str, memoryview]:
    """Give the members of a zip by name, as views of it.

    Raises:
        ValueError: Damaged, packed or locked members, one name twice, or members that overlap.
    """
    window = bytes(content[-(_END_BYTES + _MAX_REMARK_BYTES) :])
    found = window.rfind(_END)
    if found < 0 or len(window) - found < _END_BYTES:
        raise ValueError("it is a damaged or cut off zip")
    count, size, begin = struct.unpack_from("<HII", window, found + 10)
    if count > MAX_MEMBERS or begin + size > len(content):
        raise ValueError("it is a damaged or far too large zip")
    members: dict[str, memoryview] = {}
    spans: list[tuple[int, int]] = []
    place = begin
    for _ in range(count):
        name, header, num_bytes, place = _read_entry(content, place)
        if name in members:
            raise ValueError("it is a zip that holds one name twice")
        first, end = _span(content, header, num_bytes=num_bytes, limit=begin)
        spans.append((header, end))
        members[name] = content[first:end]
    spans.sort()
    if any(after[0] < before[1] for before, after in itertools.pairwise(spans)):
        raise ValueError("it is a zip whose members overlap")
    return members


def _read_entry(content: memoryview, place: int) -> tuple[str, int, int, int]:
    """Give name, place of the local header and size of one member, and where the next entry is."""
    if place + 46 > len(content) or bytes(content[place : place + 4]) != _ENTRY:
        raise ValueError("it is a damaged zip")
    flags, method = struct.unpack_from("<HH", content, place + 8)
    packed, size, num_name, num_extra, num_remark = struct.unpack_from(
        "<IIHHH", content, place + 20
    )
    (header,) = struct.unpack_from("<I", content, place + 42)
    if flags & 1 or method != 0 or packed != size:
        raise ValueError("it is a zip with packed or locked members, which torch does not write")
    name = bytes(content[place + 46 : place + 46 + num_name])
    return name.decode("utf-8"), header, size, place + 46 + num_name + num_extra + num_remark


def _span(content: memoryview, header: int, *, num_bytes: int, limit: int) -> tuple[int, int]:
    """Give the first byte of a member and the one behind it."""
    if header + 30 > limit or bytes(content[header : header + 4]) != _LOCAL:
        raise ValueError("it is a damaged zip")
    num_name, num_extra = struct.unpack_from("<HH", content, header + 26)
    first: int = header + 30 + num_name + num_extra
    if first + num_bytes > limit:
        raise ValueError("it is a damaged zip: a member reaches beyond it")
    return first, first + num_bytes
