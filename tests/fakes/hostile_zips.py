"""Zips that try something: names that leave, links, bombs, lies, programs, models that are none."""

import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from studio.core.model_card import CARD_FILE, DIRECTIONS_FILE, SYNTHESIS_FILE, encode_card
from studio.files.model_folder import read_card
from tests.fakes.hostile_graphs import changed, node

Members = dict[str, bytes]
SLIPS = (
    *("../card.json", "a/../../card.json", "/etc/cron.d/x", "C:\\x", "C:x", "..\\x", "\\\\host\\x"),
    *("a/./b", "a//b", "con", "NUL.txt", "com1.json", "lpt9", "x/aux.onnx", "nul .txt", "a:stream"),
)
_RUNS = b"cos\nsystem\n(S'touch /tmp/canary'\ntR."
_PROTO4 = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R."


def members_of(model: Path) -> Members:
    """Give the files of a model folder."""
    return {path.name: path.read_bytes() for path in sorted(model.iterdir())}


def packed(members: Members, *, kind: int = zipfile.ZIP_STORED) -> bytes:
    """Give a zip of these."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", kind) as target:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members.items():
            target.writestr(name, content)
    return file.getvalue()


def hostile_zips(model: Path) -> Iterator[tuple[str, bytes]]:
    """Give each file with a name for it.

    Args:
        model: A harmless model to begin with.
    """
    members = members_of(model)
    yield from _names(members)
    yield from _entries(members)
    yield from _directories(members)
    yield from _programs()
    yield from _models(model, members)


def _names(members: Members) -> Iterator[tuple[str, bytes]]:
    for slip in SLIPS:
        yield f"name {slip!r}", packed({**members, slip: b"x"})
    yield "name with a NUL", packed({**members, "xQcard": b"x"}).replace(b"xQcard", b"x\0card")
    yield "name twice", _twice(members, CARD_FILE)
    yield "name twice but for its case", packed({**members, "CARD.json": b"{}"})
    yield (
        "name twice but for its spelling",
        packed(
            {
                **members,
                "e\N{COMBINING ACUTE ACCENT}": b"",
                "\N{LATIN SMALL LETTER E WITH ACUTE}": b"",
            }
        ),
    )


def _twice(members: Members, name: str) -> bytes:
    file = io.BytesIO(packed(members))
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as target:
        warnings.simplefilter("ignore")
        target.writestr(name, b"{}")
    return file.getvalue()


def _entries(members: Members) -> Iterator[tuple[str, bytes]]:
    for word, mode in (("link", 0o120777), ("device", 0o020666), ("pipe", 0o010666)):
        entry = zipfile.ZipInfo("weights.onnx")
        entry.create_system, entry.external_attr = 3, mode << 16
        yield f"{word}", _with_entry(members, entry, b"/etc/passwd")
    yield "nested archive", packed({**members, "more.zip": packed({"x": b"y"})})
    yield "packed with bzip2", packed(members, kind=zipfile.ZIP_BZIP2)
    yield "packed with lzma", packed(members, kind=zipfile.ZIP_LZMA)
    zeros = b"\0" * 60_000_000
    yield "honest bomb", packed({**members, "zeros.bin": zeros}, kind=zipfile.ZIP_DEFLATED)
    bomb = {**members, SYNTHESIS_FILE: zeros}
    yield "bomb as a graph", packed(bomb, kind=zipfile.ZIP_DEFLATED)
    yield "bomb that lies about its size", _lie_about_size(packed(bomb, kind=zipfile.ZIP_DEFLATED))
    yield (
        "bomb as a card",
        packed({**members, CARD_FILE: b" " * 50_000_000}, kind=zipfile.ZIP_DEFLATED),
    )
    raw = bytearray(packed(members))
    raw[raw.find(b"PK\1\2") + 8] |= 1
    yield "locked with a password", bytes(raw)
    raw = bytearray(packed(members))
    raw[raw.find(members[SYNTHESIS_FILE]) + 100] ^= 0xFF
    yield "wrong checksum", bytes(raw)


def _with_entry(members: Members, entry: zipfile.ZipInfo, content: bytes) -> bytes:
    file = io.BytesIO(packed(members))
    with zipfile.ZipFile(file, "a") as target:
        target.writestr(entry, content)
    return file.getvalue()


def _lie_about_size(raw: bytes) -> bytes:
    """Give the zip with directory and header saying that everything in it is small."""
    changed_raw = bytearray(raw)
    for start, offset in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        place = changed_raw.find(start)
        while place >= 0:
            (size,) = struct.unpack_from("<I", changed_raw, place + offset)
            if size > 1_000_000:
                struct.pack_into("<I", changed_raw, place + offset, 1000)
            place = changed_raw.find(start, place + 4)
    return bytes(changed_raw)


def _directories(members: Members) -> Iterator[tuple[str, bytes]]:
    yield "20,001 files", packed({f"f{i}": b"" for i in range(20_001)})
    raw = packed(members)
    end = raw.rfind(b"PK\5\6")

    def with_end(offset: int, form: str, value: int) -> bytes:
        content = bytearray(raw)
        struct.pack_into(form, content, end + offset, value)
        return bytes(content)

    yield "directory of 1 GB", with_end(12, "<I", 1_000_000_000)
    yield "zip64 that is none", with_end(12, "<I", 0xFFFFFFFF)
    yield "65,535 files, they say", with_end(10, "<H", 0xFFFF)
    yield "directory before the file", with_end(16, "<I", 0xFFFFFFF0)
    yield "cut off in the middle", raw[: len(raw) // 2]
    yield "cut off at its end", raw[:-3]
    yield "only an end", raw[end:]
    yield "only a start", b"PK\3\4" + b"\0" * 500
    yield "a second end in the remark", _with_remark(raw, raw[end:])
    yield "files over one another", _overlapping()
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 100, 0)
    zip64 = bytearray(raw[:end] + wide + raw[end:])
    struct.pack_into("<H", zip64, len(raw[:end]) + len(wide) + 10, 0xFFFF)
    yield "a million million files", bytes(zip64)


def _with_remark(raw: bytes, remark: bytes) -> bytes:
    content = bytearray(raw)
    struct.pack_into("<H", content, len(raw) - 2, len(remark))
    return bytes(content) + remark


def _overlapping() -> bytes:
    """Give a zip whose directory names one member's bytes twice."""
    raw = packed({"card.json": b"{}", "b": b"x"})
    start, end = raw.find(b"PK\1\2"), raw.rfind(b"PK\5\6")
    second = raw.find(b"PK\1\2", start + 4)
    content = bytearray(raw[:end])
    struct.pack_into("<I", content, second + 42, 0)
    return bytes(content) + raw[end:]


