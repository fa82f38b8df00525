"""Animated GIF and WebP written picture by picture, so that a long film needs no more memory.

Pillow encodes each picture; here its bytes are put into one file. The file must allow seeking.
"""

import io
import struct
from typing import BinaryIO, Final

from PIL import Image

from studio.core.arrays import Picture
from studio.files.images import srgb_profile

MAX_GIF_SIDE_PX: Final = 65_535
MAX_WEBP_SIDE_PX: Final = 16_383
_MAX_COMMENT_BLOCK: Final = 255
_GIF_TRAILER: Final = b";"
# Source: WebP container specification, "Extended file format": ICC 0x20, XMP 0x04, animation 0x02.
_WEBP_FLAGS: Final = 0x26
_NO_BLENDING: Final = 0x02  # each picture covers the one before


class GifWriter:
    """An animated GIF that goes round for ever; each picture has its own 256 colours.

    Source: GIF89a specification; the Netscape application block says how often it goes round.
    """

    def __init__(self, file: BinaryIO, *, size: tuple[int, int], comment: str) -> None:
        """Write the head.

        Args:
            file: Where to, at its start.
            size: Width and height in pixels.
            comment: Who made it.
        """
        self._file = file
        file.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0x70, 0, 0))
        file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
        raw = comment.encode()
        if raw:
            blocks = (
                raw[at : at + _MAX_COMMENT_BLOCK] for at in range(0, len(raw), _MAX_COMMENT_BLOCK)
            )
            parts = b"".join(bytes([len(block)]) + block for block in blocks)
            file.write(b"!\xfe" + parts + b"\x00")

    def add(self, picture: Picture, hundredths: int) -> None:
        """Add a picture that is shown for so many hundredths of a second."""
        table, body = _gif_parts(picture)
        self._file.write(b"!\xf9\x04\x04" + struct.pack("<H", hundredths) + b"\x00\x00")
        height, width = picture.shape[:2]
        depth = (len(table) // 3 - 1).bit_length()
        self._file.write(struct.pack("<cHHHHB", b",", 0, 0, width, height, 0x80 | (depth - 1)))
        self._file.write(table + body)

    def close(self) -> None:
        """Write the end."""
        self._file.write(_GIF_TRAILER)


class WebpWriter:
    """An animated WebP that goes round for ever.

    Source: WebP container specification, chunks VP8X, ICCP, ANIM, ANMF and XMP.
    """

    def __init__(
        self, file: BinaryIO, *, size: tuple[int, int], quality: int, xmp: bytes = b""
    ) -> None:
        """Write the head.

        Args:
            file: Where to, at its start.
            size: Width and height in pixels.
            quality: 1…100; 100 is without loss.
            xmp: What it says about itself.
        """
        self._file, self._quality, self._xmp = file, quality, xmp
        flags = _WEBP_FLAGS if xmp else _WEBP_FLAGS & ~0x04
        width, height = size
        file.write(b"RIFF\x00\x00\x00\x00WEBP")
        body = struct.pack("<I", flags) + _int24(width - 1) + _int24(height - 1)
        self._chunk(b"VP8X", body)
        self._chunk(b"ICCP", srgb_profile())
        self._chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, 0))

    def add(self, picture: Picture, duration_ms: int) -> None:
        """Add a picture that is shown for so many milliseconds."""
        height, width = picture.shape[:2]
        head = _int24(0) * 2 + _int24(width - 1) + _int24(height - 1) + _int24(duration_ms)
        target = io.BytesIO()
        is_exact = self._quality >= 100
        image = Image.fromarray(picture)
        image.save(target, "WEBP", quality=self._quality, lossless=is_exact, method=3)
        self._chunk(b"ANMF", head + bytes([_NO_BLENDING]) + _webp_body(target.getvalue()))

    def close(self) -> None:
        """Write the end, and how long the file is into its head."""
        if self._xmp:
            self._chunk(b"XMP ", self._xmp)
        end = self._file.tell()
        self._file.seek(4)
        self._file.write(struct.pack("<I", end - 8))
        self._file.seek(end)

    def _chunk(self, name: bytes, body: bytes) -> None:
        self._file.write(name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2))


def _gif_parts(picture: Picture) -> tuple[bytes, bytes]:
    """Give the colour table and the packed picture of a GIF that Pillow made."""
    target = io.BytesIO()
    image = Image.fromarray(picture).quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
    image.save(target, "GIF", optimize=False)
    content = target.getvalue()
    packed = content[10]
    table_end = 13 + 3 * (2 << (packed & 7))
    table = content[13:table_end]
    at = table_end
    while content[at : at + 1] == b"!":  # extensions of a still: none that we need
        at += 2
        while content[at]:
            at += content[at] + 1
        at += 1
    return table, content[at + 10 :].removesuffix(_GIF_TRAILER)


def _webp_body(content: bytes) -> bytes:
    """Give the picture's own chunks of a still WebP, without what is about the file."""
    at, body = 12, b""
    while at < len(content):
        name, length = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        end = at + 8 + length + length % 2
        if name in (b"VP8 ", b"VP8L", b"ALPH"):
            body += content[at:end]
        at = end
    return body


def _int24(number: int) -> bytes:
    return struct.pack("<I", number)[:3]
