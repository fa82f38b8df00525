"""The part of the bench about growth: what one more costs when there are many already."""

import itertools
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from msgspec.structs import replace

from studio.cli.bench_report import Report
from studio.cli.model_choice import choose_model, open_library
from studio.core.recipe import new_recipe, with_edit
from studio.engine.session import GeneratorModel
from studio.files.atomic import Disk
from studio.library.gallery import Gallery
from studio.library.gallery_folder import GalleryFolder
from studio.library.kept import Entry, Kept
from studio.library.model_library import ModelLibrary

_GALLERIES: Final = (1_000, 10_000, 100_000)
_LIBRARIES: Final = (5, 50, 500)
_SLIDERS: Final = (0, 4, 16)
_TIMES: Final = 7


class _NoWait(Disk):
    """A disk that is not waited for: a hundred thousand records are made in seconds."""

    def sync(self, file: BinaryIO) -> None:
        """Only hand it to the system."""
        file.flush()

    def sync_folder(self, folder: Path) -> None:
        """Nothing."""


def measure_growth(report: Report) -> None:
    """Add the curves; each point is the median of some times, in ms."""
    model = choose_model(open_library(), None)
    engine = GeneratorModel.open(model.folder, wish="cpu")
    report.growth["sliders moved: latent of a recipe"] = _sliders(engine)
    for name, points in _galleries(engine).items():
        report.growth[name] = points
    report.growth["installed models: listed"] = _libraries(model.folder)


def _sliders(engine: GeneratorModel) -> list[tuple[int, float]]:
    ids = [entry.id for entry in engine.directions.entries]
    points = []
    for count in _SLIDERS:
        recipe = new_recipe(engine.card.model, 1)
        for direction in ids[:count]:
            recipe = with_edit(recipe, direction, strength=(1.0, 1.0, 1.0))
        points.append((min(count, len(ids)), _median_ms(lambda: engine.generator.w_of(recipe))))  # noqa: B023
    return points


def _galleries(engine: GeneratorModel) -> dict[str, list[tuple[int, float]]]:
    """Keep one more, list and search in growing galleries of one picture many times."""
    curves: dict[str, list[tuple[int, float]]] = {
        "kept pictures: one more is kept": [],
        "kept pictures: listed again": [],
        "kept pictures: searched": [],
    }
    recipe = new_recipe(engine.card.model, 1)
    picture = engine.render(recipe)
    with tempfile.TemporaryDirectory(prefix="studio-bench-gallery-") as place:
        home = Path(place)
        for count in _GALLERIES:
            with Gallery(home, disk=_NoWait()) as gallery:
                first = gallery.keep(picture, recipe, card=engine.card, name="", provider="CPU")
                num_there = len(gallery.items())
            _fill(home, first, begin=num_there, count=count - num_there)
            with Gallery(home, disk=_NoWait()) as gallery:
                gallery.items()

                def keep(gallery: Gallery = gallery) -> None:
                    gallery.keep(picture, recipe, card=engine.card, name="", provider="CPU")
                    gallery.items()

                def search(gallery: Gallery = gallery) -> None:
                    gallery.items("no such word")

                found = (_median_ms(keep), _median_ms(gallery.items), _median_ms(search))
            for points, took_ms in zip(curves.values(), found, strict=True):
                points.append((count, took_ms))
    return curves


def _fill(home: Path, first: Kept, *, begin: int, count: int) -> None:
    """Write records of one picture, as keeping does, without waiting for the disk."""
    folder = GalleryFolder(home, _NoWait())
    for number in range(begin, begin + count):
        kept = replace(first, id=uuid.uuid4().hex, sequence=number + 1)
        folder.write_entry(Entry(kept))


def _libraries(model: Path) -> list[tuple[int, float]]:
    """List folders of many models: the same one under many names."""
    points = []
    with tempfile.TemporaryDirectory(prefix="studio-bench-models-") as place:
        root = Path(place)
        numbers = itertools.count()
        for count in _LIBRARIES:
            while len(list(root.iterdir())) < count:
                (root / f"model-{next(numbers)}").symlink_to(model, target_is_directory=True)
            library = ModelLibrary([root])
            points.append((count, _median_ms(library.scan)))
    return points


def _median_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMES):
        begin_s = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin_s) * 1000)
    return round(statistics.median(times), 3)
