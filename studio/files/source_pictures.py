"""The artist's own pictures: read into plain sRGB, resized, and encoded for our own files.

The files are opened for reading only. Shape legend: H rows, W columns, R side of a square.
"""

import contextlib
import io
import os
import stat
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from studio.core.inversion import LOOK_PX, middle_square

# Pillow knows some forty formats; these are the ones artists keep pictures in, and
# none of them starts another program (as EPS would).
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
# reliability.md §2.2 I5.
MAX_PIXELS = 100_000_000
MAX_FILE_BYTES = 512 * 1024 * 1024
_TURNED = (5, 6, 7, 8)  # Exif orientations that swap width and height
_EXIF_ORIENTATION = 0x0112

Picture = NDArray[np.uint8]


class UnusableError(Exception):
    """A picture cannot be used; the text is the reason, for people.

    Attributes:
        size: width and height in px, 0 when they are not known.
    """

    def __init__(self, why: str, size: tuple[int, int] = (0, 0)) -> None:
        super().__init__(why)
        self.size = size


def read_picture(path: Path, *, min_side_px: int) -> Picture:
    """Gives the picture as sRGB uint8 [H, W, 3], upright, transparency on white.

    Args:
        path: the file; it is opened for reading only.
        min_side_px: a picture whose shorter side is smaller is refused.

    Raises:
        UnusableError: damaged, too small or too large, or not a picture.
    """
    with _reading(path) as image:
        _check_size(image, min_side_px)
        return _to_srgb(image)


def look_at_picture(path: Path, *, min_side_px: int, enough_px: int) -> tuple[Picture, int, int]:
    """Gives the picture as `read_picture` does, made smaller, and its own width and height.

    Args:
        path: the file; it is opened for reading only.
        min_side_px: a picture whose shorter side is smaller is refused.
        enough_px: the shorter side of what is given is at least this, unless the picture's is
            smaller; a JPEG is decoded at that size, some five times as fast.

    Raises:
        UnusableError: as `read_picture`; its `size` is set when the size could be read.
    """
    with _reading(path) as image:
        _check_size(image, min_side_px)
        width, height = image.size
        if image.getexif().get(_EXIF_ORIENTATION) in _TURNED:
            width, height = height, width
        factor = min(image.size) // enough_px
        if factor > 1:
            image.draft(None, (image.size[0] // factor, image.size[1] // factor))
            factor = min(image.size) // enough_px
        small = image
        if factor > 1 and image.mode in ("RGB", "RGBA", "L", "CMYK"):
            image.load()
            small = image.reduce(factor)
            small.info = image.info
            small.getexif().update(image.getexif())
        return _to_srgb(small), width, height


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[Image.Image]:
    """Opens a picture; whatever goes wrong inside is told as a reason."""
    try:
        with warnings.catch_warnings(), _open_file(path) as file:
            # Pillow warns of odd but readable metadata, which is no news here.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=FORMATS) as image:
                yield image
    except UnidentifiedImageError:
        raise UnusableError("not a picture that can be read") from None
    except Image.DecompressionBombError:
        raise UnusableError("too large") from None
    except FileNotFoundError:
        raise UnusableError("not there any more") from None
    except PermissionError:
        raise UnusableError("may not be opened") from None
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, MemoryError, struct.error):
        raise UnusableError("damaged") from None


def _open_file(path: Path) -> BinaryIO:
    """Opens a regular file for reading; a pipe that took its place must not hold us up."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    file = os.fdopen(descriptor, "rb")
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MAX_FILE_BYTES:
        file.close()
        if not stat.S_ISREG(status.st_mode):
            raise UnusableError("not a file")
        raise UnusableError("too large" if status.st_size else "empty")
    return file


def _check_size(image: Image.Image, min_side_px: int) -> None:
    width, height = image.size
    if min(width, height) < min_side_px:
        why = f"too small ({width} × {height}, needs {min_side_px})"
        raise UnusableError(why, size=(width, height))
    if width * height > MAX_PIXELS:
        raise UnusableError(f"too large ({width} × {height})", size=(width, height))


def _to_srgb(image: Image.Image) -> Picture:
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        upright = _to_eight_bits(upright)
    profile = image.info.get("icc_profile")
    if upright.mode in ("P", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if upright.mode in ("LA", "La", "RGBa"):
        upright = upright.convert("RGBA")
    alpha = upright.getchannel("A") if upright.mode == "RGBA" else None
    if profile:
        upright = _by_profile(upright, profile)
    colour = upright.convert("RGB")
    if alpha is not None:
        matte = Image.new("RGB", colour.size, (255, 255, 255))
        matte.paste(colour, mask=alpha)
        colour = matte
    return np.asarray(colour, dtype=np.uint8)


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Gives a 16 bit or float grey picture as 8 bit (Pillow's convert only clips)."""
    values = np.asarray(image, dtype=np.float32)
    top = 65535.0 if values.max(initial=0) > 255 else 255.0 if values.max(initial=0) > 1 else 1.0
    scaled = np.clip(np.nan_to_num(values) / top * 255, 0, 255)
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Gives the picture in sRGB; one whose profile is broken is taken as sRGB."""
    if image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    opaque = image.convert("RGB") if image.mode == "RGBA" else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(opaque, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if done is None else done


def resize_picture(picture_HWC: Picture, resolution: int) -> Picture:
    """Give a square picture at another size, uint8 [R, R, 3], by Lanczos resampling."""
    image = Image.fromarray(picture_HWC)
    sized = image.resize((resolution, resolution), Image.Resampling.LANCZOS)
    return np.asarray(sized, dtype=np.uint8)


def look_of(picture_HWC: Picture) -> Picture:
    """Give the middle square of any picture as an encoder looks at it, `LOOK_PX` wide."""
    return resize_picture(np.ascontiguousarray(middle_square(picture_HWC)), LOOK_PX)


def encode_picture(picture_HWC: Picture, kind: str) -> bytes:
    """Give the bytes of a "PNG" or (lossy, quality 90) "WEBP" file, without metadata."""
    target = io.BytesIO()
    Image.fromarray(picture_HWC).save(target, kind, quality=90)
    return target.getvalue()
