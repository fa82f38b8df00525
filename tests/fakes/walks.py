"""Walks of every kind over one model, for properties."""

from hypothesis import strategies as st

from studio.core.recipe import MAX_SEED, Recipe, Source, new_recipe, with_edit
from studio.core.walk import EASINGS, Key, SoundDrive, Walk

MODEL = "ab" * 32
DIRECTIONS = ("1" * 16, "2" * 16)
part = st.sampled_from((0.0, 0.25, 0.7, 1.0))
triples = st.tuples(part, part, part)


@st.composite
def walk_recipes(draw: st.DrawFn, *, max_sources: int = 4) -> Recipe:
    """Give recipes of one model that share seeds, directions and values now and then."""
    sources = [Source(seed=draw(st.integers(0, 5)))]
    for _ in range(draw(st.integers(0, max_sources - 1))):
        seed = draw(st.integers(0, 5) | st.integers(0, MAX_SEED))
        sources.append(Source(seed=seed, shares=draw(triples)))
    recipe = Recipe(model=MODEL, sources=tuple(sources), psi=draw(triples))
    for direction in DIRECTIONS:
        recipe = with_edit(recipe, direction, strength=draw(triples))
    return recipe


@st.composite
def walks(draw: st.DrawFn, *, min_keys: int = 0, is_loop: bool | None = None) -> Walk:
    """Give walks that break no rule."""
    keys = draw(
        st.lists(
            st.builds(
                Key,
                recipe=walk_recipes(),
                seconds=st.floats(0.1, 20.0).map(lambda seconds: round(seconds, 3)),
                easing=st.sampled_from(EASINGS),
            ),
            min_size=min_keys,
            max_size=5,
        )
    )
    return Walk(
        name=draw(st.sampled_from(("", "A walk", "黄昏"))),
        keys=tuple(keys),
        is_loop=draw(st.booleans()) if is_loop is None else is_loop,
        is_even=draw(st.booleans()),
        sound=draw(st.none() | st.just(SoundDrive(amount=1.5, directions=DIRECTIONS[:1]))),
    )


def seeds_walk(*seeds: int, model: str = MODEL, seconds: float = 1.0) -> Walk:
    """Give a plain walk over seeds."""
    return Walk(keys=tuple(Key(recipe=new_recipe(model, seed), seconds=seconds) for seed in seeds))
