"""Finds the XMP packet of a PSD file, with bounds on every length; no layer is looked at.

Source: Adobe Photoshop File Formats Specification, "File Header Section", "Color Mode Data
Section", "Image Resources Section" and "Image Resource Blocks".
"""

import struct
from collections.abc import Iterator
from typing import Final

SIGNATURE: Final = b"8BPS"
MAX_RESOURCES: Final = 4096
MAX_XMP_BYTES: Final = 8 * 1024 * 1024
_HEADER_BYTES: Final = 26
_XMP: Final = 1060


def psd_packets(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give ("xmp", bytes) of the packet, nothing when there is none.

    Raises:
        ValueError: A length does not fit, or there is too much.
        struct.error: Cut off.
    """
    (num_colour_bytes,) = struct.unpack_from(">I", content, _HEADER_BYTES)
    place = _HEADER_BYTES + 4 + num_colour_bytes
    (num_bytes,) = struct.unpack_from(">I", content, place)
    place += 4
    end = place + num_bytes
    if end > len(content):
        raise ValueError("the resources are cut off")
    for _ in range(MAX_RESOURCES):
        if place >= end:
            return
        (number,) = struct.unpack_from(">H", content, place + 4)
        name_bytes = content[place + 6] + 1
        place += 6 + name_bytes + name_bytes % 2
        (size,) = struct.unpack_from(">I", content, place)
        place += 4
        if place + size > end:
            raise ValueError("a resource is cut off")
        if number == _XMP:
            if size > MAX_XMP_BYTES:
                raise ValueError("the packet is too large")
            yield "xmp", content[place : place + size]
            return
        place += size + size % 2
    raise ValueError("too many resources")
