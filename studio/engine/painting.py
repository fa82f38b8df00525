"""From a recipe with frame and regions to its picture: what goes through the graph, what is laid on.

Mixes meet in the features of the generator where its graph is of our kind, else in the pixels. What
is kept is laid over the finished picture, so that it stays equal to the pixel. Mirroring is last.

Shapes: H rows, W columns.
"""

from collections import OrderedDict
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.errors import RecipeError
from studio.core.latent import FloatArray
from studio.core.mask import alpha_of
from studio.core.recipe import (
    MAX_SEED,
    Frame,
    Recipe,
    Region,
    Source,
    Triple,
    cells_of,
    plain,
    size_px,
    with_frame,
)
from studio.engine.generator import CancelToken, Generator
from studio.engine.spread import (
    Layer,
    Spread,
    SpreadGraphs,
    is_same_picture,
    num_stations,
    own_station,
)

# How much of each zone the seed beyond the square rules there: another scene, in the same light and
# brush (tried by eye on the landscapes: with more, the two halves are two pictures).
BEYOND_SHARES: Final[Triple] = (0.6, 0.4, 0.0)
# Kept parts do not change while sliders move: their pictures are made once.
_MAX_CACHED_BYTES: Final = 32 * 1024 * 1024
_WAY_OUT: Final = "Set the frame back to the plain square; painting and enlarging still work."


def is_plain(recipe: Recipe) -> bool:
    """Say whether the graph as it was exported gives the whole picture."""
    frame = recipe.frame or Frame()
    is_square = frame.size is None and frame.tile == "none" and not frame.is_mirrored
    return is_square and not any(map(_counts, recipe.regions))


class Painter:
    """Makes the pictures that need more than the exported graph; one thread at a time."""

    def __init__(self, generator: Generator, graphs: SpreadGraphs) -> None:
        self._generator = generator
        self._graphs = graphs
        self._kept: OrderedDict[tuple[int, Recipe], Picture] = OrderedDict()
        self._is_compared = False

    @property
    def can_spread(self) -> bool:
        """Whether tiles, other sizes and mixing in the features are possible with this model."""
        return self._graphs.is_possible

    def render(self, recipe: Recipe, side: int, *, cancel: CancelToken | None = None) -> Picture:
        """Give the picture of a recipe before it is enlarged, uint8 [H, W, 3], read-only.

        Args:
            recipe: What to make.
            side: Side in px of the square picture at this size.
            cancel: Ends the run from another thread.

        Raises:
            RecipeError: The recipe does not fit, or asks for what this model cannot do.
            EngineError: The runtime failed.
            RenderCancelledError: Ended by `cancel`.
        """
        picture = self._unmirrored(recipe, side, cancel=cancel)
        if recipe.frame is not None and recipe.frame.is_mirrored:
            picture = np.ascontiguousarray(picture[:, ::-1])
            picture.flags.writeable = False
        return picture

    def _unmirrored(self, recipe: Recipe, side: int, *, cancel: CancelToken | None) -> Picture:
        width, height = size_px(recipe, side)
        picture = self._mixed(recipe, side, cancel=cancel)
        # A mix that was painted over a kept part covers it.
        uncovered = np.ones((height, width), dtype=np.float32)
        laid: list[tuple[int, FloatArray]] = []
        for place in reversed(range(len(recipe.regions))):
            region = recipe.regions[place]
            if not _counts(region):
                continue
            alpha = alpha_of(region.mask, width=width, height=height) * np.float32(region.strength)
            if region.kind == "mix":
                uncovered = uncovered * (1 - alpha)
            else:
                laid.append((place, alpha * uncovered))
        for place, alpha in reversed(laid):
            picture = blend(
                picture, self._kept_picture(recipe, place, side=side, cancel=cancel), alpha_HW=alpha
            )
        return picture

    def _kept_picture(
        self, recipe: Recipe, place: int, *, side: int, cancel: CancelToken | None
    ) -> Picture:
        """Give what a kept region shows: its own recipe, with the regions that lay below it."""
        region = recipe.regions[place]
        frame = recipe.frame or Frame()
        still = with_frame(
            msgspec.structs.replace(region.recipe, regions=recipe.regions[:place]),
            msgspec.structs.replace(frame, is_mirrored=False, enlarge=1),
        )
        key = (side, still)
        picture = self._kept.get(key)
        if picture is None:
            picture = self._kept[key] = self._unmirrored(still, side, cancel=cancel)
            while sum(one.nbytes for one in self._kept.values()) > _MAX_CACHED_BYTES:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return picture

    def _mixed(self, recipe: Recipe, side: int, *, cancel: CancelToken | None) -> Picture:
        """Give the picture with its mixes and without what is kept."""
        mixes = [one for one in recipe.regions if one.kind == "mix" and _counts(one)]
        frame = recipe.frame or Frame()
        is_square = frame.size is None and frame.tile == "none"
        if is_square and not mixes:
            return self._plain(recipe, side, cancel=cancel)
        if self._can_spread_now(recipe, side, cancel=cancel):
            return self._spread(recipe, mixes, side=side, cancel=cancel)
        if not is_square:
            raise RecipeError(
                f"The model “{self._generator.card.name}” cannot make tiles or other sizes than "
                "the square: its graph is of another kind.",
                _WAY_OUT,
            )
        picture = self._plain(recipe, side, cancel=cancel)
        for region in mixes:
            alpha = alpha_of(region.mask, width=side, height=side) * np.float32(region.strength)
            picture = blend(
                picture, self._plain(region.recipe, side, cancel=cancel), alpha_HW=alpha
            )
        return picture

    def _plain(self, recipe: Recipe, side: int, *, cancel: CancelToken | None) -> Picture:
        w_NLD = self._generator.w_of(plain(recipe))[None]
        return self._generator.render(w_NLD, side, cancel=cancel)[0]

    def _spread(
        self, recipe: Recipe, mixes: list[Region], *, side: int, cancel: CancelToken | None
    ) -> Picture:
        layers = [
            Layer(self._generator.w_of(region.recipe), region.mask, region.strength)
            for region in mixes
        ]
        frame = recipe.frame or Frame()
        stations = tuple(self._generator.w_of(one) for one in station_recipes(recipe))
        session, feeds = self._graphs.session(Spread(stations, tuple(layers), frame), side)
        image = self._generator.run(session, feeds, cancel=cancel)
        return self._generator.pictures(image)[0]

    def _can_spread_now(self, recipe: Recipe, side: int, *, cancel: CancelToken | None) -> bool:
        """Compare the rewritten graph with the exported one before it is first used."""
        if self._is_compared or not self._graphs.is_possible:
            return self._graphs.is_possible
        w_LD = self._generator.w_of(plain(recipe))
        expected = self._generator.image(w_LD[None], side, cancel=cancel)
        session, feeds = self._graphs.session(Spread((w_LD,), (), Frame()), side)
        found = self._generator.run(session, feeds, cancel=cancel)
        self._is_compared = True
        if not is_same_picture(expected, found):
            self._graphs.give_up()
        return self._graphs.is_possible


