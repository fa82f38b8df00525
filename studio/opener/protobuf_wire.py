"""Reading and writing the protobuf wire format, without a schema and without copies.

Source: https://protobuf.dev/programming-guides/encoding/ (groups are not supported: none are used).
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5
_MAX_VARINT_BYTES: Final = 10
# The largest graphs known have some 40,000 nodes, tables and remarks on shapes together.
MAX_FIELDS: Final = 200_000


class Field(NamedTuple):
    """One field of a message.

    Attributes:
        number: The field's number.
        kind: Wire type.
        value: The number of a varint or fixed field (unsigned), 0 for bytes.
        content: The bytes of a BYTES field, empty for others; a view into the message.
        raw: The whole field with its tag, to be written again as it is.
    """

    number: int
    kind: int
    value: int
    content: memoryview
    raw: memoryview


_NOTHING: Final = memoryview(b"")


def read_fields(message: memoryview) -> Iterator[Field]:
    """Give the fields of a message in their order.

    Raises:
        ValueError: Not the wire format, cut off, or more than `MAX_FIELDS` pieces.
    """
    place = count = 0
    while place < len(message):
        begin = place
        count += 1
        if count > MAX_FIELDS:
            raise ValueError("it is cut into too many pieces")
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        value, content = 0, _NOTHING
        if kind == VARINT:
            value, place = _varint(message, place)
        elif kind == BYTES:
            size, place = _varint(message, place)
            content = message[place : place + size]
            if len(content) != size:
                raise ValueError("it is cut off")
            place += size
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
            if place + size > len(message):
                raise ValueError("it is cut off")
            value = int.from_bytes(message[place : place + size], "little")
            place += size
        else:
            raise ValueError("it is not a graph file")
        if number == 0:
            raise ValueError("it is not a graph file")
        yield Field(number, kind, value, content, message[begin:place])


def read_numbers(field: Field) -> Iterator[int]:
    """Give the numbers of a repeated integer field, packed or not, as signed 64-bit values."""
    if field.kind == VARINT:
        yield _signed(field.value)
        return
    place = 0
    while place < len(field.content):
        value, place = _varint(field.content, place)
        yield _signed(value)


def read_text(field: Field) -> str:
    """Give the text of a field.

    Raises:
        ValueError: It is not UTF-8.
    """
    return str(field.content, "utf-8")


def write_bytes_field(number: int, content: bytes) -> bytes:
    """Give a BYTES field: a text, bytes or an inner message."""
    return write_bytes_header(number, len(content)) + content


def write_bytes_header(number: int, num_bytes: int) -> bytes:
    """Give what comes before the bytes of a BYTES field."""
    return _to_varint(number << 3 | BYTES) + _to_varint(num_bytes)


def write_number_field(number: int, value: int) -> bytes:
    """Give a varint field; negative numbers are written as 64 bits."""
    return _to_varint(number << 3 | VARINT) + _to_varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def write_float_field(number: int, value: float) -> bytes:
    """Give a float32 field."""
    return _to_varint(number << 3 | FIXED32) + struct.pack("<f", value)


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for index in range(_MAX_VARINT_BYTES):
        if place + index >= len(message):
            raise ValueError("it is cut off")
        byte = message[place + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place + index + 1
    raise ValueError("it is not a graph file")


def _to_varint(value: int) -> bytes:
    done = bytearray()
    while value >= 0x80:
        done.append(value & 0x7F | 0x80)
        value >>= 7
    done.append(value)
    return bytes(done)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
