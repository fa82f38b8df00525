"""What a film costs per picture beside the bare runtime: rendered, stored, read again, written."""

import itertools
import tempfile
import time
from pathlib import Path
from typing import Final

from studio.cli.bench_timing import Measure, Samples, interleave, timed
from studio.cli.film_run import make_film
from studio.core.course import Course
from studio.core.recipe import new_recipe
from studio.core.walk import Key, Walk
from studio.engine.bare_run import BareRun
from studio.engine.session import GeneratorModel
from studio.export.film import FilmMatter, FilmSettings

_NUM_PICTURES: Final = 24
_FPS: Final = 24.0
_BUDGET_S: Final = 6.0


def measure_walk(
    folder: Path, *, num_threads: int, budget_s: float = _BUDGET_S
) -> dict[str, Samples]:
    """Give times in ms per picture: "bare", the runtime alone, and "film", a whole export to WebP.

    Args:
        folder: The model's.
        budget_s: How long to go on, once every one was measured three times.
        num_threads: What the bare runtime may use, as the engine does.
    """
    engine = GeneratorModel.open(folder, wish="cpu")
    bare = BareRun(folder, num_threads=num_threads)
    w_NLD = engine.generator.w_of(new_recipe(engine.card.model, 1))[None]
    with tempfile.TemporaryDirectory(prefix="studio-bench-film-") as place:
        measures: dict[str, Measure] = {
            "bare": timed(lambda: bare.run(w_NLD)),
            "film": _film(engine, Path(place)),
        }
        return interleave(measures, budget_s=budget_s)


def _film(engine: GeneratorModel, folder: Path) -> Measure:
    numbers = itertools.count(1)

    def one() -> float:
        number = next(numbers)  # other pictures every time: none is there already
        keys = tuple(
            Key(recipe=new_recipe(engine.card.model, 2 * number + seed), seconds=1.0)
            for seed in range(2)
        )
        walk = Walk(keys=keys)
        recipes = Course(walk).frames(_FPS)
        assert len(recipes) == _NUM_PICTURES
        begin_s = time.perf_counter()
        make_film(
            engine,
            folder / f"{number}.webp",
            matter=FilmMatter(walk, recipes, engine.card),
            settings=FilmSettings(kind="webp", fps=_FPS),
            is_silent=True,
        )
        return (time.perf_counter() - begin_s) * 1000 / _NUM_PICTURES

    return lambda count: [one() for _ in range(count)]