def _programs() -> Iterator[tuple[str, bytes]]:
    yield "pickle in a zip", packed({"archive/data.pkl": _PROTO4, "archive/version": b"3"})
    yield "TorchScript", packed({"m/data.pkl": _PROTO4, "m/code/__torch__.py": b"import os"})
    yield "pickle named as weights", packed({"model/weights.pt": _PROTO4})
    yield "pickle as a card", packed({CARD_FILE: _RUNS})
    yield "numpy archive", packed({"arr_0.npy": b"\x93NUMPY\x01\0v\0{'descr': '|O'}"})
    yield "document", packed({"word/document.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]>"})
    yield "nothing", packed({})


def _models(model: Path, members: Members) -> Iterator[tuple[str, bytes]]:
    card = read_card(model)

    def with_card(raw: bytes) -> bytes:
        return packed({**members, CARD_FILE: raw})

    def with_fields(**fields: object) -> bytes:
        return with_card(msgspec.json.encode({**msgspec.to_builtins(card), **fields}))

    yield "deep card", with_card(b"[" * 5000)
    yield (
        "card of NaN",
        with_card(encode_card(card).replace(b'"export_error": null', b'"export_error": NaN')),
    )
    yield (
        "card of 1e999",
        with_card(encode_card(card).replace(b'"export_error": null', b'"export_error": 1e999')),
    )
    yield "card with a long number", with_fields(resolution=10**30)
    yield "card of the future", with_fields(schema=99)
    yield "card with more fields", with_fields(run="rm")
    yield "card that names a file outside", with_fields(graphs={**card.graphs, "../x": "0" * 64})
    yield "card that names a program", with_fields(graphs={**card.graphs, "start.sh": "0" * 64})
    yield "card of a picture without size", with_fields(resolution=0)
    yield "card of a picture of a mile", with_fields(resolution=10**6)
    yield "card without graphs", with_fields(graphs={})
    yield (
        "card of a missing file",
        packed({k: v for k, v in members.items() if k != SYNTHESIS_FILE}),
    )
    yield "two models", packed({**_below("a", members), **_below("b", members)})
    yield "changed graph", packed({**members, SYNTHESIS_FILE: members[SYNTHESIS_FILE] + b"\0"})
    for word, content in _swapped():
        graphs = {**card.graphs, SYNTHESIS_FILE: hashlib.sha256(content).hexdigest()}
        raw = encode_card(msgspec.structs.replace(card, graphs=graphs))
        yield word, packed({**members, CARD_FILE: raw, SYNTHESIS_FILE: content})
    for word, content in _tensor_lies(members[DIRECTIONS_FILE]):
        graphs = {**card.graphs, DIRECTIONS_FILE: hashlib.sha256(content).hexdigest()}
        raw = encode_card(msgspec.structs.replace(card, graphs=graphs))
        yield word, packed({**members, CARD_FILE: raw, DIRECTIONS_FILE: content})


def _below(folder: str, members: Members) -> Members:
    return {f"{folder}/{name}": content for name, content in members.items()}


def _swapped() -> Iterator[tuple[str, bytes]]:
    yield "graph with a loop", changed(node("Loop", "z"))
    yield (
        "graph with another file",
        changed(
            lambda model: model.graph.initializer[0].external_data.add(key="location", value="x")
        ),
    )
    yield "pickle as a graph", _PROTO4


def _tensor_lies(whole: bytes) -> Iterator[tuple[str, bytes]]:
    size = int.from_bytes(whole[:8], "little")
    header, body = whole[8 : 8 + size], whole[8 + size :]

    def made(head: bytes, rest: bytes = body) -> bytes:
        return len(head).to_bytes(8, "little") + head + rest

    yield "tensors with a header of 8 GB", (1 << 33).to_bytes(8, "little") + whole[8:]
    yield "tensors that lie outside", made(header.replace(b"[0,", b"[99999999,"))
    yield "tensors of NaN", made(header, b"\xff" * len(body))
    yield "tensors in deep words", made(b"[" * 3000)
    yield "tensors of another kind", made(header.replace(b"F32", b"F64"))
