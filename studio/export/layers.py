"""One or several pictures as a layered file, OpenRaster or PSD, with all that can be made again.

A picture of several layers is a group of its name; one of a single layer is that layer. The first
picture lies on top. The merged preview is our own render, not the layers laid on one another: they
differ by at most one level (see `core.layer_stack`), and the render is what the recipe gives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import PictureError, StorageError
from studio.core.layer_plan import plan_layers, whole_of
from studio.core.layer_stack import Layer, flatten, stack_layers
from studio.core.model_card import ModelCard
from studio.core.provenance import (
    COMPOSITE_SOURCE_TYPE,
    Provenance,
    credit_only,
    has_own_picture,
    painted_over,
    provenance_of,
)
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.export.layered_image import FlatLayer, LayeredImage, LayerGroup
from studio.export.stills import StillSettings, size_in_file, with_suffix, write_named
from studio.files.atomic import DISK, Disk
from studio.files.deep_images import DeepPicture, narrow
from studio.files.images import decode_picture, flattened, resize_to_sides
from studio.opener.recipe_reader import read_recipe_text

# As many as readers of pictures accept in one; 400 MB while they are put together.
MAX_PIXELS_IN_ALL: Final = 100_000_000
# Source: Adobe Photoshop File Formats Specification, "File Header Section".
MAX_SIDE_PX: Final = 30_000
MAX_NAME: Final = 60


class LayeredPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One finished picture with its layers, all of one size.

    Attributes:
        name: For people.
        layers: The lowest first; at least one.
        merged: The whole picture, uint8 [H, W, 3], or [H, W, 4] with alpha.
        recipe: What made it, enlargement told; None when no single recipe did.
        card: The model that made it.
        painted_in: The program that it was painted over in, "" for none.
    """

    name: str
    layers: tuple[Layer, ...]
    merged: Picture
    recipe: Recipe | None
    card: ModelCard
    painted_in: str = ""

    @property
    def difference(self) -> int:
        """How many levels the layers laid on one another are off, at most."""
        laid = flatten(self.layers).astype(np.int16)
        return int(np.abs(laid - self.merged[:, :, :3]).max())


def single_layer(
    name: str, picture: Picture, *, recipe: Recipe | None, card: ModelCard, painted_in: str = ""
) -> LayeredPicture:
    """Give a picture, [H, W, 3] or [H, W, 4] with alpha, that is one layer."""
    alpha = picture[:, :, 3] if picture.shape[2] == 4 else None
    return LayeredPicture(
        name=name,
        layers=(Layer(name=name, picture=picture[:, :, :3], alpha=alpha, recipe=recipe),),
        merged=picture,
        recipe=recipe,
        card=card,
        painted_in=painted_in,
    )


def has_parts(recipe: Recipe, card: ModelCard) -> bool:
    """Say whether a picture falls into several layers.

    One of a model that gives alpha, too, does not: what is half transparent cannot be laid over
    and be as it was.
    """
    return bool(recipe.regions) and not (card.foreign is not None and card.foreign.has_alpha)


def fitted(picture: Picture | DeepPicture, settings: StillSettings) -> Picture:
    """Give the picture as large as the settings say, in 8 bits."""
    width, height = size_in_file((picture.shape[1], picture.shape[0]), settings)
    return resize_to_sides(narrow(picture), width, height_px=height)


def layers_from(
    name: str,
    picture_by_recipe: Mapping[Recipe, Picture],
    *,
    recipe: Recipe,
    card: ModelCard,
    settings: StillSettings,
) -> LayeredPicture:
    """Give a picture with a layer for each of its regions.

    Args:
        name: Of the picture.
        picture_by_recipe: Every picture of `core.layer_plan.pictures_of`, all of one size.
        recipe: What made it, enlargement told.
        card: The model that made it.
        settings: Say how large the layers become.
    """
    fitting = {made: fitted(one, settings) for made, one in picture_by_recipe.items()}
    planned = plan_layers(recipe)
    return LayeredPicture(
        name=name,
        layers=stack_layers(planned, fitting),
        merged=fitting[whole_of(planned)],
        recipe=recipe,
        card=card,
    )


def save_layered(
    path: Path,
    pictures: Sequence[LayeredPicture],
    *,
    settings: StillSettings,
    disk: Disk = DISK,
    before_naming: Callable[[Path, bytes], None] | None = None,
) -> Path:
    """Write pictures into one layered file, read back before it gets a name; gives its real path.

    Args:
        path: Where to; its suffix is made the format's own. Missing folders are made.
        pictures: The first lies on top; their layers already have the size they will have.
        settings: How; its size and bits have no meaning here.
        disk: What carries out the steps.
        before_naming: As for `stills.save_still`.

    Raises:
        StorageError: It could not be written; nothing half-written is left.
        PictureError: More than a file of this kind holds.
    """
    content = encode_layered(pictures, settings=settings)
    path = with_suffix(path, settings.format)
    return write_named(
        path, content, replaces=settings.replaces, disk=disk, before_naming=before_naming
    )