def station_recipes(recipe: Recipe) -> list[Recipe]:
    """Give the plain recipe of each station of a picture; one alone when all have one latent."""
    own = plain(recipe)
    cells = cells_of(recipe)
    across, down = num_stations(cells)
    if recipe.frame is None or recipe.frame.beyond is None or across * down == 1:
        return [own]
    found, number = [], recipe.frame.beyond
    for place in range(across * down):
        if place == own_station(cells):
            found.append(own)
            continue
        found.append(_with_beyond(own, number % (MAX_SEED + 1)))
        number += 1
    return found


def blend(below: Picture, above: Picture, *, alpha_HW: NDArray[np.float32]) -> Picture:
    """Give `above` laid on `below`; exactly `above` where alpha is 1, exactly `below` where 0."""
    low, high = below.astype(np.float32), above.astype(np.float32)
    mixed = np.rint(low + (high - low) * alpha_HW[:, :, None]).astype(np.uint8)
    mixed.flags.writeable = False
    return mixed


def _with_beyond(recipe: Recipe, seed: int) -> Recipe:
    totals = [sum(source.shares[i] for source in recipe.sources) for i in range(3)]

    def kept(shares: Triple) -> Triple:
        coarse, medium, fine = (shares[i] / totals[i] * (1 - BEYOND_SHARES[i]) for i in range(3))
        return (coarse, medium, fine)

    # The last of eight sources makes room; it is one of few who fade.
    own = [msgspec.structs.replace(one, shares=kept(one.shares)) for one in recipe.sources[:7]]
    sources = (*own, Source(seed=seed, shares=BEYOND_SHARES))
    return msgspec.structs.replace(recipe, sources=sources)


def _counts(region: Region) -> bool:
    return region.is_visible and region.strength > 0
