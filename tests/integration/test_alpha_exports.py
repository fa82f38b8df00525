"""A foreign model that says how opaque its pictures are: what it says is in the exported files."""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.app.engine_client import LargePicture, LargePictures, LargeWish
from studio.cli.commands import run_command
from studio.core.recipe import new_recipe
from studio.engine.generator import CancelToken
from studio.engine.large_work import LargeWork
from studio.engine.session import GeneratorModel
from studio.files.deep_images import decode_png16
from studio.files.images import decode_with_alpha
from studio.protocol import messages as say
from tests.fakes.foreign_graphs import Wanted
from tests.unit.app.test_large_pictures import FakeKeeper
from tests.unit.engine.test_foreign_import import bare_run, made, opened

CLEAR = Wanted(channels=4)


@pytest.fixture
def model(studio_home: Path) -> GeneratorModel:
    """Install a model of four channels."""
    folder = studio_home / "models" / "foreign"
    folder.mkdir(parents=True)
    return opened(folder, made(CLEAR))


@pytest.mark.parametrize("kind", ["png", "png16", "webp"])
@pytest.mark.parametrize("factor", [1, 2])
def test_the_command_line_exports_what_the_file_itself_gives(
    model: GeneratorModel,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    factor: int,
) -> None:
    side = model.card.resolution
    words = [
        "export",
        "pictures",
        "--seed",
        "3",
        "--psi",
        "1",
        "--model",
        "foreign",
        "--format",
        kind,
    ]
    words += ["--size", str(factor * side), "--quality", "100", "--out", str(tmp_path), "--json"]
    assert run_command(words) == 0
    path = Path(json.loads(capsys.readouterr().out)["pictures"][0]["path"])
    deep = kind == "png16"
    found: NDArray[Any] = (decode_png16 if deep else decode_with_alpha)(path.read_bytes())
    assert found.shape == (factor * side, factor * side, 4)
    if factor == 1:
        expected = bare_run(CLEAR, 3)
        levels = found >> 8 if deep else found
        assert np.abs(levels[..., 3].astype(int) - expected[..., 3]).max() <= 1
        seen = expected[..., 3] > 1
        assert np.abs(levels[seen].astype(int) - expected[seen]).max() <= 2


class _Slots:
    """Where the engine puts rows, and the window reads them."""

    def __init__(self) -> None:
        self.slot_bytes = 1 << 20
        self.content: dict[int, NDArray[np.uint8]] = {}

    def place(self, content: NDArray[np.uint8]) -> int:
        self.content[len(self.content)] = content.copy()
        return len(self.content) - 1


@pytest.mark.parametrize("wants_alpha", [True, False])
@pytest.mark.parametrize("bits", [8, 16])
def test_it_travels_from_the_engine_to_the_window(
    model: GeneratorModel, qapp: object, bits: Literal[8, 16], wants_alpha: bool
) -> None:
    slots = _Slots()
    events: list[say.Event] = []
    work = LargeWork(slots, events.append)
    keeper = FakeKeeper()
    large = LargePictures(keeper, parent=keeper)  # type: ignore[arg-type]
    got: list[LargePicture] = []
    large.ready.connect(got.append)
    recipe = new_recipe(model.card.model, 3, psi=1.0)
    large.request(("export", 1), LargeWish(2, recipe, bits=bits, wants_alpha=wants_alpha))
    (command,) = keeper.sent
    assert isinstance(command, say.RenderLarge)
    work.ask(command)
    while work.has_work:
        work.step(model, gauge=None, cancel=CancelToken())
    keeper.slots = slots.content
    for event in events:
        keeper.answered.emit(event)
    (picture,) = got
    side = 2 * model.card.resolution
    assert picture.picture.shape == (side, side, 4 if wants_alpha else 3)
    if wants_alpha:
        alpha = model.render_alpha(recipe)
        assert alpha is not None
        small = (picture.picture[..., 3] >> (bits - 8)).reshape(side // 2, 2, side // 2, 2)
        assert np.abs(small.mean(axis=(1, 3)) - alpha).mean() < 4
