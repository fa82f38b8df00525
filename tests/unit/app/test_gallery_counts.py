"""Counts that go on from the last ones are those of a count from the beginning."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.app.gallery_counts import Tally
from studio.library.kept import Kept
from tests.fakes.galleries import CARD, recipe_of

MIDNIGHT_S = 1000.0


def kept(number: int, *, starred: bool, at_s: float, tags: tuple[str, ...]) -> Kept:
    return Kept(
        id=f"{number:032x}",
        sequence=number,
        kept_at=at_s,
        name="",
        object="",
        pixel_hash="",
        width=1,
        height=1,
        model=CARD.model,
        model_name=CARD.name,
        seed_text="1",
        recipe=recipe_of(1),
        provider="CPU",
        credit="",
        starred=starred,
        tags=tags,
    )


pictures = st.builds(
    kept,
    st.integers(0, 99),
    starred=st.booleans(),
    at_s=st.sampled_from([999.0, 1000.0, 5000.0]),
    tags=st.sampled_from([(), ("b",), ("B", "a")]),
)
# How many of the pictures are there at each look, and when today began.
looks = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([MIDNIGHT_S, 2000.0])),
    min_size=1,
    max_size=6,
)


@given(st.lists(pictures, min_size=6, max_size=6), looks)
def test_whatever_comes_and_goes_the_counts_are_right(
    some: list[Kept], looked: list[tuple[int, int, float]]
) -> None:
    tally = Tally()
    for first, starred, midnight_s in looked:
        items = tuple(some[first:])
        items = tuple(
            replace(one, starred=not one.starred) if index == starred else one
            for index, one in enumerate(items)
        )
        found = tally.count(items, num_trash=3, midnight_s=midnight_s)
        assert found == Tally().count(items, num_trash=3, midnight_s=midnight_s)
        assert found.total == len(items)
        assert found.starred == sum(one.starred for one in items)
        assert found.today == sum(one.kept_at >= midnight_s for one in items)
        assert dict(found.by_tag) == {
            tag: sum(tag in one.tags for one in items) for one in items for tag in one.tags
        }
