"""Masks of regions: 8-bit grey pictures of at most 256 × 256, as PNG in base64.

Read and written here without a picture library: the core knows none, and the few bytes may come
from a stranger. Only what a mask needs is read: 8-bit grey, not interlaced, nothing beside it.

Shape legend: H rows, W columns.

Source: PNG 3rd edition §5 (chunks), §9 (filters), §11.2.
"""

import base64
import functools
import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]

MAX_MASK_PX: Final = 256
# A text of a recipe may be 64 KiB; a brush gives some KiB, only noise would need more.
MAX_MASK_TEXT: Final = 64 * 1024
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_GREY_8: Final = b"\x08\x00\x00\x00\x00"
_NUM_CACHED: Final = 64  # 4 MiB of masks
_COARSER: Final = (0xFF, 0xF8, 0xE0, 0x80)


def mask_to_text(mask_HW: Mask) -> str:
    """Give a mask as text; one too noisy for its limit loses its finest levels, never its 0 or 255.

    Args:
        mask_HW: uint8, at most 256 × 256; 255 is wholly inside.

    Raises:
        ValueError: Empty, too large or of another kind.
    """
    if mask_HW.ndim != 2 or mask_HW.dtype != np.uint8:
        raise ValueError("a mask is uint8 with rows and columns")
    height, width = mask_HW.shape
    if not (0 < width <= MAX_MASK_PX and 0 < height <= MAX_MASK_PX):
        raise ValueError(f"a mask of {width} × {height} px")
    text = ""
    for kept_bits in _COARSER:
        levels = np.where(mask_HW == 255, np.uint8(255), mask_HW & np.uint8(kept_bits))
        text = base64.b64encode(_png(levels)).decode("ascii")
        if len(text) <= MAX_MASK_TEXT:
            return text
    raise AssertionError("two levels of 256 × 256 px always fit")


@functools.lru_cache(maxsize=_NUM_CACHED)
def mask_from_text(text: str) -> Mask:
    """Give the mask of a text, uint8 [H, W], read-only.

    Raises:
        ValueError: Not base64, no PNG, larger than 256 × 256, another kind of picture, or damaged.
    """
    if len(text) > MAX_MASK_TEXT:
        raise ValueError("the mask's text is too long")
    raw = base64.b64decode(text, validate=True)
    if not raw.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    chunks = _chunks(raw)
    if len(chunks) < 3 or chunks[0][0] != b"IHDR" or chunks[-1] != (b"IEND", b""):
        raise ValueError("a PNG without its first or last chunk")
    header = chunks[0][1]
    if len(header) != 13 or header[8:] != _GREY_8:
        raise ValueError("another kind of picture than 8-bit grey")
    width, height = struct.unpack(">II", header[:8])
    if not (0 < width <= MAX_MASK_PX and 0 < height <= MAX_MASK_PX):
        raise ValueError("the mask is larger than 256 × 256 px")
    if any(kind != b"IDAT" for kind, _ in chunks[1:-1]):
        raise ValueError("something beside the mask")
    rows = _inflate(b"".join(data for _, data in chunks[1:-1]), height * (width + 1))
    mask_HW = _unfiltered(np.frombuffer(rows, dtype=np.uint8).reshape(height, width + 1))
    mask_HW.flags.writeable = False
    return mask_HW


def inverted(text: str) -> str:
    """Give the text of the mask that is inside where this one is outside."""
    return mask_to_text(np.uint8(255) - mask_from_text(text))


@functools.lru_cache(maxsize=_NUM_CACHED)
def alpha_of(text: str, *, width: int, height: int) -> NDArray[np.float32]:
    """Give a mask at another size: float32 [height, width], 0…1, read-only.

    Exactly 1 where it is full. Smaller sizes take the mean of what they cover, larger ones go
    smoothly from one value to the next.

    Raises:
        ValueError: As `mask_from_text`.
    """
    values = mask_from_text(text).astype(np.float32) / np.float32(255)
    values = _resampled(_resampled(values, height).T, width).T
    # Sums of rounded weights may miss 1 by some ulp, and full must mean full to the pixel.
    alpha = np.asarray(np.clip(np.round(values, 6), 0.0, 1.0), dtype=np.float32, order="C")
    alpha.flags.writeable = False
    return alpha


