"""Pictures of 16 bits for each colour, as PNG and TIFF, and TIFF of 8 bits.

Pillow cannot write a PNG of 3 × 16 bits, so its chunks are written here; TIFF is tifffile's.

Shape legend: H rows, W columns.
"""

import io
import struct
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.arrays import Picture
from studio.core.provenance import PROGRAM, Provenance
from studio.core.xmp import xmp_packet
from studio.files.images import png_texts, resize_to_sides, srgb_profile

DeepPicture = NDArray[np.uint16]

_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_UP: Final = 2  # PNG's filter type that stores the difference to the row above
# PNG's colour type by the number of channels: with alpha or without.
_COLOUR_TYPE: Final = {3: 2, 4: 6}
_IDAT_BYTES: Final = 1 << 20
_XMP_TAG: Final = 700
_ICC_TAG: Final = 34675
_BYTES_TYPE: Final = 1
_UNDEFINED_TYPE: Final = 7


def widen(picture: Picture | DeepPicture) -> DeepPicture:
    """Give 8 bits as 16, black and white staying black and white; 16 stay as they are."""
    if picture.dtype == np.uint16:
        return picture.astype(np.uint16)
    return picture.astype(np.uint16) * np.uint16(257)


def narrow(picture: Picture | DeepPicture) -> Picture:
    """Give 16 bits as 8, as readers of pictures do: the upper byte; 8 stay as they are."""
    if picture.dtype == np.uint8:
        return picture.astype(np.uint8)
    levels: Picture = (picture >> 8).astype(np.uint8)
    return levels


def with_alpha(picture: Picture | DeepPicture, alpha_HW: Picture | None) -> Picture | DeepPicture:
    """Give the picture with a fourth channel, as it is without one; `alpha_HW` grows to its size."""
    if alpha_HW is None:
        return picture
    height, width = picture.shape[:2]
    grey = np.repeat(alpha_HW[:, :, None], 3, axis=2)
    grown = resize_to_sides(grey, width, height_px=height)[:, :, :1]
    if picture.dtype == np.uint16:
        return np.concatenate([picture.astype(np.uint16), widen(grown)], axis=2)
    return np.concatenate([picture.astype(np.uint8), grown], axis=2)


def encode_png16(picture: DeepPicture, provenance: Provenance | None = None) -> bytes:
    """Give a PNG of 3 × 16 bits, or 4 with alpha, with profile and texts as of one of 8 bits.

    Source: PNG 3rd edition, §5.3 (chunks), §9.2 (filter Up), §11.3.2.3 (iCCP).
    """
    height, width, colours = picture.shape
    kind = _COLOUR_TYPE[colours]
    content = [_PNG_HEAD]
    content.append(_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)))
    content.append(_chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile())))
    content += [_chunk(one[0], one[1]) for one in png_texts(provenance).chunks]
    rows = picture.astype(">u2").reshape(height, -1).view(np.uint8)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    filtered[1:, 1:] = rows[1:] - rows[:-1]  # modulo 256, as the filter wants
    packed = zlib.compress(filtered.tobytes(), 6)
    for begin in range(0, len(packed), _IDAT_BYTES):
        content.append(_chunk(b"IDAT", packed[begin : begin + _IDAT_BYTES]))
    content.append(_chunk(b"IEND", b""))
    return b"".join(content)


def decode_png16(content: bytes) -> DeepPicture:
    """Give the picture of a file by `encode_png16`, to prove it before it gets its name.

    Raises:
        ValueError: It is no such file, or a chunk is damaged.
    """
    position, packed, size, colours = len(_PNG_HEAD), [], (0, 0), 3
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        kind = content[position + 4 : position + 8]
        data = content[position + 8 : position + 8 + length]
        if _chunk(kind, data) != content[position : position + 12 + length]:
            raise ValueError("a chunk is damaged")
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data)
            colours = 4 if data[9] == _COLOUR_TYPE[4] else 3
        packed += [data] * (kind == b"IDAT")
        position += 12 + length
    width, height = size
    try:
        plain = zlib.decompress(b"".join(packed))
        filtered = np.frombuffer(plain, np.uint8).reshape(height, 2 * colours * width + 1)
    except zlib.error as error:
        raise ValueError("the pixels are damaged") from error
    if (filtered[:, 0] != _UP).any():
        raise ValueError("another filter than ours")
    rows = np.cumsum(filtered[:, 1:], axis=0, dtype=np.uint8)
    return rows.view(">u2").reshape(height, width, colours).astype(np.uint16)


def encode_tiff(picture: Picture | DeepPicture, provenance: Provenance | None = None) -> bytes:
    """Give a TIFF of 8 or 16 bits, packed without loss, with profile; the recipe lies in XMP.

    Source: TIFF 6.0; Adobe's XMP specification part 3, §3 (tag 700).
    """
    import tifffile  # noqa: PLC0415 - 18 ms and 4 MB of every start of the window

    profile = srgb_profile()
    tags: list[tuple[Any, ...]] = [(_ICC_TAG, _UNDEFINED_TYPE, len(profile), profile, True)]
    software: str | bool = PROGRAM  # False: tifffile would else name itself
    if provenance is not None:
        if packet := xmp_packet(provenance, with_recipe=True).encode():
            tags.append((_XMP_TAG, _BYTES_TYPE, len(packet), packet, True))
        software = f"{PROGRAM} {provenance.version}" if provenance.version else False
    target = io.BytesIO()
    tifffile.imwrite(
        target,
        picture,
        photometric="rgb",
        extrasamples=("unassalpha",) if picture.shape[2] == 4 else (),
        compression="zlib",
        predictor=True,
        metadata=None,
        software=software,
        extratags=tags,
    )
    return target.getvalue()


def decode_tiff(content: bytes) -> Picture | DeepPicture:
    """Give the picture of a file by `encode_tiff` as it is, to prove it."""
    import tifffile  # noqa: PLC0415 - as above

    picture: Picture | DeepPicture = tifffile.imread(io.BytesIO(content))
    return picture


def resize_deep(picture: DeepPicture, size_px: int) -> DeepPicture:
    """Give the picture with its longer side at `size_px`."""
    height, width = picture.shape[:2]
    scale = size_px / max(height, width)
    sides = max(1, round(width * scale)), max(1, round(height * scale))
    return resize_deep_to_sides(picture, sides[0], height_px=sides[1])


def resize_deep_to_sides(picture: DeepPicture, width_px: int, *, height_px: int) -> DeepPicture:
    """Give the picture stretched to this size, by Lanczos resampling of each colour."""
    if picture.shape[:2] == (height_px, width_px):
        return picture
    planes = [
        Image.fromarray(picture[:, :, colour].astype(np.float32)).resize(
            (width_px, height_px), Image.Resampling.LANCZOS
        )
        for colour in range(picture.shape[2])
    ]
    whole = np.stack([np.asarray(plane) for plane in planes], axis=2)
    deep: DeepPicture = np.rint(np.clip(whole, 0, 65535)).astype(np.uint16)
    return deep


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check