def encode_layered(pictures: Sequence[LayeredPicture], *, settings: StillSettings) -> bytes:
    """Give the file's bytes, read back and compared with what they must say; raises as above."""
    _check_room(pictures)
    if settings.is_signed:
        raise PictureError(
            "A layered file cannot carry Content Credentials.",
            "Export without them, or as PNG, JPEG, WebP, TIFF or AVIF.",
        )
    # Late: zip, XML and psd-tools, which a window that exports no layers never needs.
    from studio.export.ora import encode_ora  # noqa: PLC0415
    from studio.export.psd import encode_psd  # noqa: PLC0415

    image = _image_of(pictures, settings=settings)
    content = encode_psd(image) if settings.format == "psd" else encode_ora(image)
    _check(content, image)
    return content


def check_room(num_layers: int, size: tuple[int, int]) -> None:
    """Raise `PictureError` where so many layers of a width and height are too much for one file."""
    if num_layers * size[0] * size[1] > MAX_PIXELS_IN_ALL:
        raise PictureError(
            f"These layers would hold more than {MAX_PIXELS_IN_ALL // 1_000_000} million pixels "
            "together.",
            "Choose fewer pictures, or a smaller size.",
        )
    if max(size) > MAX_SIDE_PX:
        raise PictureError(
            f"A layered file is at most {MAX_SIDE_PX} px wide and high.", "Choose a smaller size."
        )


def _check_room(pictures: Sequence[LayeredPicture]) -> None:
    num_layers = sum(len(one.layers) for one in pictures)
    check_room(num_layers, _canvas(pictures))


def _canvas(pictures: Sequence[LayeredPicture]) -> tuple[int, int]:
    """Give width and height of a canvas that every picture fits on."""
    heights, widths = zip(*(one.merged.shape[:2] for one in pictures), strict=True)
    return max(widths), max(heights)


def _image_of(pictures: Sequence[LayeredPicture], *, settings: StillSettings) -> LayeredImage:
    size = _canvas(pictures)
    groups = tuple(_group(one, size, settings=settings) for one in pictures)
    canvas = Image.new("RGBA", size)
    for one, group in reversed(list(zip(pictures, groups, strict=True))):
        picture = Image.fromarray(np.ascontiguousarray(one.merged)).convert("RGBA")
        canvas.alpha_composite(picture, (group.left, group.top))
    merged = np.asarray(canvas)
    is_full = bool((merged[:, :, 3] == 255).all())
    whole = np.ascontiguousarray(merged[:, :, :3]) if is_full else merged
    said = _provenance(pictures, whole, settings=settings)
    return LayeredImage(size=size, groups=groups, merged=whole, provenance=said)


def _group(one: LayeredPicture, size: tuple[int, int], *, settings: StillSettings) -> LayerGroup:
    height, width = one.merged.shape[:2]
    is_told = settings.with_recipe

    def flat(layer: Layer, name: str) -> FlatLayer:
        recipe = recipe_to_json(layer.recipe) if is_told and layer.recipe is not None else ""
        return FlatLayer(name, layer.picture, layer.alpha, layer.is_visible, recipe)

    name = layer_name(one.name)
    is_one = len(one.layers) == 1
    return LayerGroup(
        name=name,
        left=(size[0] - width) // 2,
        top=(size[1] - height) // 2,
        layers=tuple(
            flat(layer, name if is_one else layer_name(layer.name)) for layer in one.layers
        ),
        recipe_json=recipe_to_json(one.recipe) if is_told and one.recipe is not None else "",
    )


def layer_name(text: str) -> str:
    """Give a name that every program shows: one line, not too long, never empty."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:MAX_NAME].strip() or "Picture"


def _provenance(
    pictures: Sequence[LayeredPicture], merged: NDArray[np.uint8], *, settings: StillSettings
) -> Provenance:
    """Give what the file says: the recipe of the picture on top, and the credits of all."""
    top = pictures[0]
    cards = {one.card.model: one.card for one in pictures}.values()
    size = (merged.shape[1], merged.shape[0])
    pixels = pixel_hash(flattened(merged))
    told = [
        provenance_of(top.recipe, card, size=size, pixels=pixels, author=settings.author)
        if settings.with_recipe
        else credit_only(card, settings.author)
        for card in cards
    ]
    first = painted_over(told[0], top.painted_in)
    is_composite = any(
        one.painted_in or (one.recipe is not None and has_own_picture(one.recipe))
        for one in pictures
    )
    return msgspec.structs.replace(
        first,
        source_type=COMPOSITE_SOURCE_TYPE
        if first.source_type and is_composite
        else first.source_type,
        credit=_joined(one.credit for one in told),
        rights=_joined(one.rights for one in told),
    )


def _joined(lines: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, lines)))


def _check(content: bytes, image: LayeredImage) -> None:
    """Read the bytes as a stranger would, before they get a name."""
    from studio.opener.merged_preview import unwrapped  # noqa: PLC0415

    seen = unwrapped(content)
    texts = read_recipe_text(seen)
    found = "" if texts.recipe is None else recipe_to_json(texts.recipe.recipe)
    is_same = np.array_equal(decode_picture(seen), flattened(image.merged))
    if not is_same or found != image.provenance.recipe_json or texts.refused is not None:
        raise StorageError(
            "The layers were not exported: reading the file back gave something else.",
            "Export as PNG, and report what the pictures were.",
        )
