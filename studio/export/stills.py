"""One picture as a PNG, TIFF, JPEG, WebP or AVIF file, with what it says about itself inside."""

import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np

from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import PictureError, StorageError
from studio.core.model_card import ModelCard
from studio.core.provenance import (
    NOBODY,
    Authorship,
    Provenance,
    credit_only,
    has_own_picture,
    painted_over,
    provenance_of,
)
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.export.credentials import sign_picture
from studio.export.file_names import free_path
from studio.files.atomic import DISK, Disk, write_bytes_atomic
from studio.files.deep_images import (
    DeepPicture,
    decode_png16,
    decode_tiff,
    encode_png16,
    encode_tiff,
    narrow,
    resize_deep_to_sides,
    widen,
)
from studio.files.images import (
    decode_picture,
    decode_with_alpha,
    encode_avif,
    encode_jpeg,
    encode_png,
    encode_webp,
    flattened,
    resize_to_sides,
)
from studio.opener.recipe_reader import read_recipe_text

Format = Literal["png", "tiff", "jpeg", "webp", "avif"]
# What `export.layers` writes: files that hold several pictures, layer by layer.
LayeredFormat = Literal["ora", "psd"]
FileFormat = Literal["png", "tiff", "jpeg", "webp", "avif", "ora", "psd"]
LAYERED_FORMATS: Final[tuple[LayeredFormat, ...]] = ("ora", "psd")
SUFFIX_BY_FORMAT: Final[dict[FileFormat, str]] = {
    "png": ".png",
    "tiff": ".tif",
    "jpeg": ".jpg",
    "webp": ".webp",
    "avif": ".avif",
    "ora": ".ora",
    "psd": ".psd",
}
# Which hold 16 bits for each colour.
DEEP_FORMATS: Final = ("png", "tiff")
# Which have a quality to choose.
LOSSY_FORMATS: Final = ("jpeg", "webp", "avif")
_SUFFIXES: Final = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".webp", ".avif", ".ora", ".psd")
MAX_SIZE_PX: Final = 16_384


class StillSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How pictures are exported.

    Attributes:
        format: Of the file; `export.layers` writes the layered ones.
        bits: For each colour; 16 only in PNG and TIFF, the others always have 8.
        quality: 1…100 for JPEG, WebP and AVIF (100: WebP without loss); no meaning for the others.
        size: Longer side in pixels, None for the picture's own.
        is_power_of_two: Whether each side is then brought to the nearest power of two, as textures
            are wished.
        with_recipe: Whether the file says how it was made: recipe, seed, parameters, program,
            kind of source. Without it, it says only the credit line, where the licence of the
            model's data asks for one, and what `author` says.
        author: What the artist says of the picture.
        painted_in: The program that the picture was painted over in, "" for one that was not.
        is_signed: Whether Content Credentials go in, signed with the artist's own key.
        replaces: Whether a file of the same name is replaced; otherwise "-2" and so on is added.
        in_one: Whether several pictures go into one file, where the format is a layered one.
    """

    format: FileFormat = "png"
    bits: Literal[8, 16] = 8
    quality: int = 95
    size: int | None = None
    is_power_of_two: bool = False
    with_recipe: bool = True
    author: Authorship = NOBODY
    painted_in: str = ""
    is_signed: bool = False
    replaces: bool = False
    in_one: bool = True

    @property
    def is_layered(self) -> bool:
        """Whether the file will hold layers."""
        return self.format in LAYERED_FORMATS

    @property
    def is_one_file(self) -> bool:
        """Whether all pictures go into one file."""
        return self.is_layered and self.in_one

    @property
    def is_deep(self) -> bool:
        """Whether the file will hold 16 bits for each colour."""
        return self.bits == 16 and self.format in DEEP_FORMATS


# What pictures of a page are by themselves.
PAGE_STILL: Final = StillSettings(format="webp", quality=90)


def save_still(
    path: Path,
    picture: Picture | DeepPicture,
    *,
    recipe: Recipe | None,
    card: ModelCard,
    settings: StillSettings,
    disk: Disk = DISK,
    before_naming: Callable[[Path, bytes], None] | None = None,
) -> Path:
    """Write a picture, after reading back what will be written; gives the path it really has.

    Args:
        path: Where to; its suffix is made the format's own. Missing folders are made.
        picture: What to write, of 8 or 16 bits, [H, W, 3] or [H, W, 4] with alpha; read only.
        recipe: What made it, None when no single recipe did.
        card: The model that made it.
        settings: How. JPEG has no alpha: there the picture stands on white.
        disk: What carries out the steps.
        before_naming: Called with path and bytes before a file gets this name; it may get another.

    Raises:
        StorageError: It could not be written; nothing half-written is left.
        PictureError: The picture or its recipe does not fit into this format.
    """
    path = with_suffix(path, settings.format)
    content = encode_still(picture, recipe=recipe, card=card, settings=settings, title=path.name)
    return write_named(
        path, content, replaces=settings.replaces, disk=disk, before_naming=before_naming
    )


def write_named(
    path: Path,
    content: bytes,
    *,
    replaces: bool,
    disk: Disk = DISK,
    before_naming: Callable[[Path, bytes], None] | None = None,
) -> Path:
    """Write a finished file and give its real path: a free name, or this one where it `replaces`.

    Raises:
        StorageError: It could not be written; nothing half-written is left.
    """
    note = before_naming or _note_nothing
    if replaces:
        note(path, content)
        write_bytes_atomic(path, content, disk=disk)
        return path
    while True:
        free = free_path(path)
        note(free, content)
        with contextlib.suppress(FileExistsError):  # another program took it in this instant
            write_bytes_atomic(free, content, disk=disk, is_new=True)
            return free


def _note_nothing(_path: Path, _content: bytes) -> None:
    """Nobody wants to know."""


def encode_still(
    picture: Picture | DeepPicture,
    *,
    recipe: Recipe | None,
    card: ModelCard,
    settings: StillSettings,
    title: str = "",
) -> bytes:
    """Give the file's bytes, read back and compared with what they must say.

    Args:
        picture: What to write, of 8 or 16 bits; read only.
        recipe: What made it, None when no single recipe did.
        card: The model that made it.
        settings: How.
        title: Name of the picture, for its Content Credentials.

    Raises:
        PictureError: The recipe does not fit into this format, or it cannot be signed.
        StorageError: Read back, they say something else; or there is no key to sign with.
    """
    if settings.is_layered:
        raise ValueError("a layered file is written by export.layers")
    if settings.size is not None and not 1 <= settings.size <= MAX_SIZE_PX:
        raise PictureError(
            f"A picture of {settings.size} px cannot be exported.",
            f"Choose a size between 1 and {MAX_SIZE_PX} px.",
        )
    picture = _made_to_fit(picture, settings)
    height, width = picture.shape[:2]
    told = recipe if settings.with_recipe else None
    if settings.with_recipe:
        pixels = pixel_hash(flattened(narrow(picture)))
        size = (width, height)
        provenance = provenance_of(recipe, card, size=size, pixels=pixels, author=settings.author)
    else:
        provenance = credit_only(card, settings.author)
    provenance = painted_over(provenance, settings.painted_in)
    content = _encode(picture, provenance, settings=settings)
    if settings.is_signed:
        is_own = recipe is not None and has_own_picture(recipe)
        is_composite = is_own or bool(settings.painted_in)
        shown = title if settings.with_recipe else ""  # a name may hold the seed
        content = sign_picture(content, title=shown, is_composite=is_composite)
    _check(content, picture, recipe=told, settings=settings)
    return content


def _made_to_fit(picture: Picture | DeepPicture, settings: StillSettings) -> Picture | DeepPicture:
    """Give the picture in the depth and size of the settings."""
    width, height = size_in_file((picture.shape[1], picture.shape[0]), settings)
    if settings.is_deep:
        return resize_deep_to_sides(widen(picture), width, height_px=height)
    return resize_to_sides(narrow(picture), width, height_px=height)


def size_in_file(size: tuple[int, int], settings: StillSettings) -> tuple[int, int]:
    """Give width and height in pixels that a picture of this size has in its file."""
    width, height = size
    if settings.size is not None:
        scale = settings.size / max(width, height)
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    if settings.is_power_of_two:
        width, height = (1 << round(math.log2(side)) for side in (width, height))
    return width, height


def with_suffix(path: Path, kind: FileFormat) -> Path:
    """Give the path with the format's suffix; a suffix of another picture format is replaced."""
    suffix = SUFFIX_BY_FORMAT[kind]
    present = path.suffix.lower()
    if present == suffix or (kind, present) in (("jpeg", ".jpeg"), ("tiff", ".tiff")):
        return path
    if present in _SUFFIXES:
        return path.with_suffix(suffix)
    return path.with_name(path.name + suffix)


