"""Recipes, pictures and other single files that try something, under whatever name."""

import base64
import struct
import zlib
from collections.abc import Iterator

import msgspec

from studio.core.provenance import PARAMETERS_KEY, RECIPE_KEY
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_to_json
from tests.fakes.strange_pictures import (
    PNG_HEAD,
    chunk,
    many_texts,
    pixel_bomb,
    png,
    small_text,
    text_bomb,
    wide_text,
    with_recipe,
)

GADGETS = {
    "GLOBAL": b"cos\nsystem\n(S'id'\ntR.",
    "INST": b"(S'id'\nios\nsystem\n.",
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
    "BUILD": b"\x80\x02cbuiltins\nobject\n)\x81}X\x01\x00\x00\x00aX\x01\x00\x00\x00bsb.",
    "OBJ": b"(cos\nsystem\nS'id'\no.",
    "NEWOBJ_EX": b"\x80\x04\x8c\x02os\x8c\x06system\x93)}\x92.",
    "EXT1": b"\x80\x02\x82\x01.",
    "PERSID": b"\x80\x02Pabc\n.",
    "BINPERSID": b"\x80\x02K\x01Q.",
    "indirect": b"\x80\x03cbuiltins\ngetattr\ncos\npath\nX\x04\x00\x00\x00join\x86R.",
    "eval": b"cbuiltins\neval\n(S'1'\ntR.",
    "reduce of a list": b"(lp0\ncos\nsystem\n(S'id'\ntRa.",
}


def hostile_recipes() -> Iterator[tuple[str, bytes]]:
    """Give the JSON of recipes that must be refused."""
    whole = recipe_to_json(new_recipe("ab" * 32, 7)).encode()

    def changed(**fields: object) -> bytes:
        return msgspec.json.encode({**msgspec.json.decode(whole), **fields})

    yield "deep list", b"[" * 5000
    yield "deep object", b'{"a":' * 5000
    yield "NaN", whole.replace(b'"psi":[', b'"psi":[NaN,', 1)
    yield "1e999", changed(psi=[0, 0, 0]).replace(b'"psi":[0', b'"psi":[1e999')
    yield "6,000 digits", changed(psi=[0, 0, 0]).replace(b'"psi":[0', b'"psi":[' + b"9" * 6000)
    yield "infinity", changed(psi=[0, 0, 0]).replace(b'"psi":[0', b'"psi":[Infinity')
    yield "path as a model", changed(model="../../etc/passwd")
    yield "address as a model", changed(model="https://evil.example/model.onnx")
    yield "program as a model", changed(model="$(touch /tmp/canary)")
    yield "field for a path", changed(load="/etc/passwd")
    yield "no object", b'"recipe"'
    yield "huge text", changed(model="a" * 2_000_000)
    yield "psi of 10", changed(psi=[10, 10, 10])
    yield "negative seed", changed(sources=[{"seed": -1, "shares": [1, 1, 1]}])
    yield "no source", changed(sources=[])
    yield "a thousand sources", changed(sources=[{"seed": 1, "shares": [1, 1, 1]}] * 1000)
    yield (
        "stored latent of NaN",
        changed(sources=[{"w": base64.b64encode(b"\xff" * 64).decode(), "shares": [1, 1, 1]}]),
    )
    yield "stored latent that is no base64", changed(sources=[{"w": "!!!", "shares": [1, 1, 1]}])
    yield "not UTF-8", b'{"schema":1,"model":"\xff\xfe"}'
    yield "program", GADGETS["GLOBAL"]


def hostile_pictures() -> Iterator[tuple[str, bytes]]:
    """Give pictures whose words, or which themselves, must be refused."""
    for name, raw in hostile_recipes():
        yield f"recipe: {name}", with_recipe(raw)
    yield "100,000 texts", many_texts(100_000)
    yield "text that inflates to 20 MB", text_bomb(num_bytes=20_000_000)
    yield "the same in iTXt", png([wide_text(RECIPE_KEY, b"0" * 20_000_000, is_small=True)])
    yield "parameters that inflate", png([small_text(PARAMETERS_KEY, b"0" * 20_000_000)])
    yield "profile that inflates", _profile_bomb()
    yield (
        "900 million pixels",
        PNG_HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)),
    )
    yield "169 million pixels", pixel_bomb(13_000)
    yield "recipe with a wrong checksum", png([wide_text(RECIPE_KEY, b"{}", is_sound=False)])
    yield "chunk over the end", PNG_HEAD + b"\x7f\xff\xff\xffiTXt" + b"x" * 50
    yield "width of 0", PNG_HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 4, 8, 2, 0, 0, 0))
    yield "JPEG of nothing", b"\xff\xd8\xff\xe1\xff\xff" + b"x" * 100
    yield "JPEG with 300 segments", b"\xff\xd8" + b"\xff\xe1\x00\x04xx" * 300
    yield "WebP with a lie", b"RIFF\x10\0\0\0WEBPXMP \xff\xff\xff\x7f" + b"x" * 50
    yield "TIFF with a lie", b"II*\0\xff\xff\xff\x7f" + b"x" * 50
    yield "TIFF with 60,000 tags", b"II*\0\x08\0\0\0" + b"\xff\xea" + b"\xbc\x02" * 30_000
    yield "AVIF of nothing", b"\0\0\0\x1cftypavif" + b"x" * 100
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run"
    yield (
        "SVG with entities",
        (
            b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>'
        ),
    )
    yield "icon of a Mac", b"icns\0\0\x10\0ic10\xff\xff\xff\xff"
    yield "PDF", b"%PDF-1.4 /OpenAction"


def hostile_weights() -> Iterator[tuple[str, bytes]]:
    """Give files that are programs, or may be, whatever they are called."""
    for name, raw in GADGETS.items():
        yield f"pickle with {name}", raw
    for protocol in range(1, 6):
        yield f"pickle of protocol {protocol}", b"\x80" + bytes([protocol]) + b"}."
    yield "HDF5 with a lambda", b"\x89HDF\r\n\x1a\n" + b"\0" * 100
    yield "numpy of objects", b"\x93NUMPY\x01\0v\0{'descr': '|O', 'shape': (1,)}"
    yield "TensorRT engine", b"ftrt" + b"\0" * 100
    yield "program", b"\x7fELF\x02\x01\x01" + b"\0" * 100
    yield "program of Windows", b"MZ\x90\0" + b"\0" * 100
    yield "script", b"#!/bin/sh\ntouch /tmp/canary\n"
    yield "packed program", b"\x1f\x8b\x08\0" + b"\0" * 100
    yield "7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 100
    yield "RAR", b"Rar!\x1a\x07\x01\0" + b"\0" * 100
    yield "tar", b"x".ljust(257, b"\0") + b"ustar\0" + b"\0" * 300
    yield "weights without a network", (2).to_bytes(8, "little") + b"{}"
    yield "text", b'{"schema": 1}'
    yield "noise", bytes(range(200, 256)) * 10


def _profile_bomb() -> bytes:
    packed = zlib.compress(b"0" * 20_000_000, 9)
    return png([chunk(b"iCCP", b"x\0\0" + packed)])
