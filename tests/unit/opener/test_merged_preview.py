"""Of a stranger's layers only the merged picture is read, within limits, or one sentence is said."""

import io
import random
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from studio.core.errors import PictureError
from studio.files.images import decode_picture, encode_png
from studio.opener import merged_preview
from studio.opener.host import answer_for
from studio.opener.merged_preview import MERGED_NAME, unwrapped
from studio.opener.psd_walk import MAX_RESOURCES, psd_packets
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import picture_of
from tests.fakes.layered_pictures import layered, layered_file, layers_of, plain_layer

PICTURE = encode_png(picture_of(1))


def refusal(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        unwrapped(content)
    assert caught.value.what.endswith(".")
    assert caught.value.way_out.endswith(".")
    return caught.value.what


@pytest.mark.parametrize("kind", ["image/openraster", "application/x-krita"])
@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_merged_picture_of_another_program_is_found(kind: str, how: int) -> None:
    content = layers_of(("stack.xml", b"<image/>"), (MERGED_NAME, PICTURE), kind=kind, how=how)
    assert unwrapped(content) == PICTURE


def test_what_is_no_file_of_layers_stays_as_it_is() -> None:
    plain_zip = io.BytesIO()
    with zipfile.ZipFile(plain_zip, "w") as archive:
        archive.writestr("a", b"b")
    for content in (PICTURE, b"", b"PK", plain_zip.getvalue(), layers_of(kind="text/plain")):
        assert unwrapped(content) is content


def test_without_a_merged_picture_it_says_so() -> None:
    assert "no merged picture" in refusal(layers_of(("stack.xml", b"<image/>")))


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = layers_of((MERGED_NAME, PICTURE), (MERGED_NAME, PICTURE))
    assert "damaged" in refusal(content)


def test_a_bomb_is_stopped_while_it_inflates() -> None:
    zeros = bytes(20_000_000)
    content = layers_of((MERGED_NAME, zeros), how=zipfile.ZIP_DEFLATED)
    assert "too large" in refusal(content)


def test_what_is_larger_than_any_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merged_preview, "MAX_MERGED_BYTES", len(PICTURE) - 1)
    assert "too large" in refusal(layers_of((MERGED_NAME, PICTURE)))


def test_a_long_list_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = layers_of((MERGED_NAME, PICTURE), ("a", b""), ("b", b""))

    def never(*_args: object) -> None:
        raise AssertionError("the list was read")

    monkeypatch.setattr(merged_preview, "MAX_MEMBERS", 3)
    monkeypatch.setattr(zipfile, "ZipFile", never)
    assert "more than 3 pieces" in refusal(content)
    monkeypatch.setattr(merged_preview, "MAX_MEMBERS", 4)
    monkeypatch.setattr(merged_preview, "MAX_DIRECTORY_BYTES", 100)
    assert "pieces" in refusal(content)


def _cut(content: bytes) -> bytes:
    return content[:-10]


def _encrypted(content: bytes) -> bytes:
    place = content.rindex(b"PK\1\2")
    return content[: place + 8] + b"\1\0" + content[place + 10 :]


def _other_method(content: bytes) -> bytes:
    place = content.rindex(b"PK\1\2")
    return content[: place + 10] + struct.pack("<H", 14) + content[place + 12 :]


def _lying_size(content: bytes) -> bytes:
    place = content.rindex(b"PK\1\2")
    return content[: place + 20] + struct.pack("<II", 2**31, 2**31) + content[place + 28 :]


@pytest.mark.parametrize("spoil", [_cut, _encrypted, _other_method, _lying_size])
def test_a_damaged_zip_is_one_sentence(spoil: Callable[[bytes], bytes]) -> None:
    refusal(spoil(layers_of((MERGED_NAME, PICTURE))))


def test_xml_is_never_looked_at() -> None:
    entities = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><image>&x;</image>'
    assert unwrapped(layers_of(("stack.xml", entities), (MERGED_NAME, PICTURE))) == PICTURE


