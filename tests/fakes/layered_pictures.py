"""Finished pictures with layers, without a model: any pictures will do."""

import io
import zipfile

import msgspec

from studio.core.layer_plan import pictures_of, plan_layers, whole_of
from studio.core.layer_stack import stack_layers
from studio.core.recipe import Recipe
from studio.export.layers import LayeredPicture, encode_layered, single_layer
from studio.export.stills import LayeredFormat, StillSettings
from tests.fakes.galleries import CARD, MODEL, picture_of, recipe_of
from tests.fakes.painted_recipes import noise, painted

NAMED = msgspec.structs.replace(CARD, name="Hills, “wide”", credit="© Anna & Co <x>")


def layered(
    name: str = "Hill & <dale>", *, recipe: Recipe | None = None, shape: tuple[int, int] = (48, 64)
) -> LayeredPicture:
    """Give a picture of noise with the five layers of a painted recipe."""
    recipe = recipe or painted(MODEL)
    planned = plan_layers(recipe)
    pictures = {made: noise(place, shape) for place, made in enumerate(pictures_of(planned))}
    return LayeredPicture(
        name=name,
        layers=stack_layers(planned, pictures),
        merged=pictures[whole_of(planned)],
        recipe=recipe,
        card=NAMED,
    )


def plain_layer(seed: int, name: str = "Plain", side: int = 32) -> LayeredPicture:
    """Give a picture of one layer."""
    return single_layer(name, picture_of(seed, side), recipe=recipe_of(seed), card=CARD)


def layered_file(kind: LayeredFormat, *pictures: LayeredPicture, **fields: object) -> bytes:
    """Give a layered file of these pictures, of a painted one without any."""
    settings = msgspec.structs.replace(StillSettings(format=kind), **fields)
    return encode_layered(pictures or (layered(),), settings=settings)


def layers_of(
    *members: tuple[str, bytes], kind: str = "image/openraster", how: int = zipfile.ZIP_STORED
) -> bytes:
    """Give a zip as another program would write it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()
