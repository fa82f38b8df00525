"""Finds what a picture file says in words, with a walker of our own and limits on everything.

No picture is decoded here, and nothing that a file says is believed: lengths are compared with
the file, inflating stops at a limit, checksums must match, and a recipe is read as
`core.recipe_json` does. A picture whose words are refused is still a picture.

Sources: PNG 3rd edition §5 and §11.3.3; JPEG T.81 §B.1.1; RIFF WebP container specification;
TIFF 6.0 §2; XMP specification part 3, §3 (TIFF) and §1.2 (packet scanning); reliability.md §2.2 I6.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from html import unescape
from typing import Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.provenance import PARAMETERS_KEY, PIXELS_KEY, RECIPE_KEY
from studio.core.recipe_json import MAX_RECIPE_BYTES, ReadRecipe, recipe_from_json
from studio.opener.psd_walk import SIGNATURE as PSD_SIGNATURE
from studio.opener.psd_walk import psd_packets

MAX_CHUNKS: Final = 256
MAX_COMPRESSED_BYTES: Final = 1024 * 1024
MAX_PARAMETERS: Final = 64 * 1024
MAX_TOTAL_BYTES: Final = 8 * 1024 * 1024

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_STILL_A_PICTURE: Final = "Use it as a picture, or ask its maker for the recipe again."
_XMP_JPEG: Final = b"http://ns.adobe.com/xap/1.0/\0"
_TIFF_XMP: Final = 700
_XMP_RECIPE: Final = re.compile(r"\sstudio:recipe=(\"[^\"]*\"|'[^']*')")
_XMP_PIXELS: Final = re.compile(r"\sstudio:pixels=[\"']([0-9a-f]{64})[\"']")
_OTHERS: Final = {
    "prompt": "ComfyUI",
    "workflow": "ComfyUI",
    "invokeai_metadata": "InvokeAI",
    "sd-metadata": "InvokeAI",
}


class FoundTexts(msgspec.Struct, frozen=True):
    """What a file says in words.

    Attributes:
        recipe: Our recipe, checked; None when there is none, or it was refused.
        pixel_hash: Hash of the pixels at the time of saving, "" when it is not said.
        parameters: The readable text that programs of this kind write, for showing.
        refused: Why the words were refused; None when nothing was.
        made_with: Name of another program whose own recipe was seen, "" when none was.
    """

    recipe: ReadRecipe | None = None
    pixel_hash: str = ""
    parameters: str = ""
    refused: RecipeError | None = None
    made_with: str = ""


def read_recipe_text(content: bytes) -> FoundTexts:
    """Give what a PNG, JPEG, WebP, TIFF, AVIF or PSD says in words; else nothing. Never raises."""
    try:
        texts = _texts_of(content)
        raw = texts.get(RECIPE_KEY)
        recipe = recipe_from_json(raw) if raw is not None else None
    except RecipeError as error:
        return FoundTexts(refused=error)
    except (struct.error, zlib.error, UnicodeError, ValueError, IndexError):
        return FoundTexts(refused=_damaged())
    pixels = texts.get(PIXELS_KEY, "")
    return FoundTexts(
        recipe=recipe,
        pixel_hash=pixels if re.fullmatch("[0-9a-f]{64}", pixels) else "",
        parameters=texts.get(PARAMETERS_KEY, "")[:MAX_PARAMETERS],
        made_with=next((name for key, name in _OTHERS.items() if key in texts), ""),
    )


def _texts_of(content: bytes) -> dict[str, str]:
    if content.startswith(_PNG):
        return _png_texts(content)
    if content.startswith(b"\xff\xd8"):
        return _packets_to_texts(_jpeg_packets(content))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _packets_to_texts(_webp_packets(content))
    if content[:4] in (b"II*\0", b"MM\0*"):
        return _packets_to_texts(_tiff_packets(content))
    if content.startswith(PSD_SIGNATURE):
        return _packets_to_texts(psd_packets(content))
    if content[4:12] == b"ftypavif":
        return _packets_to_texts(_scanned_packets(content))
    return {}


def _damaged() -> RecipeError:
    return RecipeError("The recipe in this picture is damaged.", _STILL_A_PICTURE)


def _too_many() -> RecipeError:
    return RecipeError(
        f"This picture holds more than {MAX_CHUNKS} pieces of text, so none was read.",
        _STILL_A_PICTURE,
    )


def _too_large() -> RecipeError:
    return RecipeError("The recipe in this picture is too large to be read.", _STILL_A_PICTURE)


# ------------------------------------------------------------------------------------------- PNG


def _png_texts(content: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    num_texts = num_bytes = 0
    wanted = {RECIPE_KEY, PIXELS_KEY, PARAMETERS_KEY, *_OTHERS}
    for kind, begin, end in _png_chunks(content):
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        num_texts += 1
        if num_texts > MAX_CHUNKS:
            raise _too_many()
        key = content[begin : min(end, begin + 80)].partition(b"\0")[0].decode("latin-1")
        if key not in wanted or key in texts:
            continue
        if key in _OTHERS:
            texts[key] = ""
            continue
        if key == PARAMETERS_KEY:  # only to be shown: what is wrong with it costs nothing else
            texts[key] = _shown_text(kind, content[begin:end])
            continue
        num_bytes += end - begin
        if end - begin > MAX_COMPRESSED_BYTES + 256 or num_bytes > MAX_TOTAL_BYTES:
            raise _too_large()
        if zlib.crc32(content[begin - 4 : end]) != int.from_bytes(content[end : end + 4], "big"):
            raise _damaged()
        texts[key] = _chunk_text(kind, content[begin:end])
    return texts


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give kind, begin and end of each chunk's data; stops where the file is cut off.

    Chunks that are not text are passed over without limit: an IDAT may be cut small.
    """
    position = len(_PNG)
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        kind = content[position + 4 : position + 8]
        begin = position + 8
        if length > len(content) - begin - 4 or kind == b"IEND":
            return
        yield kind, begin, begin + length
        position = begin + length + 4


