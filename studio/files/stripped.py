"""A picture file without what it says about itself; of the picture no bit is changed.

The file is walked, never decoded. What is not needed to show the picture goes: everything that is
not on a short list in PNG, JPEG and WebP; in TIFF and AVIF, where places in the file are counted,
the words are overwritten where they lie.

Sources: PNG 3rd edition §5; JPEG T.81 §B.1; RIFF WebP container specification; TIFF 6.0 §2;
ISO/IEC 14496-12 §8.11 (meta, iinf, iloc).
"""

import struct
import zlib
from typing import Final

from studio.core.errors import PictureError
from studio.core.provenance import XMP_KEY
from studio.files.stripped_boxes import strip_avif
from studio.files.stripped_tags import strip_tiff

_PNG: Final = b"\x89PNG\r\n\x1a\n"
# The picture itself, its colours and its animation.
_PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
_WEBP_KEPT: Final = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
_WEBP_SAYS: Final = 0x08 | 0x04  # VP8X flags: Exif, XMP
_XMP_JPEG: Final = b"http://ns.adobe.com/xap/1.0/\0"
_ORIENTATION: Final = 0x0112


def strip_words(content: bytes, packet: str = "") -> bytes:
    """Give the file without texts, Exif, XMP, signature and thumbnails.

    Args:
        content: A whole PNG, JPEG, WebP, TIFF or AVIF.
        packet: XMP to put in instead, "" for none.

    Raises:
        PictureError: It is none of these, or damaged.
    """
    try:
        if content.startswith(_PNG):
            return _strip_png(content, packet.encode())
        if content.startswith(b"\xff\xd8"):
            return _strip_jpeg(content, packet.encode())
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _strip_webp(content, packet.encode())
        if content[:4] in (b"II*\0", b"MM\0*"):
            return strip_tiff(content, packet.encode())
        if content[4:12] == b"ftypavif":
            return strip_avif(content, packet.encode())
    except (struct.error, IndexError, ValueError) as error:
        raise PictureError("The picture is damaged.", "Choose another picture.") from error
    raise PictureError(
        "Words can be taken out of PNG, JPEG, WebP, TIFF and AVIF pictures.",
        "Save it as one of these first.",
    )


def _strip_png(content: bytes, packet: bytes) -> bytes:
    kept, position = [_PNG], len(_PNG)
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        kind, end = content[position + 4 : position + 8], position + 12 + length
        if end > len(content):
            raise ValueError("a chunk is cut off")
        if kind in _PNG_KEPT:
            kept.append(content[position:end])
        if kind == b"IHDR" and packet:
            kept.append(_png_chunk(b"iTXt", XMP_KEY.encode() + b"\0\0\0\0\0" + packet))
        if kind == b"IEND":
            return b"".join(kept)
        position = end
    raise ValueError("the end is missing")


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _strip_jpeg(content: bytes, packet: bytes) -> bytes:
    """Walk the segments; what is packed between them (after SOS) is passed over byte by byte."""
    kept, position, said = [b"\xff\xd8"], 2, []
    if packet:
        said.append(_jpeg_segment(_XMP_JPEG + packet))
    while True:
        if content[position] != 0xFF:
            raise ValueError("no segment begins here")
        marker = content[position + 1]
        if marker == 0xD9:
            return b"".join((*kept[:1], *said, *kept[1:], b"\xff\xd9"))
        (length,) = struct.unpack_from(">H", content, position + 2)
        data = content[position + 4 : position + 2 + length]
        end = position + 2 + length
        if marker == 0xDA:
            end = _end_of_scan(content, end)
        if marker == 0xE1 and data.startswith(b"Exif\0\0") and (turned := _turned(data[6:])):
            said.append(turned)
        is_words = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not is_words or marker in (0xE0, 0xEE) or data.startswith(b"ICC_PROFILE\0"):
            kept.append(content[position:end])
        position = end


def _end_of_scan(content: bytes, position: int) -> int:
    """Give where the next marker stands that is neither a stuffed byte nor a restart."""
    while True:
        position = content.index(b"\xff", position)
        following = content[position + 1]
        if following not in (0x00, 0xFF) and not 0xD0 <= following <= 0xD7:
            return position
        position += 1 if following == 0xFF else 2


def _jpeg_segment(data: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def _turned(tiff: bytes) -> bytes:
    """Give a segment that says only how the camera was held, b"" where it was held upright."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    (at,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for number in range(min(count, 256)):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
        if tag == _ORIENTATION and 2 <= value <= 8:
            entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, value, 0)
            head = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1)
            return _jpeg_segment(head + entry + b"\0\0\0\0")
    return b""


def _strip_webp(content: bytes, packet: bytes) -> bytes:
    body, position, has_head = bytearray(), 12, False
    while position + 8 <= len(content):
        kind = content[position : position + 4]
        (length,) = struct.unpack_from("<I", content, position + 4)
        data = bytearray(content[position + 8 : position + 8 + length])
        if len(data) < length:
            raise ValueError("a chunk is cut off")
        if kind == b"VP8X":
            has_head = True
            data[0] = data[0] & ~_WEBP_SAYS | (0x04 if packet else 0)
        if kind in _WEBP_KEPT:
            body += kind + struct.pack("<I", length) + data + b"\0" * (length % 2)
        position += 8 + length + length % 2
    if packet and has_head:  # only then is there a place for it
        body += b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + bytes(body)
