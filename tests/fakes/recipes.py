"""Good recipes of every kind, for properties."""

import numpy as np
from hypothesis import strategies as st

from studio.core.recipe import (
    MAX_PSI,
    MAX_SEED,
    MAX_STRENGTH,
    Edit,
    Recipe,
    Source,
    Triple,
    floats_to_text,
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


def recipes() -> st.SearchStrategy[Recipe]:
    """Give recipes that break no rule."""
    zones = st.tuples(st.integers(1, 32), st.integers(32, 64))
    return st.builds(
        Recipe,
        model=st.text(HEX, min_size=64, max_size=64),
        sources=st.lists(sources(), min_size=1, max_size=8).map(tuple),
        psi=triples(0.0, MAX_PSI),
        edits=edits(),
        zones=st.none() | zones,
    )
