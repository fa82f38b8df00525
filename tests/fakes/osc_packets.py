"""Hostile OSC packets: each breaks one rule that a reader may forget."""

import struct
from collections.abc import Iterator

_SEED = b"/studio/seed\0\0\0\0"
_SLIDER = b"/studio/slider/1\0\0\0\0"


def _bundle(*elements: bytes) -> bytes:
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def _nested(depth: int) -> bytes:
    packet = _SEED + b",i\0\0" + struct.pack(">i", 7)
    for _ in range(depth):
        packet = _bundle(packet)
    return packet


def hostile_packets() -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of packets of which no message may be taken."""
    yield "one zero", b"\0"
    yield "text", b"hello"
    yield "no end", b"/studio/seed"
    yield "no tags' end", _SEED + b",i"
    yield "no comma", _SEED + b"i\0\0\0" + bytes(4)
    yield "cut number", _SEED + b",i\0\0" + b"\0\0"
    yield "no number", _SEED + b",i\0\0"
    yield "too long", _SEED + b",i\0\0" + bytes(8)
    yield "nan", _SLIDER + b",f\0\0" + struct.pack(">f", float("nan"))
    yield "infinite", _SLIDER + b",f\0\0" + struct.pack(">f", float("inf"))
    yield "infinite double", _SLIDER + b",d\0\0" + struct.pack(">d", float("-inf"))
    yield "text argument", _SEED + b",s\0\0" + b"/etc/passwd\0"
    yield "symbol", _SEED + b",S\0\0" + b"abc\0"
    yield "blob", _SEED + b",b\0\0" + struct.pack(">i", 4) + b"abcd"
    yield "huge blob", _SEED + b",b\0\0" + struct.pack(">i", 2**31 - 1)
    yield "negative blob", _SEED + b",b\0\0" + struct.pack(">i", -1)
    for tag in b"TFNIrcmt":
        yield f"tag {tag:c}", _SEED + b"," + bytes([tag]) + b"\0\0" + bytes(8)
    yield "array", _SEED + b",[i]\0\0\0\0" + bytes(4)
    yield "unclosed arrays", _SEED + b"," + b"[" * 60 + b"\0\0\0"
    yield "65 numbers", _SEED + b"," + b"i" * 65 + b"\0\0" + bytes(4 * 65)
    seed = _SEED + b",i\0\0" + struct.pack(">i", 7)
    yield "9 KiB", _bundle(*[seed] * 330)
    yield "bundle size beyond its end", _bundle(seed)[:16] + struct.pack(">i", 64) + seed
    yield "pattern", b"/studio/*\0\0\0" + b",i\0\0" + bytes(4)
    yield "pattern class", b"/studio/[a-z]\0\0\0" + b",i\0\0" + bytes(4)
    yield "alternatives", b"/studio/{seed,psi}\0\0" + b",i\0\0" + bytes(4)
    yield "long address", b"/" + b"a" * 200 + b"\0\0\0" + b",i\0\0" + bytes(4)
    yield "no slash", b"studio/seed\0" + b",i\0\0" + bytes(4)
    yield "space", b"/studio/se ed\0\0\0" + b",i\0\0" + bytes(4)
    yield "not ASCII", "/studio/种子".encode() + b"\0\0\0" + b",i\0\0" + bytes(4)
    yield "padding that is not zero", b"/studio/seed\0abc" + b",i\0\0" + bytes(4)
    yield "bundle without an end", b"#bundle\0" + bytes(4)
    yield "bundle size negative", b"#bundle\0" + bytes(8) + struct.pack(">i", -8) + bytes(8)
    yield "bundle size huge", b"#bundle\0" + bytes(8) + struct.pack(">i", 2**31 - 4) + bytes(8)
    yield "bundle size odd", b"#bundle\0" + bytes(8) + struct.pack(">i", 3) + b"abc"
    yield "bundle size zero", b"#bundle\0" + bytes(8) + bytes(4)
    yield "bundle size cut", b"#bundle\0" + bytes(8) + b"\0\0"
    yield "nested five deep", _nested(5)
    yield "nested as deep as it fits", _nested(400)


def stranger_messages() -> Iterator[tuple[str, tuple[float, ...]]]:
    """Give addresses and numbers that are sound OSC and none of ours."""
    yield "/", ()
    for name in (
        "studio", "seed", "studio/open", "studio/load", "studio/save", "studio/quit",
        "studio/delete", "studio/settings/theme", "studio/slider", "studio/slider/0",
        "studio/slider/-1", "studio/slider/1/2", "studio/slider/0123456789ABCDEF",
        "studio/slider/9999", "studio/style/0", "studio/style/..", "studio/zone/all",
        "studio/walk", "studio/walk/film", "STUDIO/seed", "studio/seed/", "other/seed",
    ):  # fmt: skip
        yield f"/{name}", (1.0,)
    for name in ("seed", "psi", "mix", "slider/1", "zone/fine", "walk/position", "style", "kept"):
        yield f"/studio/{name}", ()
    for name in ("seed", "dice", "walk/play", "slider/1", "style/1"):
        yield f"/studio/{name}", (1.0, 2.0)
