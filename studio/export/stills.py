"""One picture as a PNG, JPEG or WebP file, with what it says about itself inside."""

import contextlib
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np

from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import PictureError, StorageError
from studio.core.model_card import ModelCard
from studio.core.provenance import Provenance, provenance_of
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.export.file_names import free_path
from studio.files.atomic import DISK, Disk, write_bytes_atomic
from studio.files.images import decode_picture, encode_jpeg, encode_png, encode_webp, resize_to
from studio.opener.recipe_reader import read_recipe_text

Format = Literal["png", "jpeg", "webp"]
SUFFIX_BY_FORMAT: Final[dict[str, str]] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
MAX_SIZE_PX: Final = 16_384


class StillSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How pictures are exported.

    Attributes:
        format: Of the file.
        quality: 1…100 for JPEG and WebP (100: WebP without loss); no meaning for PNG.
        size: Longer side in pixels, None for the picture's own.
        with_recipe: Whether recipe, seed and parameters go in. Without them only the credit line,
            the rights and the digital source type do.
        replaces: Whether a file of the same name is replaced; otherwise "-2" and so on is added.
    """

    format: Format = "png"
    quality: int = 95
    size: int | None = None
    with_recipe: bool = True
    replaces: bool = False


def save_still(
    path: Path,
    picture: Picture,
    *,
    recipe: Recipe | None,
    card: ModelCard,
    settings: StillSettings,
    disk: Disk = DISK,
) -> Path:
    """Write a picture, after reading back what will be written; gives the path it really has.

    Args:
        path: Where to; its suffix is made the format's own. Missing folders are made.
        picture: What to write; read only.
        recipe: What made it, None when no single recipe did.
        card: The model that made it.
        settings: How.
        disk: What carries out the steps.

    Raises:
        StorageError: It could not be written; nothing half-written is left.
        PictureError: The picture or its recipe does not fit into this format.
    """
    content = encode_still(picture, recipe=recipe, card=card, settings=settings)
    path = with_suffix(path, settings.format)
    if settings.replaces:
        write_bytes_atomic(path, content, disk=disk)
        return path
    while True:
        free = free_path(path)
        with contextlib.suppress(FileExistsError):  # another program took it in this instant
            write_bytes_atomic(free, content, disk=disk, is_new=True)
            return free


def encode_still(
    picture: Picture, *, recipe: Recipe | None, card: ModelCard, settings: StillSettings
) -> bytes:
    """Give the file's bytes, read back and compared with what they must say.

    Raises:
        PictureError: They do not say it, or the recipe does not fit into this format.
    """
    if settings.size is not None:
        if not 1 <= settings.size <= MAX_SIZE_PX:
            raise PictureError(
                f"A picture of {settings.size} px cannot be exported.",
                f"Choose a size between 1 and {MAX_SIZE_PX} px.",
            )
        picture = resize_to(picture, settings.size)
    height, width = picture.shape[:2]
    told = recipe if settings.with_recipe else None
    provenance = provenance_of(told, card, size=(width, height), pixels=pixel_hash(picture))
    content = _encode(picture, provenance, settings=settings)
    _check(content, picture, recipe=told, settings=settings)
    return content


def with_suffix(path: Path, kind: Format) -> Path:
    """Give the path with the format's suffix; a suffix of another picture format is replaced."""
    suffix = SUFFIX_BY_FORMAT[kind]
    present = path.suffix.lower()
    if present == suffix or (kind == "jpeg" and present == ".jpeg"):
        return path
    if present in (".png", ".jpg", ".jpeg", ".webp"):
        return path.with_suffix(suffix)
    return path.with_name(path.name + suffix)


def _encode(picture: Picture, provenance: Provenance, *, settings: StillSettings) -> bytes:
    quality = min(max(settings.quality, 1), 100)
    if settings.format == "jpeg":
        return encode_jpeg(picture, provenance, quality=quality)
    if settings.format == "webp":
        return encode_webp(picture, provenance, quality=quality)
    return encode_png(picture, provenance)


def _check(
    content: bytes, picture: Picture, *, recipe: Recipe | None, settings: StillSettings
) -> None:
    """Read the bytes as a stranger would, before they get a name."""
    decoded = decode_picture(content)
    is_exact = settings.format == "png" or (settings.format == "webp" and settings.quality >= 100)
    is_same = np.array_equal(decoded, picture) if is_exact else decoded.shape == picture.shape
    texts = read_recipe_text(content)
    found = None if texts.recipe is None else recipe_to_json(texts.recipe.recipe)
    wanted = None if recipe is None else recipe_to_json(recipe)
    if not is_same or found != wanted or texts.refused is not None:
        raise StorageError(
            "The picture was not exported: reading it back gave something else.",
            "Export as PNG, and report what the picture was.",
        )
