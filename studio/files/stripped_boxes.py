"""An AVIF without words: Exif, XMP and signature overwritten where they lie.

Nothing is moved: the picture's own places are counted from the beginning of the file.

Source: ISO/IEC 14496-12 §4.2 (boxes), §8.11.3 (iloc), §8.11.6 (iinf).
"""

import struct
from collections.abc import Iterator
from typing import Final

_NO_EXIF: Final = b"\0\0\0\0MM\0*\0\0\0\x08" + bytes(6)  # a directory without entries
_MAX_BOXES: Final = 4096


def strip_avif(content: bytes, packet: bytes) -> bytes:
    """Give the file without words; `packet` takes the place of the XMP before it, if it fits.

    Raises:
        ValueError: The file is damaged.
        struct.error: The same.
        IndexError: The same.
    """
    file = bytearray(content)
    for kind, start, begin, end in _boxes(content, 0):
        if kind == b"uuid":  # Content Credentials
            file[start + 4 : start + 8] = b"free"
            file[begin:end] = bytes(end - begin)
        if kind == b"meta":
            _strip_items(file, packet, begin=begin + 4, end=end)
    return bytes(file)


def _strip_items(file: bytearray, packet: bytes, *, begin: int, end: int) -> None:
    """Overwrite the Exif and XMP that the box of metadata between two places tells of."""
    content = bytes(file)
    kinds: dict[int, bytes] = {}
    extents: dict[int, list[tuple[int, int]]] = {}
    for kind, _, inside, last in _boxes(content[:end], begin):
        if kind == b"iinf":
            kinds = _item_kinds(content[:last], inside)
        if kind == b"iloc":
            extents = _item_extents(content, inside)
    for item, kind in kinds.items():
        if kind not in (b"Exif", b"mime"):
            continue
        new = _NO_EXIF if kind == b"Exif" else packet
        blank = b"\0" if kind == b"Exif" else b" "
        for at, length in extents.get(item, []):
            room = len(file[at : at + length])
            file[at : at + room] = (new if len(new) <= room else b"").ljust(room, blank)
            new = b""


def _item_kinds(content: bytes, begin: int) -> dict[int, bytes]:
    """Give item id → four letters of its kind."""
    first = begin + (6 if content[begin] == 0 else 8)
    kinds = {}
    for kind, _, inside, _ in _boxes(content, first):
        if kind == b"infe" and content[inside] in (2, 3):
            form, skip = (">H", 4) if content[inside] == 2 else (">I", 6)
            (item,) = struct.unpack_from(form, content, inside + 4)
            kinds[item] = content[inside + 4 + skip : inside + 8 + skip]
    return kinds


def _item_extents(content: bytes, begin: int) -> dict[int, list[tuple[int, int]]]:
    """Give item id → places in the file, for items that lie in the file itself."""
    version = content[begin]
    sizes = content[begin + 4] >> 4, content[begin + 4] & 15, content[begin + 5] >> 4
    index_bytes = content[begin + 5] & 15 if version else 0
    at = begin + 6

    def number(length: int) -> int:
        nonlocal at
        at += length
        if at > len(content):
            raise ValueError("a place is cut off")
        return int.from_bytes(content[at - length : at], "big")

    wide = 4 if version == 2 else 2
    found: dict[int, list[tuple[int, int]]] = {}
    for _ in range(min(number(wide), _MAX_BOXES)):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(sizes[2])
        places = []
        for _ in range(min(number(2), _MAX_BOXES)):
            number(index_bytes)
            offset = base + number(sizes[0])
            places.append((offset, number(sizes[1])))
        if method == 0:
            found[item] = places
    return found


def _boxes(content: bytes, begin: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Give kind, start, begin and end of the contents of each box from a place to the end."""
    end = len(content)
    for _ in range(_MAX_BOXES):
        if begin + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", content, begin)
        inside = begin + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, inside)
            inside += 8
        last = end if length == 0 else begin + length
        if last > end or last < inside:
            raise ValueError("a box is cut off")
        yield kind, begin, inside, last
        begin = last
    raise ValueError("too many boxes")
