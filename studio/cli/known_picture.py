"""A picture that a command is about: a file, or a kept one by its id; what is known of it."""

import hashlib
from pathlib import Path

import msgspec

from studio.cli.model_choice import open_library
from studio.core.enlargement import with_enlargement
from studio.core.errors import ModelError, PictureError, RecipeError
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe
from studio.files.images import MAX_FILE_BYTES
from studio.library.gallery import Gallery
from studio.library.kept import Kept, remembered_card
from studio.library.looks_shelf import LooksShelf
from studio.opener.client import OpenedPicture, open_recipe_picture


class KnownPicture(msgspec.Struct, frozen=True):
    """What is known of a picture.

    Attributes:
        path: The file.
        opened: What the file itself says.
        recipe: From the file, or of the kept picture it is a copy of.
        kept: The kept picture that it is or is a copy of, None when there is none.
        found_by: "recipe" when the file carried it, else what was done to the copy.
    """

    path: Path
    opened: OpenedPicture
    recipe: Recipe
    kept: Kept | None
    found_by: str


def known_picture(name: str, gallery: Gallery) -> KnownPicture:
    """Give what is known of a picture.

    Args:
        name: A file, or the first letters of a kept picture's id.
        gallery: Where it may be kept.

    Raises:
        StudioError: There is none, it is refused, or nothing is known of it.
    """
    path = Path(name)
    if not path.exists():
        fitting = [kept for kept in gallery.items() if kept.id.startswith(name)]
        if len(fitting) != 1 or len(name) < 4:
            raise PictureError(
                f"There is no picture “{name}”.",
                "Name a file, or a kept picture by its id (`studio gallery list`).",
            )
        path = gallery.picture_path(fitting[0])
    opened = open_recipe_picture(path)
    if opened.picture is None or isinstance(opened.refused, RecipeError):
        raise opened.refused or PictureError("This is no picture.", "Choose another picture.")
    if opened.recipe is not None:
        recipe = opened.recipe.recipe
        plain = with_enlargement(recipe, 1)  # how it was enlarged is a matter of the export
        kept = next((one for one in gallery.items() if one.recipe == plain), None)
        return KnownPicture(path, opened, recipe, kept, "recipe")
    shelf = LooksShelf(gallery)
    try:
        shelf.learn(shelf.missing())
        found = shelf.find(opened.picture)
    finally:
        shelf.close()
    if found is None:
        raise RecipeError(
            f"“{path.name}” carries no recipe, and no kept picture looks like it.",
            "Name a picture that was kept or exported with its recipe.",
        )
    return KnownPicture(path, opened, found.kept.recipe, found.kept, found.change)


def card_of(recipe: Recipe, kept: Kept | None) -> tuple[ModelCard | None, bool]:
    """Give the card of a recipe's model, and whether it is installed; None when nothing is known."""
    try:
        return open_library().find(recipe.model).card, True
    except ModelError:
        return (remembered_card(kept) if kept is not None else None), False


def file_bytes(path: Path) -> bytes:
    """Give a file's bytes, for walking, never for decoding here.

    Raises:
        PictureError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PictureError(
            f"“{path.name}” cannot be read ({error.strerror}).", "Choose another picture."
        ) from error
    if len(content) > MAX_FILE_BYTES:
        raise PictureError("The picture file is larger than 512 MiB.", "Choose another picture.")
    return content


def hash_of(content: bytes) -> str:
    """Give the SHA-256 of a file, hex."""
    return hashlib.sha256(content).hexdigest()
