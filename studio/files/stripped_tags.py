"""A TIFF without words: their tags taken out of its directories, their bytes overwritten.

Source: TIFF 6.0 §2; Exif 2.32 §4.6.3; C2PA specification 2.2 §A.3.3 (tag 52545).
"""

import struct
from typing import Final

_MAX_DIRECTORIES: Final = 64
_XMP_TAG: Final = 700
# What describes, dates, names or signs.
_WORDS: Final = frozenset(
    (
        *(269, 270, 271, 272, 285, 305, 306, 315, 316, _XMP_TAG, 32932, 33432),
        # IPTC, Photoshop, Exif, GPS, the same once more inside Exif, Content Credentials
        *(33723, 34377, 34665, 34853, 37510, 37724, 40965, 50341, 52545),
    )
)
_PRIVATE: Final = 65000
_UNIT_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_POINTS_ON: Final = (34665, 34853, 40965)


def strip_tiff(content: bytes, packet: bytes) -> bytes:
    """Give the file without words; `packet` takes the place of the XMP before it, if it fits.

    Raises:
        ValueError: The file is damaged.
        struct.error: The same.
    """
    order = "<" if content.startswith(b"II") else ">"
    file = bytearray(content)
    (place,) = struct.unpack_from(f"{order}I", file, 4)
    for number in range(_MAX_DIRECTORIES):
        if not place:
            return bytes(file)
        place = _strip_directory(file, place, order=order, packet=packet if number == 0 else b"")
    raise ValueError("too many directories")


def _strip_directory(file: bytearray, place: int, *, order: str, packet: bytes) -> int:
    """Take the words out of a directory; gives where the next one is, 0 for none."""
    (count,) = struct.unpack_from(f"{order}H", file, place)
    entries = [bytes(file[at : at + 12]) for at in range(place + 2, place + 2 + 12 * count, 12)]
    end = place + 2 + 12 * count
    following = bytes(file[end : end + 4])
    kept = []
    for entry in entries:
        tag, kind, number, value = struct.unpack(f"{order}HHII", entry)
        if tag not in _WORDS and tag < _PRIVATE:
            kept.append(entry)
            continue
        length = _UNIT_BYTES.get(kind, 1) * number
        if tag in _POINTS_ON:
            _blank_directory(file, value, order=order)
        elif length > 4:
            room = file[value : value + length]
            takes = tag == _XMP_TAG and packet and len(packet) <= len(room)
            file[value : value + len(room)] = (packet if takes else b"").ljust(len(room), b"\0")
            if takes:
                kept.append(struct.pack(f"{order}HHII", tag, 1, len(packet), value))
    body = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + following
    file[place : end + 4] = body.ljust(end + 4 - place, b"\0")
    return int(struct.unpack(f"{order}I", following)[0])


def _blank_directory(file: bytearray, place: int, *, order: str) -> None:
    """Overwrite a directory that was pointed to, and what it points to."""
    (count,) = struct.unpack_from(f"{order}H", file, place)
    for at in range(place + 2, place + 2 + 12 * count, 12):
        _, kind, number, value = struct.unpack_from(f"{order}HHII", file, at)
        length = _UNIT_BYTES.get(kind, 1) * number
        if length > 4:
            room = len(file[value : value + length])
            file[value : value + room] = bytes(room)
    end = min(place + 2 + 12 * count + 4, len(file))
    file[place:end] = bytes(end - place)
