"""Renders recipes in batches and writes the pictures beside it in threads."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from studio.cli.machine import num_threads
from studio.cli.output import count_of, note
from studio.cli.progress import Progress
from studio.core.arrays import Picture, pixel_hash
from studio.core.enlargement import enlargement_of, factor_for, tile_of, with_enlargement
from studio.core.recipe import Recipe
from studio.engine.enlarging import Enlarger
from studio.engine.painting import is_plain
from studio.engine.session import GeneratorModel
from studio.export.sheet import make_sheet
from studio.export.stills import StillSettings, save_still
from studio.files.deep_images import DeepPicture, with_alpha

# Encoding a PNG costs about a tenth of a 256 px picture on the CPU: a few threads are enough.
_MAX_WRITERS: Final = 4


class Made(msgspec.Struct, frozen=True):
    """One finished picture.

    Attributes:
        path: Where it lies.
        recipe: What made it; it says by how much it was enlarged.
        pixel_hash: Of the picture as rendered, before it was enlarged or made smaller.
    """

    path: Path
    recipe: Recipe
    pixel_hash: str


class PictureWriter:
    """Makes pictures with one model and writes them with one kind of settings."""

    def __init__(self, engine: GeneratorModel, *, settings: StillSettings, is_silent: bool) -> None:
        self._engine = engine
        self._settings = settings
        self._is_silent = is_silent
        self._enlarger = Enlarger(wish="cuda" if engine.provider == "CUDA" else "cpu")

    def write(self, recipes: Sequence[Recipe], paths: Sequence[Path], *, batch: int) -> list[Made]:
        """Render and write every picture; gives them in order.

        Raises:
            StudioError: A picture could not be made or written. What was written before stays.
            KeyboardInterrupt: Stopped; the same, and it is said how many are there.
        """
        made: list[Made] = []
        waiting: deque[Future[Made]] = deque()
        num_writers = min(_MAX_WRITERS, num_threads())
        with self._progress(len(recipes)) as progress, ThreadPoolExecutor(num_writers) as pool:

            def collect(num_left: int) -> None:
                while len(waiting) > num_left:
                    made.append(waiting.popleft().result())
                    progress.advance()

            try:
                for begin in range(0, len(recipes), batch):
                    part = recipes[begin : begin + batch]
                    pictures = self._engine.render_many(part)
                    for index, picture in enumerate(pictures):
                        recipe, large = enlarged_as_wished(
                            part[index],
                            picture,
                            engine=self._engine,
                            enlarger=self._enlarger,
                            settings=self._settings,
                        )
                        told = Made(paths[begin + index], recipe, pixel_hash(picture))
                        waiting.append(pool.submit(self._save, told, large))
                    collect(2 * num_writers)
                collect(0)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                progress.close()
                self._tell_stopped(made, waiting)
                raise
        return made

    def render(self, recipes: Sequence[Recipe], *, batch: int, size: int | None) -> list[Picture]:
        """Render every picture at `size` px (None: the model's own); gives them in order."""
        pictures: list[Picture] = []
        with self._progress(len(recipes)) as progress:
            for begin in range(0, len(recipes), batch):
                part = self._engine.render_many(recipes[begin : begin + batch], size=size)
                pictures.extend(part)
                progress.advance(len(part))
        return pictures

    def save_plain(self, path: Path, picture: Picture) -> Path:
        """Write a picture that belongs to no single recipe; gives the path it has."""
        return save_still(
            path, picture, recipe=None, card=self._engine.card, settings=self._settings
        )

    def _save(self, made: Made, picture: Picture | DeepPicture) -> Made:
        path = save_still(
            made.path,
            picture,
            recipe=made.recipe,
            card=self._engine.card,
            settings=self._settings,
        )
        return msgspec.structs.replace(made, path=path)

    def _progress(self, total: int) -> Progress:
        return Progress("pictures", total, is_silent=self._is_silent or total == 1)

    def _tell_stopped(self, made: list[Made], waiting: deque[Future[Made]]) -> None:
        late = [future for future in waiting if future.done() and not future.cancelled()]
        num_written = len(made) + sum(future.exception() is None for future in late)
        if num_written and not self._is_silent:
            verb = "is" if num_written == 1 else "are"
            note(f"{count_of(num_written, 'picture')} {verb} written and stay.")


def enlarged_as_wished(
    recipe: Recipe,
    picture: Picture,
    *,
    engine: GeneratorModel,
    enlarger: Enlarger,
    settings: StillSettings,
) -> tuple[Recipe, Picture | DeepPicture]:
    """Give a picture's recipe, and the picture as large and deep as is wished or its recipe says.

    Args:
        recipe: What made the picture.
        picture: As rendered, not enlarged.
        engine: Its model, which gives floats for 16 bits.
        enlarger: Makes it larger.
        settings: Say how large and how deep.
    """
    factor = enlargement_of(recipe)
    if settings.size is not None:
        factor = factor_for(max(picture.shape[:2]), settings.size)
    wrap, told = tile_of(recipe), with_enlargement(recipe, factor)
    plain = with_enlargement(recipe, 1)
    alpha = engine.render_alpha(plain) if is_plain(plain) else None
    if not settings.is_deep:
        return told, with_alpha(enlarger.enlarge(picture, factor, wrap=wrap), alpha)
    fine = engine.render_fine(plain)
    if fine is None:
        fine = picture.astype(np.float32) / np.float32(255)
    fine = enlarger.enlarge_float(fine, factor, wrap=wrap)
    deep = np.rint(fine * np.float32(65535)).astype(np.uint16)
    return told, with_alpha(deep, alpha)


def write_sheet(
    writer: PictureWriter, recipes: Sequence[Recipe], *, path: Path, size: int | None
) -> list[Made]:
    """Render every recipe and write one sheet; each of its pictures names the same file."""
    pictures = writer.render(recipes, batch=4, size=size)
    path = writer.save_plain(path, make_sheet(pictures))
    pairs = zip(recipes, pictures, strict=True)
    return [Made(path, recipe, pixel_hash(picture)) for recipe, picture in pairs]