def _resampled(values: NDArray[np.float32], new: int) -> NDArray[np.float32]:
    """Give values with `new` rows."""
    old, columns = values.shape
    if new == old:
        return values
    if old % new == 0:
        means: NDArray[np.float32] = values.reshape(new, old // new, columns).mean(axis=1)
        return means
    # Not `@`: the threads of a matrix product cost more here than the product.
    scaled: NDArray[np.float32] = np.einsum("no,oc->nc", _resampling(old, new), values)
    return scaled


@functools.lru_cache(maxsize=_NUM_CACHED)
def _resampling(old: int, new: int) -> NDArray[np.float32]:
    """Give the weights [new, old]: means when it gets smaller, straight lines when larger."""
    scale = old / new
    pixels = np.arange(old)[None]
    if scale > 1:  # the mean of what is covered, pixels at the edges counted in part
        low = np.arange(new)[:, None] * scale
        weights = np.clip(np.minimum(low + scale, pixels + 1) - np.maximum(low, pixels), 0.0, None)
    else:
        centres = (np.arange(new)[:, None] + 0.5) * scale - 0.5
        inside = np.clip(centres, 0, old - 1)
        weights = np.clip(1.0 - np.abs(pixels - inside), 0.0, None)
    shares: NDArray[np.float32] = np.asarray(
        weights / weights.sum(axis=1, keepdims=True), dtype=np.float32
    )
    shares.flags.writeable = False
    return shares


def _png(levels_HW: Mask) -> bytes:
    """Give the PNG of a mask, each row written as its difference from the one above."""
    height, width = levels_HW.shape
    above = np.zeros_like(levels_HW)
    above[1:] = levels_HW[:-1]
    rows = np.full((height, width + 1), 2, dtype=np.uint8)
    rows[:, 1:] = levels_HW - above
    header = struct.pack(">II", width, height) + _GREY_8
    data = zlib.compress(rows.tobytes(), 9)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(raw: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    position = len(_SIGNATURE)
    while position < len(raw):
        if position + 12 > len(raw):
            raise ValueError("cut off")
        (length,) = struct.unpack_from(">I", raw, position)
        end = position + 12 + length
        if end > len(raw):
            raise ValueError("cut off")
        kind, data = raw[position + 4 : position + 8], raw[position + 8 : end - 4]
        if struct.unpack(">I", raw[end - 4 : end])[0] != zlib.crc32(kind + data):
            raise ValueError("a checksum does not match")
        found.append((kind, data))
        position = end
    return found


def _inflate(data: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        rows = inflater.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError("damaged") from error
    if len(rows) != size or not inflater.eof or inflater.unused_data:
        raise ValueError("more or less than its size says")
    return rows


def _unfiltered(rows: NDArray[np.uint8]) -> Mask:
    levels = np.empty((rows.shape[0], rows.shape[1] - 1), dtype=np.uint8)
    above = np.zeros(levels.shape[1], dtype=np.uint8)
    for i, row in enumerate(rows):
        match int(row[0]):
            case 0:
                levels[i] = row[1:]
            case 1:
                levels[i] = np.cumsum(row[1:], dtype=np.uint8)
            case 2:
                levels[i] = row[1:] + above
            case 3 | 4 as kind:
                levels[i] = _from_neighbours(row[1:].tolist(), above.tolist(), is_paeth=kind == 4)
            case _:
                raise ValueError("an unknown filter")
        above = levels[i]
    return levels


def _from_neighbours(row: list[int], above: list[int], *, is_paeth: bool) -> list[int]:
    done: list[int] = []
    left = corner = 0
    for value, up in zip(row, above, strict=True):
        expected = _paeth(left, up, corner=corner) if is_paeth else (left + up) // 2
        left, corner = (value + expected) & 0xFF, up
        done.append(left)
    return done


def _paeth(left: int, up: int, *, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
