"""Good recipes of every kind, for properties."""

import msgspec
import numpy as np
from hypothesis import strategies as st

from studio.core.mask import mask_to_text
from studio.core.recipe import (
    MAX_PSI,
    MAX_SEED,
    MAX_STRENGTH,
    Edit,
    Frame,
    Recipe,
    Region,
    Source,
    Triple,
    floats_to_text,
    new_recipe,
    with_frame,
)

HEX = "0123456789abcdef"


def triples(low: float, high: float) -> st.SearchStrategy[Triple]:
    """Give triples within a range."""
    number = st.floats(low, high, allow_nan=False)
    return st.tuples(number, number, number)


def latents() -> st.SearchStrategy[str]:
    """Give small stored latents as text."""
    return st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=8).map(
        lambda values: floats_to_text(np.array(values, dtype=np.float32))
    )


def sources() -> st.SearchStrategy[Source]:
    """Give sources with a share in every zone."""
    shares = triples(0.01, 10.0)
    return st.one_of(
        st.builds(Source, seed=st.integers(0, MAX_SEED), shares=shares),
        st.builds(Source, w=latents(), shares=shares),
    )


def edits() -> st.SearchStrategy[tuple[Edit, ...]]:
    """Give sorted edits of different directions."""
    one = st.builds(
        Edit,
        direction=st.text(HEX, min_size=16, max_size=16),
        strength=triples(-MAX_STRENGTH, MAX_STRENGTH),
        vector=st.none() | latents(),
    )
    return st.lists(one, max_size=5, unique_by=lambda edit: edit.direction).map(
        lambda found: tuple(sorted(found, key=lambda edit: edit.direction))
    )


def plain_recipes(model: str | None = None) -> st.SearchStrategy[Recipe]:
    """Give recipes of schema 1 that break no rule."""
    zones = st.tuples(st.integers(1, 32), st.integers(32, 64))
    return st.builds(
        Recipe,
        model=st.text(HEX, min_size=64, max_size=64) if model is None else st.just(model),
        sources=st.lists(sources(), min_size=1, max_size=8).map(tuple),
        psi=triples(0.0, MAX_PSI),
        edits=edits(),
        zones=st.none() | zones,
    )


def frames() -> st.SearchStrategy[Frame]:
    """Give frames of every kind."""
    sizes = st.tuples(st.integers(4, 8), st.integers(4, 8))
    return st.builds(
        Frame,
        tile=st.sampled_from(("none", "x", "y", "both")),
        size=st.none() | sizes,
        beyond=st.none() | st.integers(0, MAX_SEED),
        enlarge=st.sampled_from((1, 2, 4, 8, 16)),
        is_mirrored=st.booleans(),
    )


MASKS = tuple(
    mask_to_text(np.array(levels, dtype=np.uint8)) for levels in ([[255]], [[0, 80], [255, 1]])
)


def regions(model: str) -> st.SearchStrategy[tuple[Region, ...]]:
    """Give regions for recipes of a model."""
    one = st.builds(
        Region,
        kind=st.sampled_from(("keep", "mix")),
        mask=st.sampled_from(MASKS),
        recipe=st.integers(0, MAX_SEED).map(lambda seed: new_recipe(model, seed)),
        strength=st.floats(0, 1),
        is_visible=st.booleans(),
        name=st.sampled_from(("", "sky", "山", "a" * 60)),
    )
    return st.lists(one, max_size=2).map(tuple)


def with_beyond(recipe: Recipe, frame: Frame | None, painted: tuple[Region, ...]) -> Recipe:
    """Give the recipe with a frame and regions."""
    framed = recipe if frame is None else with_frame(recipe, frame)
    return msgspec.structs.replace(framed, regions=painted)


def beyond_recipes() -> st.SearchStrategy[Recipe]:
    """Give recipes of schema 2."""
    model = HEX * 4
    return st.builds(with_beyond, plain_recipes(model), st.none() | frames(), regions(model))


def recipes() -> st.SearchStrategy[Recipe]:
    """Give recipes of every kind that break no rule."""
    return plain_recipes() | beyond_recipes()