def _chunk_text(kind: bytes, data: bytes) -> str:
    rest = data.partition(b"\0")[2]
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        if rest[:1] != b"\0":
            raise _damaged()
        return _inflate(rest[1:]).decode("latin-1")
    is_compressed, method = rest[0], rest[1]
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if is_compressed:
        if method != 0:
            raise _damaged()
        text = _inflate(text)
    return text.decode("utf-8")


def _shown_text(kind: bytes, data: bytes) -> str:
    """Give the beginning of a text of any length, "" when it is damaged."""
    rest = data.partition(b"\0")[2]
    is_packed, coding = kind == b"zTXt", "latin-1"
    if kind == b"iTXt":
        is_packed, coding = rest[:1] == b"\1", "utf-8"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif is_packed:
        rest = rest[1:]
    try:
        if is_packed:
            rest = zlib.decompressobj().decompress(rest, MAX_PARAMETERS)
    except zlib.error:
        return ""
    return rest[:MAX_PARAMETERS].decode(coding, "replace")


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    text = inflater.decompress(data, MAX_RECIPE_BYTES + 1)
    if len(text) > MAX_RECIPE_BYTES or inflater.unconsumed_tail:
        raise _too_large()
    if not inflater.eof:
        raise _damaged()
    return text


# ------------------------------------------------------------------------------- JPEG and WebP