def _encode(
    picture: Picture | DeepPicture, provenance: Provenance, *, settings: StillSettings
) -> bytes:
    quality = min(max(settings.quality, 1), 100)
    if settings.format == "tiff":
        return encode_tiff(picture, provenance)
    if settings.is_deep:
        return encode_png16(picture.astype(np.uint16), provenance)
    plain = picture.astype(np.uint8)
    if settings.format == "jpeg":
        return encode_jpeg(plain, provenance, quality=quality)
    if settings.format == "webp":
        return encode_webp(plain, provenance, quality=quality)
    if settings.format == "avif":
        return encode_avif(plain, provenance, quality=quality)
    return encode_png(plain, provenance)


def _check(
    content: bytes,
    picture: Picture | DeepPicture,
    *,
    recipe: Recipe | None,
    settings: StillSettings,
) -> None:
    """Read the bytes as a stranger would, before they get a name."""
    is_same = _is_same(content, picture, settings=settings)
    texts = read_recipe_text(content)
    found = None if texts.recipe is None else recipe_to_json(texts.recipe.recipe)
    wanted = None if recipe is None else recipe_to_json(recipe)
    if not is_same or found != wanted or texts.refused is not None:
        raise StorageError(
            "The picture was not exported: reading it back gave something else.",
            "Export as PNG, and report what the picture was.",
        )


def _is_same(content: bytes, picture: Picture | DeepPicture, *, settings: StillSettings) -> bool:
    """Say whether a file holds the picture, to the level where its format loses nothing."""
    if settings.format == "tiff":
        return np.array_equal(decode_tiff(content), picture)
    if settings.is_deep:  # as any program reads it, and then to the last level
        is_read = np.array_equal(decode_with_alpha(content), picture >> 8)
        return is_read and np.array_equal(decode_png16(content), picture)
    if settings.format == "jpeg":
        return decode_picture(content).shape == (*picture.shape[:2], 3)
    decoded = decode_with_alpha(content)
    is_exact = settings.format == "png" or (settings.format == "webp" and settings.quality >= 100)
    if is_exact and picture.shape[2] == 3:
        return np.array_equal(decoded, picture)
    if is_exact:  # what is not seen at all may lose its colour
        return np.array_equal(seen_levels(decoded), seen_levels(picture.astype(np.uint8)))
    # A lossy file of a picture that is opaque everywhere may leave the channel out.
    is_opaque = picture.shape[2] == 4 and bool((picture[:, :, 3] == 255).all())
    return decoded.shape == picture.shape or (is_opaque and decoded.shape[2] == 3)


def seen_levels(picture: Picture) -> Picture:
    """Give an RGBA picture with black where it is fully transparent."""
    levels = picture.copy()
    levels[levels[:, :, 3] == 0] = 0
    return levels
