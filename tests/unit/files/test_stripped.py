"""A file without its words keeps every bit of its picture, and nothing else."""

import contextlib
import io
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from studio.core.arrays import pixel_hash
from studio.core.errors import PictureError
from studio.core.provenance import SOURCE_TYPE, credit_only
from studio.core.xmp import xmp_packet
from studio.export.stills import Format, StillSettings, encode_still
from studio.files.deep_images import decode_png16, decode_tiff
from studio.files.images import decode_picture
from studio.files.stripped import strip_words
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import CARD, MODEL, picture_of, recipe_of

PACKET = xmp_packet(credit_only(CARD), with_recipe=False)
KINDS: tuple[Format, ...] = get_args(Format)


def still(kind: Format, *, bits: int = 8) -> bytes:
    settings = StillSettings(format=kind, bits=16 if bits == 16 else 8)
    return encode_still(picture_of(1, 48), recipe=recipe_of(7), card=CARD, settings=settings)


def said_in(content: bytes, original: bytes) -> list[str]:
    """Give the secrets that are still in a file, in any spelling that a program writes."""
    pixels = pixel_hash(decode_picture(original))
    secrets = (MODEL[:10], "Seed", "Truncation", "studio:", "parameters", "Latent", pixels[:16],
               SOURCE_TYPE, "c2pa")  # fmt: skip
    spellings = ("utf-8", "utf-16-be", "utf-16-le")
    return [one for one in secrets if any(one.encode(how) in content for how in spellings)]


@pytest.mark.parametrize("packet", ["", PACKET])
@pytest.mark.parametrize("kind", KINDS)
def test_the_recipe_goes_from_every_format_and_the_picture_stays(kind: Format, packet: str) -> None:
    original = still(kind)
    assert len(said_in(original, original)) >= 5
    stripped = strip_words(original, packet)
    assert said_in(stripped, original) == []
    assert read_recipe_text(stripped).recipe is None
    assert (CARD.credit.encode() in stripped) == bool(packet)
    np.testing.assert_array_equal(decode_picture(stripped), decode_picture(original))
    with Image.open(io.BytesIO(stripped)) as image:
        image.load()
        assert image.info["icc_profile"]
        assert not image.getexif().get_ifd(ExifTags.IFD.Exif)


def test_sixteen_bits_stay_sixteen() -> None:
    png, tiff = still("png", bits=16), still("tiff", bits=16)
    np.testing.assert_array_equal(decode_png16(strip_words(png)), decode_png16(png))
    np.testing.assert_array_equal(decode_tiff(strip_words(tiff)), decode_tiff(tiff))


def test_words_of_other_programs_go_too() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("prompt", "{}")
    texts.add_text("Comment", "home of anna", zip=True)
    target = io.BytesIO()
    Image.fromarray(picture_of(1, 20)).save(target, "PNG", pnginfo=texts)
    stripped = strip_words(target.getvalue() + b"appended secret")
    assert b"prompt" not in stripped
    assert b"appended" not in stripped
    with Image.open(io.BytesIO(stripped)) as image:
        image.load()
        assert image.info == {}


def test_a_photograph_keeps_the_way_it_is_held_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSDateStamp] = "2026:11:24"
    target = io.BytesIO()
    Image.fromarray(picture_of(1, 40)[:24]).save(
        target, "JPEG", exif=exif.tobytes(), progressive=True, comment=b"mine"
    )
    stripped = strip_words(target.getvalue())
    assert b"2026" not in stripped
    assert b"mine" not in stripped
    np.testing.assert_array_equal(decode_picture(stripped), decode_picture(target.getvalue()))


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"II*\0",
                                     b"\0\0\0\x1cftypavif\0\0\0\xffmeta", b"MM\0*\0\0\0\x08\xff\xff"])  # fmt: skip
def test_what_is_no_whole_picture_is_a_sentence_or_stays_small(content: bytes) -> None:
    with contextlib.suppress(PictureError):
        assert len(strip_words(content)) <= len(content)


@given(kind=st.sampled_from(KINDS), places=st.lists(st.integers(0, 10**6), max_size=6),
       level=st.integers(0, 255))  # fmt: skip
def test_no_damage_makes_more_than_a_sentence(kind: Format, places: list[int], level: int) -> None:
    content = bytearray(_STILLS[kind])
    for place in places:
        content[place % len(content)] = level
    with contextlib.suppress(PictureError):
        strip_words(bytes(content), PACKET)


_STILLS = {kind: still(kind) for kind in KINDS}
