"""Open Sound Control, the part that a live hand needs: an address and numbers, nothing else.

Own and small, in place of a library: it takes numbers alone, and every length is checked before it
is believed. Texts, blobs, true, false, nil, times and arrays are refused.

Source: Open Sound Control 1.0 specification (opensoundcontrol.org).
"""

import math
import re
import struct
from collections.abc import Sequence
from typing import Final

import msgspec

MAX_DATAGRAM: Final = 8192
MAX_ARGUMENTS: Final = 64
MAX_ADDRESS: Final = 128
MAX_MESSAGES: Final = 256
MAX_DEPTH: Final = 4
_BUNDLE: Final = b"#bundle\0"
# No pattern characters: an address names one thing.
_ADDRESS: Final = re.compile(rb"(/[0-9A-Za-z_.-]+)+")
_NUMBERS: Final = {"i": ">i", "f": ">f", "h": ">q", "d": ">d"}


class OscError(Exception):
    """A packet is not what it should be."""


class OscMessage(msgspec.Struct, frozen=True):
    """One message: its address, and numbers that are all finite."""

    address: str
    numbers: tuple[float, ...] = ()


class OscPacket(msgspec.Struct, frozen=True):
    """What a datagram held, in order, and how many of its messages were refused."""

    messages: tuple[OscMessage, ...] = ()
    num_refused: int = 0


def read_packet(datagram: bytes) -> OscPacket:
    """Give the messages of a datagram. Never raises: what is wrong is refused and counted."""
    if len(datagram) > MAX_DATAGRAM:
        return OscPacket(num_refused=1)
    messages: list[OscMessage] = []
    num_refused = _read_element(datagram, messages, depth=0)
    return OscPacket(tuple(messages), num_refused)


def write_message(address: str, numbers: Sequence[float]) -> bytes:
    """Give a datagram; whole numbers of Python's `int` go as int32, others as float32.

    Raises:
        ValueError: A number is out of range or not finite, or the address is none.
    """
    raw = address.encode("ascii", "replace")
    if not _ADDRESS.fullmatch(raw) or not all(map(math.isfinite, numbers)):
        raise ValueError(f"“{address}” cannot be sent with these numbers")
    tags = "," + "".join("i" if isinstance(number, int) else "f" for number in numbers)
    try:
        packed = b"".join(
            struct.pack(_NUMBERS[tag], number)
            for tag, number in zip(tags[1:], numbers, strict=True)
        )
    except (struct.error, OverflowError) as error:
        raise ValueError("a number is out of range") from error
    return _padded(raw) + _padded(tags.encode()) + packed


def _read_element(element: bytes, messages: list[OscMessage], *, depth: int) -> int:
    """Read a message or a bundle; gives how many messages were refused."""
    if element.startswith(_BUNDLE):
        return _read_bundle(element, messages, depth=depth)
    if len(messages) >= MAX_MESSAGES:
        return 1
    try:
        messages.append(_read_message(element))
    except OscError:
        return 1
    return 0


def _read_bundle(bundle: bytes, messages: list[OscMessage], *, depth: int) -> int:
    """Read what a bundle holds; its time is passed over, all is done at once."""
    if depth >= MAX_DEPTH or len(bundle) < 16:
        return 1
    num_refused, place = 0, 16
    while place < len(bundle):
        if place + 4 > len(bundle):
            return num_refused + 1
        (size,) = struct.unpack_from(">i", bundle, place)
        place += 4
        if size <= 0 or size % 4 or place + size > len(bundle):
            return num_refused + 1
        num_refused += _read_element(bundle[place : place + size], messages, depth=depth + 1)
        place += size
    return num_refused


def _read_message(raw: bytes) -> OscMessage:
    address, place = _read_text(raw, 0, limit=MAX_ADDRESS)
    if not _ADDRESS.fullmatch(address):
        raise OscError("no address")
    if place == len(raw):
        return OscMessage(address.decode("ascii"))
    tags, place = _read_text(raw, place, limit=MAX_ARGUMENTS + 1)
    if not tags.startswith(b","):
        raise OscError("no type tags")
    numbers = []
    for tag in tags[1:].decode("latin-1"):
        kind = _NUMBERS.get(tag)
        if kind is None or place + struct.calcsize(kind) > len(raw):
            raise OscError("not a number, or cut short")
        (number,) = struct.unpack_from(kind, raw, place)
        if not math.isfinite(number):
            raise OscError("not finite")
        numbers.append(number)
        place += struct.calcsize(kind)
    if place != len(raw):
        raise OscError("something follows")
    return OscMessage(address.decode("ascii"), tuple(numbers))


def _read_text(raw: bytes, place: int, *, limit: int) -> tuple[bytes, int]:
    """Give a text that ends with a zero byte, and where its padding to four bytes ends."""
    end = raw.find(b"\0", place, place + limit + 1)
    if end < 0:
        raise OscError("no end of a text")
    after = end + 4 - (end - place) % 4
    if after > len(raw) or any(raw[end:after]):
        raise OscError("wrong padding")
    return raw[place:end], after


def _padded(text: bytes) -> bytes:
    return text + b"\0" * (4 - len(text) % 4)
