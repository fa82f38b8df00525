"""Pictures of a film that was stopped are not made again, and damaged ones are."""

import os
from pathlib import Path

import numpy as np

from studio.core.arrays import Picture
from studio.export.frame_cache import FOLDER, FrameCache, plan_key, trim_cache
from tests.fakes.walks import seeds_walk

RECIPES = [key.recipe for key in seeds_walk(1, 2, 3).keys]


def picture_of(place: int) -> Picture:
    return np.full((8, 12, 3), place, dtype=np.uint8)


def test_pictures_are_found_again_and_damaged_ones_are_made_anew(tmp_path: Path) -> None:
    cache = FrameCache(tmp_path, plan_key(RECIPES, provider="CPU"))
    assert cache.missing(3) == [0, 1, 2]
    cache.put(0, picture_of(0))
    cache.put(2, picture_of(2))
    again = FrameCache(tmp_path, plan_key(RECIPES, provider="CPU"))
    assert again.missing(3) == [1]
    found = again.read(2)
    assert found is not None
    assert np.array_equal(found, picture_of(2))
    path = cache.folder / "000001.png"
    path.write_bytes(path.read_bytes()[:40])
    assert again.read(0) is None
    assert again.missing(3) == [0, 1]
    again.remove()
    assert again.missing(1) == [0]


def test_a_film_is_known_by_all_that_decides_its_pictures() -> None:
    keys = {
        plan_key(RECIPES, provider="CPU"),
        plan_key(RECIPES, provider="CUDA"),
        plan_key(RECIPES[:2], provider="CPU"),
        plan_key(RECIPES[::-1], provider="CPU"),
        plan_key(RECIPES, provider="CPU", extra="256"),
    }
    assert len(keys) == 5


def test_the_oldest_films_go_first(tmp_path: Path) -> None:
    caches = [FrameCache(tmp_path, plan_key(RECIPES, provider=name)) for name in ("a", "b", "c")]
    for age, cache in enumerate(caches):
        cache.put(0, picture_of(1))
        os.utime(cache.folder, (1000 + age, 1000 + age))
    size = (caches[0].folder / "000001.png").stat().st_size
    trim_cache(tmp_path, besides=caches[0].folder, limit=size)
    left = set((tmp_path / FOLDER).iterdir())
    assert left == {caches[0].folder, caches[2].folder}
