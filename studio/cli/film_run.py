"""A film from the first picture to the finished file; a stopped one goes on where it was."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from studio.cli.film_frames import FrameSource, sized
from studio.cli.machine import num_threads
from studio.cli.output import count_of, note
from studio.cli.progress import Progress
from studio.cli.walk_child import Report
from studio.core.arrays import Picture
from studio.core.errors import StorageError
from studio.engine.session import GeneratorModel
from studio.export.film import FilmMatter, FilmSettings, check_settings, write_film
from studio.export.frame_cache import FrameCache, plan_key, trim_cache
from studio.files.places import studio_home

_WRITERS: Final = 2


class FilmFacts(msgspec.Struct, frozen=True):
    """What was done: how many pictures the film has, how many were made now, and how long it took."""

    num_pictures: int
    num_rendered: int
    render_s: float
    write_s: float


def make_film(
    engine: GeneratorModel,
    path: Path,
    *,
    matter: FilmMatter,
    settings: FilmSettings,
    is_silent: bool,
    report: Report | None = None,
    is_fresh: bool = False,
) -> FilmFacts:
    """Render what is missing, and write the film.

    Args:
        engine: The open model.
        path: The file, or the folder for pictures.
        matter: What it is of.
        settings: How.
        is_silent: Whether no progress is shown.
        report: Told of every picture besides, for the window.
        is_fresh: Whether pictures of an earlier try are made anew.

    Raises:
        StudioError: A picture could not be made, or the film not be written. What was rendered is
            there for the next try.
    """
    check_settings(settings)
    matter = sized(matter, settings, side=engine.card.resolution)
    source = FrameSource(engine, matter)
    cache = FrameCache(studio_home(), plan_key(matter.recipes, provider=engine.provider))
    if is_fresh:
        cache.remove()
    count = len(matter.recipes)
    missing = cache.missing(count)
    if len(missing) < count and not is_silent:
        note(f"{count_of(count - len(missing), 'picture')} of an earlier try are there already.")
    begin_s = time.monotonic()
    with Progress("pictures", count, is_silent=is_silent) as progress:
        progress.advance(count - len(missing))

        def rendered(done: int) -> None:
            progress.advance(done)
            if report is not None:
                report("render", progress.num_done, total=count)

        _render(source, cache, matter=matter, missing=missing, told=rendered)
    rendered_s = time.monotonic()
    _write(source, path, cache=cache, matter=matter, settings=settings, tell=(is_silent, report))
    cache.remove()
    trim_cache(studio_home())
    return FilmFacts(count, len(missing), rendered_s - begin_s, time.monotonic() - rendered_s)


def _write(
    source: FrameSource,
    path: Path,
    *,
    cache: FrameCache,
    matter: FilmMatter,
    settings: FilmSettings,
    tell: tuple[bool, Report | None],
) -> None:
    is_silent, report = tell

    def read(place: int) -> Picture:
        found = cache.read(place)
        return source.pictures([matter.recipes[place]])[0] if found is None else found

    total = len(matter.recipes) + int(settings.repeats_first and matter.walk.is_loop)
    with Progress("pictures written", total, is_silent=is_silent) as progress:

        def written(done: int) -> None:
            progress.advance(done - progress.num_done)
            if report is not None:
                report("write", done, total=total)

        write_film(
            path,
            read,
            matter=matter,
            settings=settings,
            told=written,
        )


def _render(
    source: FrameSource,
    cache: FrameCache,
    *,
    matter: FilmMatter,
    missing: list[int],
    told: Callable[[int], None],
) -> None:
    waiting: list[Future[None]] = []
    with ThreadPoolExecutor(min(_WRITERS, num_threads())) as pool:
        try:
            for part in _parts(missing, source.batch):
                pictures = source.pictures([matter.recipes[place] for place in part])
                for done in waiting:
                    done.result()
                told(len(waiting))
                waiting = [
                    pool.submit(cache.put, place, picture)
                    for place, picture in zip(part, pictures, strict=True)
                ]
            for done in waiting:
                done.result()
            told(len(waiting))
        except StorageError as error:
            raise StorageError(
                error.what, "Free some space, then call again: what was rendered stays."
            ) from error


def _parts(places: list[int], batch: int) -> list[list[int]]:
    return [places[begin : begin + batch] for begin in range(0, len(places), batch)]
