"""Frames in a file that only grows: length, check sum, bytes. A torn tail is seen and left out."""

import struct
import zlib
from typing import Final

import msgspec

MAGIC: Final = b"latent-studio frames 1\n"
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
_HEAD: Final = struct.Struct("<II")  # length of the payload, CRC-32 of length and payload


class ReadFrames(msgspec.Struct, frozen=True):
    """What a framed file held.

    Attributes:
        payloads: The whole frames, in order.
        num_torn_bytes: Bytes after the last whole frame; 0 in an undamaged file.
    """

    payloads: tuple[bytes, ...]
    num_torn_bytes: int


def frame(payload: bytes) -> bytes:
    """Give the bytes to append for one payload.

    Raises:
        ValueError: The payload is longer than 64 MiB.
    """
    if len(payload) > MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {len(payload)} bytes is too long")
    return _HEAD.pack(len(payload), _check_sum(payload)) + payload


def read_frames(content: bytes) -> ReadFrames | None:
    """Give all whole frames up to the first that is torn; None when this is no framed file."""
    if not content.startswith(MAGIC):
        return None
    payloads: list[bytes] = []
    place = len(MAGIC)
    while place + _HEAD.size <= len(content):
        length, check_sum = _HEAD.unpack_from(content, place)
        end = place + _HEAD.size + length
        payload = content[place + _HEAD.size : end]
        if length > MAX_FRAME_BYTES or end > len(content) or _check_sum(payload) != check_sum:
            break
        payloads.append(payload)
        place = end
    return ReadFrames(tuple(payloads), len(content) - place)


def _check_sum(payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(len(payload).to_bytes(4, "little")))
