"""A changed copy is known by its looks, and no other picture is taken for it."""

import numpy as np
import pytest

from studio.core.arrays import Picture
from studio.core.likeness import (
    DESCRIPTION_BYTES,
    Look,
    LooksTable,
    Overlay,
    describe,
    lay_over,
)
from tests.fakes.changed_copies import cropped, resized, saved_with_loss, scene

SCENES = [scene(seed) for seed in range(60)]
TABLE = LooksTable([describe(one) for one in SCENES])


def find(copy: Picture) -> tuple[int, Overlay] | None:
    look = Look(copy)
    laid = [
        (place, lay_over(look, Look(SCENES[place]), cut=cut))
        for place, cut in TABLE.nearest(look, 6)
    ]
    same = [one for one in laid if one[1].is_same]
    return min(same, key=lambda one: one[1].levels) if same else None


@pytest.mark.parametrize("seed", range(0, 60, 6))
@pytest.mark.parametrize("change", ["jpeg", "half", "left", "middle", "all"])
def test_a_changed_copy_is_found(seed: int, change: str) -> None:
    picture = SCENES[seed]
    copy = {
        "jpeg": lambda: saved_with_loss(picture),
        "half": lambda: resized(picture),
        "left": lambda: cropped(picture, left=0.1),
        "middle": lambda: cropped(picture, left=0.04, top=0.06),
        "all": lambda: saved_with_loss(resized(cropped(picture, left=0.1, top=0.05))),
    }[change]()
    found = find(copy)
    assert found is not None
    assert found[0] == seed
    assert found[1].is_cropped == (change in ("left", "middle", "all"))


def test_strangers_are_not_found() -> None:
    assert [seed for seed in range(1000, 1025) if find(scene(seed)) is not None] == []


def test_the_cut_is_told() -> None:
    found = find(cropped(SCENES[3], left=0.1, top=0.0))
    assert found is not None
    np.testing.assert_allclose(found[1].cut, (0.1, 0.0, 0.0, 0.1), atol=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 5000), (3, 3), (700, 2)])
def test_any_shape_has_a_description(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 77, np.uint8)
    assert describe(picture) == bytes([77]) * DESCRIPTION_BYTES
    assert find(picture) is None


def test_an_empty_table_finds_nothing() -> None:
    assert LooksTable([]).nearest(Look(SCENES[0]), 6) == []


def test_one_colour_is_not_every_colour() -> None:
    grey = np.full((40, 40, 3), 90, np.uint8)
    red = np.full((40, 40, 3), (160, 40, 40), np.uint8)
    assert not lay_over(Look(red), Look(grey), cut=0).is_same
    assert lay_over(Look(grey), Look(grey), cut=0).is_same
