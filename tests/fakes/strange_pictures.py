"""Picture files as strangers may send them: made by hand, chunk by chunk."""

import struct
import zlib
from collections.abc import Iterable

from studio.core.provenance import PIXELS_KEY, RECIPE_KEY

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes, *, is_sound: bool = True) -> bytes:
    """Give a PNG chunk; an unsound one has a wrong checksum."""
    checksum = zlib.crc32(kind + data) ^ (0 if is_sound else 1)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png(texts: Iterable[bytes] = (), *, side: int = 4, colour: bytes = b"\x40\x80\xc0") -> bytes:
    """Give a PNG of one colour with these chunks before its pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * side) * side
    parts = [PNG_HEAD, chunk(b"IHDR", header), *texts, chunk(b"IDAT", zlib.compress(rows))]
    return b"".join([*parts, chunk(b"IEND", b"")])


def plain_text(key: str, text: bytes) -> bytes:
    """Give a tEXt chunk."""
    return chunk(b"tEXt", key.encode() + b"\0" + text)


def small_text(key: str, text: bytes) -> bytes:
    """Give a zTXt chunk."""
    return chunk(b"zTXt", key.encode() + b"\0\0" + zlib.compress(text, 9))


def wide_text(key: str, text: bytes, *, is_small: bool = False, is_sound: bool = True) -> bytes:
    """Give an iTXt chunk, compressed or not."""
    flag = b"\1" if is_small else b"\0"
    body = zlib.compress(text, 9) if is_small else text
    return chunk(b"iTXt", key.encode() + b"\0" + flag + b"\0\0\0" + body, is_sound=is_sound)


def with_recipe(recipe: bytes, pixels: str = "") -> bytes:
    """Give a PNG that carries this text as its recipe."""
    texts = [wide_text(RECIPE_KEY, recipe)]
    if pixels:
        texts.append(wide_text(PIXELS_KEY, pixels.encode()))
    return png(texts)


def many_texts(num: int) -> bytes:
    """Give a PNG with that many text chunks."""
    return png(plain_text(f"k{i}", b"x") for i in range(num))


def text_bomb(key: str = RECIPE_KEY, num_bytes: int = 200_000_000) -> bytes:
    """Give a PNG whose text inflates to 200 MB."""
    return png([small_text(key, b"0" * num_bytes)])


def pixel_bomb(side: int = 30_000) -> bytes:
    """Give a PNG of 900 million pixels in a few hundred KB."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    parts = [PNG_HEAD, chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"".join(parts)
