"""Pictures as files: encoded with what they say about themselves, and read under limits.

Pillow lives here. Shape legend: H rows, W columns.
"""

import functools
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from PIL import (
    ExifTags,
    Image,
    ImageCms,
    ImageOps,
    PngImagePlugin,
    UnidentifiedImageError,
)

from studio.core.arrays import Picture
from studio.core.errors import PictureError
from studio.core.provenance import (
    PARAMETERS_KEY,
    PIXELS_KEY,
    PROGRAM,
    RECIPE_KEY,
    XMP_KEY,
    Provenance,
)
from studio.core.recipe import Tile
from studio.core.xmp import xmp_packet

# reliability.md §2.2 I5 and I6.
FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "BMP", "GIF", "PSD")
MAX_FILE_BYTES: Final = 512 * 1024 * 1024
MAX_PIXELS: Final = 100_000_000
MAX_SIDE_PX: Final = 65_535
THUMBNAIL_PX: Final = 256
_T = TypeVar("_T")
_OTHER_PICTURE: Final = "Choose another picture, or save it anew in another program."


@functools.cache
def srgb_profile() -> bytes:
    """Give the ICC profile of sRGB, the colour space of every picture here."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encode_png(picture: Picture, provenance: Provenance | None = None) -> bytes:
    """Give a PNG; recipe, readable parameters and XMP go into text chunks of their own.

    Texts that `provenance` leaves empty are left out.
    """
    return _encoded(picture, "PNG", pnginfo=png_texts(provenance), icc_profile=srgb_profile())


def png_texts(provenance: Provenance | None) -> PngImagePlugin.PngInfo:
    """Give the text chunks of a PNG."""
    texts = PngImagePlugin.PngInfo()
    if provenance is not None:
        if provenance.parameters:
            # Latin-1 becomes tEXt, which every reader of this key finds; else iTXt.
            texts.add_text(PARAMETERS_KEY, provenance.parameters)
        if provenance.recipe_json:
            texts.add_itxt(RECIPE_KEY, provenance.recipe_json)
            texts.add_itxt(PIXELS_KEY, provenance.pixels)
        if provenance.version:
            texts.add_text("Software", f"{PROGRAM} {provenance.version}")
        if packet := xmp_packet(provenance, with_recipe=False):
            texts.add_itxt(XMP_KEY, packet)
    return texts


def flattened(picture: Picture) -> Picture:
    """Give a picture [H, W, 3] as it is and one [H, W, 4] on white, as our reader sees its file."""
    if picture.shape[2] == 3:
        return picture
    return _on_white(Image.fromarray(np.ascontiguousarray(picture)))


def encode_jpeg(
    picture: Picture, provenance: Provenance | None = None, *, quality: int = 95
) -> bytes:
    """Give a JPEG with 4:4:4 colour; the recipe lies in XMP, the parameters in Exif.

    Raises:
        PictureError: The recipe does not fit into the 64 KiB that JPEG has for it.
    """
    fields: dict[str, Any] = {"quality": quality, "subsampling": 0, "icc_profile": srgb_profile()}
    fields |= _metadata(provenance)
    if len(fields.get("xmp", b"")) > 65_502:
        raise PictureError(
            "The recipe is too long for a JPEG.", "Export as PNG or WebP, or without the recipe."
        )
    return _encoded(flattened(picture), "JPEG", **fields)


def encode_webp(
    picture: Picture, provenance: Provenance | None = None, *, quality: int = 90
) -> bytes:
    """Give a WebP, without loss at quality 100; metadata as in JPEG, without its limit."""
    fields: dict[str, Any] = {"quality": quality, "icc_profile": srgb_profile(), "method": 4}
    fields |= _metadata(provenance)
    return _encoded(picture, "WEBP", lossless=quality >= 100, **fields)


def encode_avif(
    picture: Picture, provenance: Provenance | None = None, *, quality: int = 90
) -> bytes:
    """Give an AVIF with 4:4:4 colour; metadata as in WebP."""
    fields: dict[str, Any] = {"quality": quality, "icc_profile": srgb_profile(), "speed": 8}
    fields |= _metadata(provenance)
    return _encoded(picture, "AVIF", subsampling="4:4:4", **fields)


def encode_thumbnail(picture: Picture, side_px: int = THUMBNAIL_PX) -> bytes:
    """Give a small JPEG that fits into a square of `side_px`."""
    image = Image.fromarray(picture)
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    return _encoded(np.asarray(image), "JPEG", quality=88, subsampling=0)


def resize_to(picture: Picture, size_px: int) -> Picture:
    """Give the picture with its longer side at `size_px`, by Lanczos resampling."""
    height, width = picture.shape[:2]
    if max(height, width) == size_px:
        return picture
    longer = max(height, width)
    sides = (max(1, round(width * size_px / longer)), max(1, round(height * size_px / longer)))
    return np.asarray(Image.fromarray(picture).resize(sides, Image.Resampling.LANCZOS))


def resize_to_sides(
    picture: Picture, width_px: int, *, height_px: int, tile: Tile = "none"
) -> Picture:
    """Give the picture stretched to this size, by Lanczos resampling.

    Args:
        picture: What to stretch.
        width_px: How wide it becomes.
        height_px: How high.
        tile: Along which sides it goes on at its other end: there the two still meet.
    """
    height, width = picture.shape[:2]
    if (width, height) == (width_px, height_px):
        return picture
    across, down = (1 if tile in ("x", "both") else 0), (1 if tile in ("y", "both") else 0)
    whole = np.tile(picture, (1 + 2 * down, 1 + 2 * across, 1))  # resampling looks beyond its box
    box = (width * across, height * down, width * (across + 1), height * (down + 1))
    image = Image.fromarray(whole)
    sides = (width_px, height_px)
    return np.asarray(image.resize(sides, Image.Resampling.LANCZOS, box=box))


def read_picture(path: Path) -> Picture:
    """Give a picture file as sRGB uint8 [H, W, 3], upright, transparency on white.

    Raises:
        PictureError: Missing, too large, damaged, or not a picture we know.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PictureError(f"The picture cannot be read ({reason}).", _OTHER_PICTURE) from error
    return decode_picture(content)