def _jpeg_packets(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give ("xmp" or "exif", bytes) of each APP1 segment before the picture itself."""
    position = 2
    for _ in range(MAX_CHUNKS):
        if position + 4 > len(content) or content[position] != 0xFF:
            return
        marker = content[position + 1]
        if marker == 0xDA:  # the picture begins
            return
        (length,) = struct.unpack_from(">H", content, position + 2)
        data = content[position + 4 : position + 2 + length]
        if marker == 0xE1 and data.startswith(_XMP_JPEG):
            yield "xmp", data[len(_XMP_JPEG) :]
        elif marker == 0xE1 and data.startswith(b"Exif\0\0"):
            yield "exif", data[6:]
        position += 2 + max(length, 2)
    raise _too_many()


def _webp_packets(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give ("xmp" or "exif", bytes) of each such chunk."""
    position = 12
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(content):
            return
        kind = content[position : position + 4]
        (length,) = struct.unpack_from("<I", content, position + 4)
        begin = position + 8
        if length > len(content) - begin:
            return
        if kind in (b"XMP ", b"EXIF"):
            if length > 2 * MAX_COMPRESSED_BYTES:
                raise _too_large()
            data = content[begin : begin + length]
            yield ("xmp", data) if kind == b"XMP " else ("exif", data.removeprefix(b"Exif\0\0"))
        position = begin + length + length % 2
    raise _too_many()


def _packets_to_texts(packets: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for kind, data in packets:
        if kind == "exif":
            if comment := _user_comment(data):
                texts.setdefault(PARAMETERS_KEY, comment)
            continue
        # An attribute of our own, looked up as text: an XML parser would be one more thing to
        # attack. `unescape` knows only the entities, and cannot be made to grow.
        packet = data.decode("utf-8")
        if found := _XMP_RECIPE.search(packet):
            texts.setdefault(RECIPE_KEY, unescape(found.group(1)[1:-1]))
        if found := _XMP_PIXELS.search(packet):
            texts.setdefault(PIXELS_KEY, found.group(1))
    return texts


def _user_comment(tiff: bytes) -> str:
    """Give Exif's UserComment, "" when there is none. Source: Exif 2.32 §4.6; TIFF 6.0 §2."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) > MAX_COMPRESSED_BYTES:
        return ""
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        details = _tag(tiff, order, at=first, tag=0x8769)
        if details is None:
            return ""
        place = _tag(tiff, order, at=details[1], tag=0x9286)
        if place is None:
            return ""
        raw = tiff[place[1] : place[1] + min(place[0], 2 * MAX_PARAMETERS)]
        if raw.startswith(b"UNICODE\0"):
            return raw[8:].decode("utf-16-be" if order == ">" else _utf16(raw[8:]), "replace")
        return raw[8:].decode("latin-1") if raw.startswith(b"ASCII\0\0\0") else ""
    except (struct.error, IndexError):
        return ""


def _utf16(raw: bytes) -> str:
    """Give the byte order of UTF-16 text: writers put either into little-endian Exif."""
    return "utf-16-be" if raw[:1] == b"\0" else "utf-16-le"


def _tag(tiff: bytes, order: str, *, at: int, tag: int) -> tuple[int, int] | None:
    """Give count and value (or offset) of a tag in the directory at an offset."""
    (num_entries,) = struct.unpack_from(f"{order}H", tiff, at)
    for i in range(min(num_entries, MAX_CHUNKS)):
        number, _, count, value = struct.unpack_from(f"{order}HHII", tiff, at + 2 + 12 * i)
        if number == tag:
            return count, value
    return None


# ---------------------------------------------------------------------------------- TIFF and AVIF


def _tiff_packets(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give ("xmp", bytes) of tag 700 in the first directory."""
    order = "<" if content.startswith(b"II") else ">"
    (place,) = struct.unpack_from(f"{order}I", content, 4)
    (num_entries,) = struct.unpack_from(f"{order}H", content, place)
    if num_entries > MAX_CHUNKS:
        raise _too_many()
    for number in range(num_entries):
        entry = place + 2 + 12 * number
        tag, kind, count, begin = struct.unpack_from(f"{order}HHII", content, entry)
        if tag != _TIFF_XMP or kind not in (1, 7) or count <= 4:
            continue
        if count > MAX_COMPRESSED_BYTES * 2:
            raise _too_large()
        yield "xmp", content[begin : begin + count]


def _scanned_packets(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give ("xmp", bytes) of the first packet that lies open in the file."""
    begin = content.find(b"<x:xmpmeta")
    end = content.find(b"</x:xmpmeta>", begin) if begin >= 0 else -1
    if end < 0:
        return
    if end - begin > MAX_COMPRESSED_BYTES * 2:
        raise _too_large()
    yield "xmp", content[begin : end + len(b"</x:xmpmeta>")]