# ---------------------------------------------------------------------------------- the opener


@pytest.mark.parametrize("kind", ["ora", "psd"])
def test_our_own_layers_give_recipe_and_unchanged_pixels(kind: str) -> None:
    one = layered()
    answer, pixels = answer_for(layered_file("psd" if kind == "psd" else "ora", one))
    assert answer.recipe_refused is None
    assert answer.picture_refused is None
    assert '"regions"' in answer.recipe
    assert (answer.shape, answer.is_whole) == ((48, 64), True)
    assert pixels == one.merged.tobytes()


def test_anothers_layers_are_a_picture_without_a_recipe() -> None:
    answer, pixels = answer_for(layers_of((MERGED_NAME, PICTURE)))
    assert (answer.recipe, answer.shape) == ("", (32, 32))
    assert pixels == picture_of(1).tobytes()


def test_layers_without_a_picture_are_one_sentence() -> None:
    answer, pixels = answer_for(layers_of(("stack.xml", b"")))
    assert answer.picture_refused is not None
    assert "merged picture" in answer.picture_refused.what
    assert pixels == b""


@pytest.mark.parametrize("kind", ["ora", "psd"])
def test_mutants_are_read_or_refused(kind: str, rounds: Callable[[int], int]) -> None:
    whole = layered_file("psd" if kind == "psd" else "ora", plain_layer(7))
    rng = random.Random(kind)
    for number in range(rounds(20_000)):
        content = bytearray(whole)
        begin = rng.choice((0, max(0, len(content) - 700), rng.randrange(len(content))))
        for _ in range(rng.choice((1, 3, 40))):
            place = min(begin + rng.randrange(700), len(content) - 1)
            content[place] = rng.choice((0, 255, rng.randrange(256)))
        if number % 5 == 0:
            del content[rng.randrange(len(content)) :]
        answer, pixels = answer_for(bytes(content))
        assert len(pixels) == answer.shape[0] * answer.shape[1] * 3
        told = answer.picture_refused
        assert pixels or (told is not None and told.what.endswith("."))


# ---------------------------------------------------------------------------------- PSD


def resources(*blocks: bytes) -> bytes:
    body = b"".join(blocks)
    return b"8BPS" + bytes(22) + struct.pack(">I", 0) + struct.pack(">I", len(body)) + body


def block(number: int, data: bytes, name: bytes = b"") -> bytes:
    named = bytes([len(name)]) + name
    named += bytes(len(named) % 2)
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + named
        + struct.pack(">I", len(data))
        + (data + bytes(len(data) % 2))
    )


def test_the_packet_is_found_behind_odd_blocks() -> None:
    content = resources(block(1005, b"abc"), block(1022, b"", b"even"), block(1060, b"<x/>"))
    assert list(psd_packets(content)) == [("xmp", b"<x/>")]
    assert list(psd_packets(resources(block(1005, b"abc")))) == []


@pytest.mark.parametrize(
    "content",
    [
        resources(block(1060, b"x" * 9))[:-4],
        resources(block(1005, b"")[:8] + struct.pack(">I", 2**31)),
        resources(*[block(1005, b"")] * (MAX_RESOURCES + 1)),
        b"8BPS",
    ],
)
def test_a_psd_whose_lengths_lie_is_one_sentence(content: bytes) -> None:
    found = read_recipe_text(content)
    assert found.recipe is None
    assert found.refused is not None
    assert "damaged" in found.refused.what


def test_a_psd_of_another_program_is_a_picture() -> None:
    target = io.BytesIO()
    PSDImage.frompil(Image.fromarray(picture_of(3))).save(target)
    content = target.getvalue()
    assert read_recipe_text(content).recipe is None
    assert read_recipe_text(content).refused is None
    assert np.array_equal(decode_picture(content), picture_of(3))
