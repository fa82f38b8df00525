"""One call for every kind of set: the names that were said, and samples that look like it."""

from pathlib import Path

import msgspec
import pytest

from studio.core.errors import PictureError
from studio.export.set_sample import sample_of
from studio.export.set_settings import (
    SET_KINDS,
    PageSettings,
    SetKind,
    SetSettings,
    TileSetSettings,
    file_names,
    wanted_px,
)
from studio.export.sets import SetPlan, check_planned, write_planned
from studio.export.stills import StillSettings
from tests.fakes.set_pictures import set_pictures


@pytest.mark.parametrize("kind", SET_KINDS)
@pytest.mark.parametrize("form", ["file", "folder"])
def test_the_files_have_the_names_that_were_said(tmp_path: Path, kind: SetKind, form: str) -> None:
    page = PageSettings(form=form, size=16)  # type: ignore[arg-type]
    settings = SetSettings(page=page)
    plan = SetPlan(kind=kind, folder=tmp_path, name="Sea: 1", settings=settings)
    check_planned(3, plan)
    paths = write_planned(set_pictures(3), plan)
    said = file_names(kind, settings, stem="Sea 1")
    assert [path.relative_to(tmp_path).as_posix() for path in paths[: len(said)]] == list(said)


@pytest.mark.parametrize("kind", ["sheet", "sprites", "tiles", "page"])
@pytest.mark.parametrize("count", [1, 30])
def test_a_sample_is_small_and_shows_the_pictures(kind: SetKind, count: int) -> None:
    pictures = set_pictures(count)
    sample = sample_of(pictures, kind, settings=SetSettings(), still=StillSettings())
    assert max(sample.shape) <= 1200
    colours = {tuple(int(level) for level in pixel) for pixel in sample.reshape(-1, 3)}
    assert tuple(pictures[0].picture[8, 8]) in colours


def test_how_large_pictures_must_be() -> None:
    settings = SetSettings(tiles=TileSetSettings(tile_px=32, across=8, down=2))
    assert wanted_px("tiles", settings, count=1) == 256
    assert wanted_px("tiles", settings, count=5) == 32
    assert wanted_px("sprites", settings, count=5) is None
    assert wanted_px("palette", settings, count=1) is None


def test_what_would_be_too_large_is_refused_before_its_pictures_are_made() -> None:
    tiles = TileSetSettings(tile_px=512, across=64, down=1)
    plan = SetPlan(kind="tiles", folder=Path(), name="a", settings=SetSettings(tiles=tiles))
    with pytest.raises(PictureError):
        check_planned(1, plan)
    sheet = msgspec.structs.replace(SetSettings().sheet, columns=1, cell_px=1024)
    plan = SetPlan(kind="sheet", folder=Path(), name="a", settings=SetSettings(sheet=sheet))
    check_planned(10, plan)
    with pytest.raises(PictureError):
        check_planned(20, plan)