def decode_picture(content: bytes, *, fit_px: int | None = None) -> Picture:
    """Give the picture in these bytes, as `read_picture` does.

    Args:
        content: A whole file; its format is taken from its first bytes, never from a name.
        fit_px: When given, a larger picture is made smaller to fit into this square.

    Raises:
        PictureError: As `read_picture`.
    """
    if len(content) > MAX_FILE_BYTES:
        raise PictureError("The picture file is larger than 512 MiB.", _OTHER_PICTURE)
    if not content:
        raise PictureError("The picture file is empty.", _OTHER_PICTURE)

    def convert(image: Image.Image) -> Picture:
        if fit_px is not None:
            image.draft("RGB", (fit_px, fit_px))  # lets JPEG decode small; nothing elsewhere
        upright = ImageOps.exif_transpose(image)
        if fit_px is not None:
            upright.thumbnail((fit_px, fit_px), Image.Resampling.BOX, reducing_gap=2.0)
        return _as_srgb(upright)

    return _opened(content, convert)


def decode_with_alpha(content: bytes) -> Picture:
    """Give the levels in a file of ours as they are, [H, W, 4] where it has an alpha channel.

    Raises:
        PictureError: As `read_picture`.
    """

    def levels(image: Image.Image) -> Picture:
        return np.array(image.convert("RGBA" if image.has_transparency_data else "RGB"))

    return _opened(content, levels)


def picture_size(content: bytes) -> tuple[int, int]:
    """Give width and height from the head of a file, without decoding it; raises as above."""
    return _opened(content, lambda image: image.size)


def _opened(content: bytes, use: Callable[[Image.Image], _T]) -> _T:
    try:
        with warnings.catch_warnings():
            # Odd but readable metadata is no news here; a bomb is refused below.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
                    raise PictureError(
                        f"The picture is too large ({width} × {height}).", _OTHER_PICTURE
                    )
                return use(image)
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("The file is not a picture that can be read.", _OTHER_PICTURE) from error
    except Image.DecompressionBombError as error:
        raise PictureError("The picture is too large.", _OTHER_PICTURE) from error
    except Exception as error:
        raise PictureError("The picture is damaged.", _OTHER_PICTURE) from error


def _as_srgb(image: Image.Image) -> Picture:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I") or image.mode == "F":
        levels = np.asarray(image, dtype=np.float32)
        top = 65535.0 if levels.max(initial=0) > 255 else 255.0
        image = Image.fromarray(np.rint(np.clip(levels / top, 0, 1) * 255).astype(np.uint8))
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colour = _through_profile(image, profile) if profile else image.convert("RGB")
    if alpha is not None:
        return _on_white(Image.merge("RGBA", (*colour.split(), alpha)))
    return np.array(colour, dtype=np.uint8)


def _on_white(image: Image.Image) -> Picture:
    """Give an RGBA image as a picture, what is transparent in it white."""
    matte = Image.new("RGB", image.size, (255, 255, 255))
    matte.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return np.array(matte, dtype=np.uint8)


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Give the picture in sRGB; one with a broken profile is taken as sRGB already."""
    plain = image.convert("RGB")
    if profile == srgb_profile() or len(profile) > 4 * 1024 * 1024:
        return plain
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return plain  # another writer's sRGB: converting would only add rounding
        bare = image if image.mode in ("CMYK", "L") else plain
        done = ImageCms.profileToProfile(
            bare, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return plain
    return plain if done is None else done


def _metadata(provenance: Provenance | None) -> dict[str, Any]:
    if provenance is None:
        return {}
    fields: dict[str, Any] = {}
    if packet := xmp_packet(provenance, with_recipe=True):
        fields["xmp"] = packet.encode()
    exif = Image.Exif()
    if provenance.version:
        exif[ExifTags.Base.Software] = f"{PROGRAM} {provenance.version}"
    if provenance.parameters:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        # Source: Exif 2.32 §4.6.5: UserComment begins with eight bytes that name its encoding.
        comment = b"UNICODE\0" + provenance.parameters.encode("utf-16-be")
        details[ExifTags.Base.UserComment] = comment
    if exif:
        fields["exif"] = exif.tobytes()
    return fields


def _encoded(picture: Picture, kind: str, **fields: Any) -> bytes:
    target = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(target, kind, **fields)
    return target.getvalue()
