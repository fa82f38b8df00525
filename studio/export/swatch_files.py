"""Palettes as files: GIMP and Krita (.gpl), Adobe Swatch Exchange (.ase), Photoshop (.aco)."""

import struct
from collections.abc import Sequence
from typing import Final

from studio.export.palette import Swatch, palette_of
from studio.export.set_files import SetFile, SetPicture, credit_of
from studio.export.set_settings import PaletteSettings
from studio.export.stills import StillSettings

# Source: the published description of Adobe Swatch Exchange 1.0: block types and colour type.
_GROUP_START: Final = 0xC001
_GROUP_END: Final = 0xC002
_COLOUR_ENTRY: Final = 0x0001
_NORMAL: Final = 2


def palette_files(
    pictures: Sequence[SetPicture],
    settings: PaletteSettings,
    *,
    stem: str,
    still: StillSettings = StillSettings(),  # noqa: B008 - frozen
) -> tuple[SetFile, ...]:
    """Give a file for each wished format, with the colours of all pictures."""
    swatches = palette_of([one.picture for one in pictures], settings.num_colours)
    credit = credit_of(pictures, still=still)
    content = {
        "gpl": encode_gpl(swatches, name=stem, credit=credit),
        "ase": encode_ase(swatches, name=stem),
        "aco": encode_aco(swatches),
    }
    return tuple(SetFile(f"{stem}.{kind}", content[kind]) for kind in settings.formats)


def encode_gpl(swatches: Sequence[Swatch], *, name: str, credit: str = "") -> bytes:
    """Give a GIMP palette; Krita, Inkscape, MyPaint and Aseprite read it, too.

    Source: developer.gimp.org, "GIMP Palette File Format" (GPL).
    """
    lines = ["GIMP Palette", f"Name: {_one_line(name)}", f"Columns: {min(16, len(swatches))}"]
    lines += [f"# {_one_line(credit)}"] * bool(credit)
    lines += [f"{one.red:3d} {one.green:3d} {one.blue:3d}\t{one.hex}" for one in swatches]
    return ("\n".join(lines) + "\n").encode()


def encode_ase(swatches: Sequence[Swatch], *, name: str) -> bytes:
    """Give an Adobe Swatch Exchange file with one group, for Illustrator, InDesign, Affinity.

    Source: the published description of Adobe Swatch Exchange 1.0 (big endian; names in UTF-16
    with a zero at their end, their length in letters with it; colours as four-letter model and
    float32 in 0…1).
    """
    blocks = [_ase_block(_GROUP_START, _ase_text(name))]
    for one in swatches:
        levels = struct.pack(">4s3f", b"RGB ", one.red / 255, one.green / 255, one.blue / 255)
        body = _ase_text(one.hex) + levels + struct.pack(">H", _NORMAL)
        blocks.append(_ase_block(_COLOUR_ENTRY, body))
    blocks.append(_ase_block(_GROUP_END, b""))
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def encode_aco(swatches: Sequence[Swatch]) -> bytes:
    """Give a Photoshop colour file: version 1, and behind it version 2 with names.

    Source: Adobe Photoshop File Formats Specification, "Color Swatches" (colour space 0 is RGB,
    each level 16 bits; version 2 adds names in UTF-16 with a zero at their end).
    """
    first, second = [struct.pack(">HH", 1, len(swatches))], [struct.pack(">HH", 2, len(swatches))]
    for one in swatches:
        colour = struct.pack(">5H", 0, 257 * one.red, 257 * one.green, 257 * one.blue, 0)
        letters = one.hex.encode("utf-16-be") + b"\0\0"
        first.append(colour)
        second.append(colour + struct.pack(">I", len(letters) // 2) + letters)
    return b"".join(first + second)


def _ase_block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HI", kind, len(body)) + body


def _ase_text(text: str) -> bytes:
    letters = text.encode("utf-16-be", "replace") + b"\0\0"
    return struct.pack(">H", len(letters) // 2) + letters


def _one_line(text: str) -> str:
    return " ".join(text.split())
