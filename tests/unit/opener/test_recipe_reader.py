"""Our words are found in every format, and a stranger's words cost one sentence at most."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from studio.core.provenance import (
    PARAMETERS_KEY,
    PIXELS_KEY,
    RECIPE_KEY,
    SOURCE_TYPE,
    provenance_of,
)
from studio.core.recipe import Recipe, new_recipe
from studio.core.recipe_json import MAX_RECIPE_BYTES, recipe_to_json
from studio.files.images import encode_jpeg, encode_png, encode_webp
from studio.opener.recipe_reader import MAX_CHUNKS, MAX_PARAMETERS, read_recipe_text
from tests.fakes import strange_pictures as strange
from tests.fakes.galleries import CARD, MODEL, picture_of, recipe_of
from tests.fakes.recipes import recipes

TEXT = recipe_to_json(recipe_of(7)).encode()
ENCODERS = {"png": encode_png, "jpeg": encode_jpeg, "webp": encode_webp}


def refusal(content: bytes) -> str:
    found = read_recipe_text(content)
    assert found.recipe is None
    assert found.refused is not None
    assert found.refused.what.endswith(".")
    assert found.refused.way_out.endswith(".")
    return found.refused.what


# ----------------------------------------------------------------------------------- our own


@pytest.mark.parametrize("kind", ENCODERS)
@given(recipe=recipes())
def test_a_recipe_comes_back_from_every_format(kind: str, recipe: Recipe) -> None:
    picture = picture_of(1, 8)
    provenance = provenance_of(recipe, CARD, size=(8, 8), pixels="cd" * 32)
    found = read_recipe_text(ENCODERS[kind](picture, provenance))
    assert found.refused is None
    assert found.recipe is not None
    assert found.recipe.recipe == recipe
    assert found.pixel_hash == "cd" * 32
    assert found.parameters == provenance.parameters
    assert found.made_with == ""


@pytest.mark.parametrize("kind", ENCODERS)
def test_without_a_recipe_only_credit_and_source_type_are_inside(kind: str) -> None:
    provenance = provenance_of(None, CARD, size=(8, 8), pixels="cd" * 32)
    content = ENCODERS[kind](picture_of(1, 8), provenance)
    found = read_recipe_text(content)
    assert (found.recipe, found.refused, found.parameters, found.pixel_hash) == (None, None, "", "")
    assert SOURCE_TYPE.encode() in content
    assert CARD.credit.encode() in content
    assert MODEL[:10].encode() not in content


@pytest.mark.parametrize("make", [strange.plain_text, strange.small_text, strange.wide_text])
def test_each_kind_of_text_chunk_is_read(make: type) -> None:
    found = read_recipe_text(strange.png([make(RECIPE_KEY, TEXT)]))
    assert found.recipe is not None
    assert found.recipe.recipe == recipe_of(7)


def test_a_compressed_wide_text_is_read() -> None:
    found = read_recipe_text(strange.png([strange.wide_text(RECIPE_KEY, TEXT, is_small=True)]))
    assert found.recipe is not None


def test_a_cut_off_picture_keeps_its_recipe() -> None:
    provenance = provenance_of(recipe_of(7), CARD, size=(64, 64), pixels="")
    content = encode_png(picture_of(1, 64), provenance)
    found = read_recipe_text(content[: len(content) // 2])
    assert found.recipe is not None


def test_other_programs_are_named_and_their_words_shown() -> None:
    found = read_recipe_text(
        strange.png(
            [strange.plain_text("prompt", b"{}"), strange.plain_text("parameters", b"a cat")]
        )
    )
    assert (found.made_with, found.parameters, found.recipe) == ("ComfyUI", "a cat", None)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\x89PNG", b"\xff\xd8", b"RIFF\0\0\0\0WEBP", b"GIF89a"]
)
def test_what_says_nothing_is_no_news(content: bytes) -> None:
    found = read_recipe_text(content)
    assert (found.recipe, found.refused) == (None, None)


# ----------------------------------------------------------------------------------- strangers


def test_100_000_text_chunks_are_one_sentence() -> None:
    content = strange.many_texts(100_000)
    began = time.monotonic()
    assert str(MAX_CHUNKS) in refusal(content)
    assert time.monotonic() - began < 0.5


def test_a_text_bomb_is_one_sentence_and_never_inflated() -> None:
    content = strange.text_bomb()
    assert len(content) < 300_000
    began = time.monotonic()
    assert "large" in refusal(content)
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("kind", ["wide", "plain"])
def test_a_recipe_of_two_megabytes_is_one_sentence(kind: str) -> None:
    make = strange.wide_text if kind == "wide" else strange.plain_text
    assert "large" in refusal(strange.png([make(RECIPE_KEY, b" " * (2 * MAX_RECIPE_BYTES))]))


def test_a_wrong_checksum_is_one_sentence() -> None:
    content = strange.png([strange.wide_text(RECIPE_KEY, TEXT, is_sound=False)])
    assert "damaged" in refusal(content)


def test_a_stream_that_is_cut_is_one_sentence() -> None:
    data = RECIPE_KEY.encode() + b"\0\0" + zlib.compress(TEXT)[:-9]
    assert "damaged" in refusal(strange.png([strange.chunk(b"zTXt", data)]))


@pytest.mark.parametrize(
    "recipe",
    [
        b"[" * 5000,
        b'{"a":' * 5000,
        b"nonsense",
        b"\xff\xfe\xfd",
        b'{"schema":1,"model":NaN}',
        b'{"schema":1,"psi":[1e999,0,0]}',
        TEXT.replace(b'"psi"', b'"path":"/etc/passwd","psi"'),
        TEXT.replace(b"0.7", b"9.7"),
        b"",
    ],
)
def test_a_hostile_recipe_is_one_sentence(recipe: bytes) -> None:
    refusal(strange.with_recipe(recipe))


def test_a_length_that_leaves_the_file_ends_the_walk() -> None:
    content = strange.PNG_HEAD + struct.pack(">I", 2**31) + b"iTXt" + TEXT
    assert read_recipe_text(content).recipe is None


def test_an_endless_jpeg_is_one_sentence() -> None:
    content = b"\xff\xd8" + b"\xff\xe1\x00\x02" * 100_000
    assert str(MAX_CHUNKS) in refusal(content)


def test_entities_in_xmp_cannot_grow() -> None:
    body = b'<x studio:recipe="' + b"&lol9;" * 1000 + b'"/>'
    packet = b"http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY lol9 'ha'>]>" + body
    content = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + b"\xff\xda"
    assert "JSON" in refusal(content)


def test_a_newer_recipe_says_what_it_left_out() -> None:
    newer = TEXT.replace(b'"schema":1', b'"schema":3,"mood":1')
    found = read_recipe_text(strange.with_recipe(newer))
    assert found.recipe is not None
    assert found.recipe.unknown_fields == ("mood",)
    assert found.recipe.recipe == new_recipe(MODEL, 7)


def test_a_pixel_hash_that_is_none_is_left_out() -> None:
    texts = [strange.wide_text(PIXELS_KEY, b"../../x"), strange.plain_text(PARAMETERS_KEY, b"p")]
    found = read_recipe_text(strange.png(texts))
    assert (found.pixel_hash, found.parameters) == ("", "p")


@given(st.sampled_from(sorted(ENCODERS)), st.data())
def test_any_damage_is_a_good_recipe_or_a_sentence(kind: str, data: st.DataObject) -> None:
    provenance = provenance_of(recipe_of(7), CARD, size=(8, 8), pixels="cd" * 32)
    raw = bytearray(ENCODERS[kind](np.zeros((8, 8, 3), dtype=np.uint8), provenance))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    read_recipe_text(bytes(raw[:cut] if data.draw(st.booleans()) else raw))


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF\0\0\0\0WEBP"]), st.binary())
def test_any_bytes_after_a_head_are_read_without_an_error(head: bytes, rest: bytes) -> None:
    read_recipe_text(head + rest)


@pytest.mark.parametrize("packs", [False, True])
def test_five_megabytes_of_parameters_cost_the_picture_nothing(packs: bool) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text(PARAMETERS_KEY, "Seed: 3 " * 650_000, zip=packs)
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "PNG", pnginfo=texts)
    found = read_recipe_text(target.getvalue())
    assert found.refused is None
    assert found.parameters.startswith("Seed: 3 ")
    assert len(found.parameters) == MAX_PARAMETERS


def test_an_xmp_bomb_is_text_and_nothing_grows() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
    packet = f"<!DOCTYPE x [{entities}]><x:xmpmeta studio:recipe='&a29;'/>"
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "JPEG", xmp=packet.encode())
    found = read_recipe_text(target.getvalue())
    assert found.recipe is None
    assert found.refused is not None  # "&a29;" is no recipe
