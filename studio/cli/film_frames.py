"""The pictures of a film: rendered, and made as large as is wished by the network for that."""

from collections.abc import Sequence
from typing import Final

import msgspec

from studio.core.arrays import Picture
from studio.core.enlargement import enlargement_of, factor_for, tile_of, with_enlargement
from studio.core.recipe import Recipe, size_px
from studio.engine.enlarging import Enlarger
from studio.engine.session import GeneratorModel
from studio.export.film import FilmMatter, FilmSettings

_BATCH: Final = 9  # the largest that the engine takes at once on a graphics card


class FrameSource:
    """Gives pictures of recipes, enlarged as each recipe says.

    Attributes:
        batch: How many pictures are best asked for at once: few where each takes long.
    """

    def __init__(self, engine: GeneratorModel, matter: FilmMatter) -> None:
        self._engine = engine
        self._enlarger = Enlarger(wish="cuda" if engine.provider == "CUDA" else "cpu")
        self.batch = _BATCH if enlargement_of(matter.recipes[0]) == 1 else 1

    def pictures(self, recipes: Sequence[Recipe]) -> list[Picture]:
        """Give the pictures in order."""
        return [
            self._enlarger.enlarge(picture, enlargement_of(recipe), wrap=tile_of(recipe))
            for recipe, picture in zip(recipes, self._engine.render_many(recipes), strict=True)
        ]


def sized(matter: FilmMatter, settings: FilmSettings, *, side: int) -> FilmMatter:
    """Give the film with every recipe enlarged by as much as its size needs.

    Args:
        matter: The film.
        settings: Its size; None keeps what the recipes say.
        side: Side in px of the model's square picture.
    """
    if settings.size is None:
        return matter
    factor = factor_for(max(size_px(matter.recipes[0], side)), settings.size)
    recipes = tuple(with_enlargement(recipe, factor) for recipe in matter.recipes)
    return msgspec.structs.replace(matter, recipes=recipes)
