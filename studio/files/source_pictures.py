"""The artist's own pictures: read into plain sRGB, resized, and encoded for our own files.

The files are opened for reading only. Shape legend: H rows, W columns, R side of a square.
"""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

# Pillow knows some forty formats; these are the ones artists keep pictures in, and
# none of them starts another program (as EPS would).
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000")
MAX_PIXELS = 200_000_000  # a 14,000 × 14,000 scan; more needs 600 MB to decode

Picture = NDArray[np.uint8]


class UnusableError(Exception):
    """A picture cannot be used; the text is the reason, for people."""


def read_picture(path: Path, *, min_side_px: int) -> Picture:
    """Gives the picture as sRGB uint8 [H, W, 3], upright, transparency on white.

    Args:
        path: the file; it is opened for reading only.
        min_side_px: a picture whose shorter side is smaller is refused.

    Raises:
        UnusableError: damaged, too small or too large, or not a picture.
    """
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # Pillow warns of odd but readable metadata, which is no news here.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=FORMATS) as image:
                return _to_srgb(image, min_side_px)
    except UnusableError:
        raise
    except UnidentifiedImageError:
        raise UnusableError("not a picture that can be read") from None
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, MemoryError):
        raise UnusableError("damaged") from None
    except Image.DecompressionBombError:
        raise UnusableError("too large") from None


def _to_srgb(image: Image.Image, min_side_px: int) -> Picture:
    width, height = image.size
    if min(width, height) < min_side_px:
        raise UnusableError(f"too small ({width} × {height}, needs {min_side_px})")
    if width * height > MAX_PIXELS:
        raise UnusableError(f"too large ({width} × {height})")
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


def encode_picture(picture_HWC: Picture, kind: str) -> bytes:
    """Give the bytes of a "PNG" or (lossy, quality 90) "WEBP" file, without metadata."""
    target = io.BytesIO()
    Image.fromarray(picture_HWC).save(target, kind, quality=90)
    return target.getvalue()
