"""A walk as a file: MP4, WebM, GIF, WebP, or a folder of PNG pictures.

Pictures come one by one and are written beside the final name, which gets them only when all is
there.
"""

import contextlib
import itertools
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal, get_args

import msgspec

from studio.core.arrays import Picture
from studio.core.errors import PictureError, StorageError
from studio.core.model_card import ModelCard
from studio.core.provenance import PROGRAM, SOURCE_TYPE, credit_only, provenance_of
from studio.core.recipe import Recipe
from studio.core.walk import Walk
from studio.core.walk_json import walk_to_json
from studio.core.xmp import xmp_packet
from studio.export.stills import MAX_SIZE_PX, StillSettings, encode_still
from studio.export.video import SoundTrack, VideoKind, load_av, write_video
from studio.files.animation import GifWriter, WebpWriter
from studio.files.atomic import (
    DISK,
    TEMP_PREFIX,
    UNSYNCED,
    Disk,
    storage_error,
    write_atomic,
    write_bytes_atomic,
)
from studio.files.images import resize_to

FilmKind = Literal["mp4", "webm", "gif", "webp", "png"]
SUFFIX_BY_KIND: Final[dict[FilmKind, str]] = {
    "mp4": ".mp4",
    "webm": ".webm",
    "gif": ".gif",
    "webp": ".webp",
    "png": "",
}
MAX_GIF_FPS: Final = 50.0  # a GIF counts in hundredths of a second, and players take 1 for 10
# What players read of a film's texts at once; a longer walk is left out.
MAX_TOLD_WALK: Final = 64 * 1024
DEFAULT_QUALITY: Final = 85


class FilmSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a film is made.

    Attributes:
        kind: Container; "png" is a folder of pictures.
        fps: Pictures a second, up to 120.
        size: Longer side in pixels, None for the pictures' own.
        quality: 1…100; no meaning for GIF and PNG.
        with_recipe: Whether the walk, and in PNG pictures each one's recipe, goes in.
        repeats_first: Whether a loop ends with its first picture once more, for editing programs;
            a player that goes round would then show it twice.
    """

    kind: FilmKind = "mp4"
    fps: float = 30.0
    size: int | None = None
    quality: int = DEFAULT_QUALITY
    with_recipe: bool = True
    repeats_first: bool = False


class FilmMatter(msgspec.Struct, frozen=True):
    """What a film is of.

    Attributes:
        walk: The walk.
        recipes: One for each picture.
        card: The model.
        sound: Sound for MP4 and WebM, None for none.
    """

    walk: Walk
    recipes: tuple[Recipe, ...]
    card: ModelCard
    sound: SoundTrack | None = None


def check_settings(settings: FilmSettings) -> None:
    """Refuse what cannot be made, before any work is done.

    Raises:
        VideoError: The library for MP4 and WebM is not installed.
        PictureError: A size or speed that this kind of file cannot have.
    """
    if settings.kind in get_args(VideoKind):
        load_av()
    if settings.kind == "gif" and settings.fps > MAX_GIF_FPS:
        raise PictureError(
            f"A GIF has at most {MAX_GIF_FPS:g} pictures a second.",
            "Choose fewer, or another kind of file.",
        )
    if settings.size is not None and not 16 <= settings.size <= MAX_SIZE_PX // 2:
        raise PictureError(
            f"A film of {settings.size} px cannot be made.",
            f"Choose a size between 16 and {MAX_SIZE_PX // 2} px.",
        )


def write_film(
    path: Path,
    read: Callable[[int], Picture],
    *,
    matter: FilmMatter,
    settings: FilmSettings,
    told: Callable[[int], None] | None = None,
    disk: Disk = DISK,
) -> None:
    """Write a film; the name holds it whole or not at all.

    Args:
        path: A file, or for "png" a folder that is not there or empty.
        read: Gives the picture of a place; called once for each, in order.
        matter: What it is of.
        settings: How.
        told: Called with how many pictures are written; what it raises ends the work.
        disk: What carries out the steps.

    Raises:
        StorageError: No space, no permission or a failing disk; nothing is left behind.
        VideoError: The library for films is missing or failed.
    """
    check_settings(settings)
    count = len(matter.recipes) + (settings.repeats_first and matter.walk.is_loop)

    def pictures() -> Iterator[Picture]:
        for place in range(count):
            yield fitted(read(place % len(matter.recipes)), settings)
            if told is not None:
                told(place + 1)

    if settings.kind == "png":
        _write_folder(path, pictures(), matter=matter, settings=settings, disk=disk)
        return

    def write(file: BinaryIO) -> None:
        _write_file(file, pictures(), matter=matter, settings=settings)

    write_atomic(path, write, disk=disk)


def fitted(picture: Picture, settings: FilmSettings) -> Picture:
    """Give the picture at the film's size; MP4 and WebM have even sides."""
    if settings.size is not None:
        picture = resize_to(picture, settings.size)
    if settings.kind in get_args(VideoKind):
        height, width = picture.shape[:2]
        picture = picture[: height - height % 2, : width - width % 2]
    return picture


