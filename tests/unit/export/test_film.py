"""A film is there whole or not at all, and plays what was put in."""

import errno
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageSequence

from studio.core.arrays import Picture
from studio.core.errors import DiskFullError, PictureError, StorageError
from studio.core.walk import Walk
from studio.core.walk_json import walk_to_json
from studio.export import video
from studio.export.film import FilmKind, FilmMatter, FilmSettings, write_film
from studio.export.video import SoundTrack, VideoError
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.disks import FaultyDisk, raise_error
from tests.fakes.galleries import CARD
from tests.fakes.walks import seeds_walk

COUNT, SIDE, FPS = 12, 32, 24.0
WALK = replace(seeds_walk(1, 2), name="Dusk 黄昏", is_loop=True)
RECIPES = tuple(WALK.keys[0].recipe for _ in range(COUNT))
MATTER = FilmMatter(WALK, RECIPES, CARD)
# Every kind that this machine can make; MP4 and WebM need an extra.
KINDS: tuple[FilmKind, ...] = ("gif", "webp", "png", *(("mp4", "webm") if video.has_av() else ()))


def picture_at(place: int) -> Picture:
    """A bright bar that goes from left to right over a soft ground."""
    picture = np.full((SIDE, SIDE, 3), (40, 60, 90), dtype=np.uint8)
    left = place * SIDE // COUNT
    picture[:, left : left + SIDE // COUNT] = (240, 200, 120)
    return picture


def settings_of(kind: FilmKind, **changes: object) -> FilmSettings:
    return replace(FilmSettings(kind=kind, fps=FPS, quality=100), **changes)


def written(folder: Path, kind: FilmKind, **changes: object) -> Path:
    path = folder / f"film{'' if kind == 'png' else f'.{kind}'}"
    write_film(path, picture_at, matter=MATTER, settings=settings_of(kind, **changes))
    return path


def played(path: Path) -> list[Picture]:
    if path.is_dir():
        return [np.asarray(Image.open(file)) for file in sorted(path.iterdir())]
    if path.suffix in (".mp4", ".webm"):
        av = video.load_av()
        with av.open(path) as container:
            return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with Image.open(path) as image:
        return [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(image)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_there_in_its_order(kind: FilmKind, tmp_path: Path) -> None:
    pictures = played(written(tmp_path, kind))
    assert len(pictures) == COUNT
    limit = {"png": 0, "webp": 0, "gif": 8}.get(kind, 12)
    for place, picture in enumerate(pictures):
        difference = np.abs(picture.astype(int) - picture_at(place))
        assert difference.mean() <= limit, place
    assert [path.name for path in tmp_path.iterdir()] == [written_name(kind)]


def written_name(kind: FilmKind) -> str:
    return "film" if kind == "png" else f"film.{kind}"


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_it_goes_round_for_ever_at_its_speed(kind: FilmKind, tmp_path: Path) -> None:
    with Image.open(written(tmp_path, kind)) as image:
        durations = []
        for one in ImageSequence.Iterator(image):
            one.load()
            durations.append(one.info["duration"])
        assert image.info["loop"] == 0
    assert sum(durations) == pytest.approx(1000 * COUNT / FPS, abs=10)


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_where_it_comes_from(kind: FilmKind, tmp_path: Path) -> None:
    path = written(tmp_path, kind)
    if path.is_dir():
        found = read_recipe_text((path / "00003.png").read_bytes()).recipe
        assert found is not None
        assert found.recipe == RECIPES[2]
        return
    texts = texts_of(path)
    assert CARD.credit in texts
    assert "trainedAlgorithmicMedia" in texts
    told = walk_to_json(WALK)
    assert told in texts or told.replace('"', "&quot;") in texts
    bare = written(tmp_path / "bare", kind, with_recipe=False)
    assert CARD.credit in texts_of(bare)
    assert "schema" not in texts_of(bare)


def texts_of(path: Path) -> str:
    if path.suffix in (".mp4", ".webm"):
        with video.load_av().open(path) as container:
            return "\n".join(container.metadata.values())
    with Image.open(path) as image:
        return str(image.info.get("comment") or image.info["xmp"], "utf-8")


def test_a_loop_may_end_with_its_first_picture(tmp_path: Path) -> None:
    pictures = played(written(tmp_path, "png", repeats_first=True))
    assert len(pictures) == COUNT + 1
    assert np.array_equal(pictures[0], pictures[-1])


def test_films_have_even_sides_and_the_size_that_was_wished(tmp_path: Path) -> None:
    kind: FilmKind = "mp4" if video.has_av() else "webp"
    sizes = {picture.shape for picture in played(written(tmp_path, kind, size=51))}
    assert sizes == {(50, 50, 3) if kind == "mp4" else (51, 51, 3)}


@pytest.mark.parametrize("kind", KINDS)
def test_what_stops_it_leaves_nothing_behind(kind: FilmKind, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    def full(_place: int) -> Picture:
        raise StorageError("The disk is full.", "Free some space.")

    ways: list[Callable[[], None]] = [
        lambda: write_film(
            tmp_path / "film", picture_at, matter=MATTER, settings=settings_of(kind), told=stop
        ),
        lambda: write_film(tmp_path / "film", full, matter=MATTER, settings=settings_of(kind)),
    ]
    for way, error in zip(ways, (KeyboardInterrupt, StorageError), strict=True):
        with pytest.raises(error):
            way()
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_is_one_sentence_and_the_old_film_stays(kind: FilmKind, tmp_path: Path) -> None:
    path = tmp_path / "film"
    counting = FaultyDisk(0, lambda: None)
    write_film(path / "first", picture_at, matter=MATTER, settings=settings_of(kind), disk=counting)
    for fails_at in (2, counting.num_steps // 2):
        disk = FaultyDisk(fails_at, raise_error(errno.ENOSPC))
        target = path / "second"
        with pytest.raises(DiskFullError, match="full"):
            write_film(target, picture_at, matter=MATTER, settings=settings_of(kind), disk=disk)
        assert [one.name for one in path.iterdir()] == ["first"]


def test_a_folder_with_files_is_not_touched(tmp_path: Path) -> None:
    target = tmp_path / "film"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    with pytest.raises(StorageError, match="holds files"):
        written(tmp_path, "png")
    assert [one.name for one in target.iterdir()] == ["mine.txt"]
    assert [one.name for one in tmp_path.iterdir()] == ["film"]


def test_without_the_library_it_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    asked: list[int] = []

    def read(place: int) -> Picture:
        asked.append(place)
        return picture_at(place)

    with pytest.raises(VideoError, match="PyAV"):
        write_film(tmp_path / "x.mp4", read, matter=MATTER, settings=settings_of("mp4"))
    assert (asked, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize(("kind", "changes"), [("gif", {"fps": 60.0}), ("webp", {"size": 99_999})])
def test_what_a_file_cannot_have_is_refused(
    kind: FilmKind, changes: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(PictureError):
        written(tmp_path, kind, **changes)


@pytest.mark.skipif(not video.has_av(), reason="MP4 and WebM need PyAV, an extra")
@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_film_with_sound_has_both(kind: FilmKind, tmp_path: Path) -> None:
    tone = 0.5 * np.sin(np.arange(4000) * 0.3, dtype=np.float32)[None]
    matter = FilmMatter(Walk(keys=WALK.keys), RECIPES, CARD, SoundTrack(tone, 8000))
    path = tmp_path / f"film.{kind}"
    write_film(path, picture_at, matter=matter, settings=settings_of(kind))
    with video.load_av().open(path) as container:
        assert len(container.streams.audio) == 1
        heard = [frame.to_ndarray() for frame in container.decode(audio=0)]
    assert len(played(path)) == COUNT
    total = sum(part.shape[-1] for part in heard)
    assert total == pytest.approx(48_000 * 0.5, rel=0.2)
    assert float(np.abs(np.concatenate(heard, axis=-1)).max()) > 0.2


def test_the_bytes_of_a_gif_are_those_of_the_standard(tmp_path: Path) -> None:
    content = written(tmp_path, "gif").read_bytes()
    assert content[:6] == b"GIF89a"
    assert content[-1:] == b";"
    with Image.open(io.BytesIO(content)) as image:
        image.verify()