def film_texts(matter: FilmMatter, settings: FilmSettings) -> dict[str, str]:
    """Give what a film says about itself, by the names that players know."""
    card = matter.card
    texts = {
        "title": matter.walk.name,
        "artist": card.credit,
        "copyright": card.credit,
        "comment": f"{PROGRAM}: a walk through the generator {card.name}. {SOURCE_TYPE}",
    }
    if settings.with_recipe:
        told = walk_to_json(matter.walk)
        if len(told) <= MAX_TOLD_WALK:
            texts["description"] = told
    return {name: text for name, text in texts.items() if text}


def _write_file(
    file: BinaryIO, pictures: Iterator[Picture], *, matter: FilmMatter, settings: FilmSettings
) -> None:
    if settings.kind in ("mp4", "webm"):
        kind: VideoKind = "mp4" if settings.kind == "mp4" else "webm"
        write_video(
            file,
            pictures,
            kind=kind,
            fps=settings.fps,
            quality=settings.quality,
            texts=film_texts(matter, settings),
            sound=matter.sound,
        )
        return
    first = next(pictures)
    size = (first.shape[1], first.shape[0])
    both = zip(itertools.chain((first,), pictures), _ticks(settings), strict=False)
    if settings.kind == "gif":
        gif = GifWriter(file, size=size, comment="\n".join(film_texts(matter, settings).values()))
        for picture, ticks in both:
            gif.add(picture, ticks)
        gif.close()
        return
    webp = WebpWriter(file, size=size, quality=settings.quality, xmp=_xmp(matter, settings))
    for picture, ticks in both:
        webp.add(picture, ticks)
    webp.close()


def _ticks(settings: FilmSettings) -> Iterator[int]:
    """Give how long each picture stands, in the file's own unit; rounding never adds up."""
    per_second = 100 if settings.kind == "gif" else 1000
    before = 0
    for place in itertools.count(1):
        after = round(per_second * place / settings.fps)
        yield after - before
        before = after


def _xmp(matter: FilmMatter, settings: FilmSettings) -> bytes:
    if not settings.with_recipe:
        return xmp_packet(credit_only(matter.card), with_recipe=False).encode()
    told = provenance_of(None, matter.card, size=(0, 0), pixels="")
    return xmp_packet(told, with_recipe=True, walk_json=walk_to_json(matter.walk)).encode()


def _write_folder(
    folder: Path,
    pictures: Iterable[Picture],
    *,
    matter: FilmMatter,
    settings: FilmSettings,
    disk: Disk,
) -> None:
    temp = folder.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    still = StillSettings(with_recipe=settings.with_recipe)
    recipes = itertools.cycle(matter.recipes)
    try:
        disk.make_folder(temp)
        for place, (picture, recipe) in enumerate(zip(pictures, recipes, strict=False), start=1):
            content = encode_still(picture, recipe=recipe, card=matter.card, settings=still)
            # Not waited for one by one: nothing has the final name before all is there.
            write_bytes_atomic(temp / f"{place:05d}.png", content, disk=_quick(disk))
        _check_free(folder)
        disk.rename(temp, folder)
        disk.sync_folder(folder.parent)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(temp)


def _quick(disk: Disk) -> Disk:
    return UNSYNCED if disk is DISK else disk


def _check_free(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise StorageError(
            f"The folder “{folder.name}” holds files already, so nothing was put there.",
            "Choose another name.",
        )
