"""One graph, several latents: tiles without a seam, wider pictures, and what is painted."""

import itertools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import RecipeError
from studio.core.mask import Mask, alpha_of, mask_to_text
from studio.core.model_card import SYNTHESIS_FILE
from studio.core.recipe import (
    Frame,
    Recipe,
    Region,
    Source,
    Tile,
    new_recipe,
    with_edit,
    with_frame,
)
from studio.engine import spread
from studio.engine.painting import Painter, station_recipes
from studio.engine.session import GeneratorModel
from studio.engine.spread import Layer, Spread, feeds_of, shape_of
from studio.engine.spread_graph import recognise, write_spread
from studio.files.places import shipped_models
from studio.opener.onnx_walk import walk_graph
from tests.fakes.tiny_model import make_tiny_model

SIDE = 64  # a preview: half the work, the same ways


@pytest.fixture(scope="module", params=["landscapes", "cats", "rosettes"])
def model(request: pytest.FixtureRequest) -> GeneratorModel:
    return GeneratorModel.open(shipped_models() / request.param, wish="cpu")


@pytest.fixture(scope="module")
def landscapes() -> GeneratorModel:
    return GeneratorModel.open(shipped_models() / "landscapes", wish="cpu")


@pytest.fixture
def foreign(tmp_path: Path) -> GeneratorModel:
    return GeneratorModel.open(make_tiny_model(tmp_path, resolution=16, channels=2), wish="cpu")


def disc(across: float = 0.5, down: float = 0.5, radius: float = 0.3) -> Mask:
    """Give a soft disc; places and sizes in parts of the picture."""
    rows, columns = np.mgrid[:128, :128] / 128
    away = np.hypot(rows - down, columns - across)
    levels: Mask = np.rint(np.clip((radius - away) * 8 + 0.5, 0, 1) * 255).astype(np.uint8)
    return levels


def region(kind: str, recipe: Recipe, mask: Mask | None = None) -> Region:
    text = mask_to_text(disc() if mask is None else mask)
    assert kind in ("keep", "mix")
    return Region(kind="keep" if kind == "keep" else "mix", mask=text, recipe=recipe)


def painted(recipe: Recipe, *regions: Region) -> Recipe:
    return msgspec.structs.replace(recipe, regions=regions)


def inside_and_outside(mask: Mask, side: int) -> tuple[NDArray[np.bool], NDArray[np.bool]]:
    alpha = alpha_of(mask_to_text(mask), width=side, height=side)
    return alpha == 1, alpha == 0


def difference(one: Picture, other: Picture) -> NDArray[np.int64]:
    levels: NDArray[np.int64] = np.abs(one.astype(np.int64) - other).max(axis=2)
    return levels


def moved(model: GeneratorModel, recipe: Recipe) -> Recipe:
    return with_edit(recipe, model.directions.entries[0].id, strength=(3.0, 3.0, 3.0))


# ---------------------------------------------------------------------------------- the graph


def test_the_written_graph_gives_what_the_exported_one_gives(model: GeneratorModel) -> None:
    recipe = new_recipe(model.card.model, 5)
    w_LD = model.generator.w_of(recipe)
    graphs = model._painter._graphs
    for side in model.sides:
        expected = model.generator.image(w_LD[None], side)
        session, feeds = graphs.session(Spread((w_LD,), (), Frame()), side)
        assert np.abs(model.generator.run(session, feeds, cancel=None) - expected).max() < 1e-4
        # Two of one latent are that latent, whatever their shares.
        layer = Layer(w_LD, mask_to_text(disc()), 0.7)
        session, feeds = graphs.session(Spread((w_LD,), (layer,), Frame()), side)
        found = model.generator.run(session, feeds, cancel=None)
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 2e-3


def test_shares_sum_to_one_everywhere() -> None:
    w = np.zeros((2, 3), dtype=np.float32)
    layers = (Layer(w, mask_to_text(disc()), 0.8), Layer(w, mask_to_text(disc(0.2)), 1.0))
    for cells, tile in itertools.product([(4, 4), (8, 4), (6, 5), (4, 12)], ["none", "both"]):
        frame = Frame(size=cells, tile="both" if tile == "both" else "none")
        num = len(station_recipes(with_frame(new_recipe("ab" * 32, 1), _beyond(frame))))
        one = Spread((w,) * num, layers, frame)
        shape = shape_of(one, SIDE)
        feeds = feeds_of(one, shape, is_symmetric=True)
        for size in shape.sizes:
            np.testing.assert_allclose(feeds[f"share_{size}"].sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(feeds["meeting"].sum(axis=0), 1, atol=1e-5)
        np.testing.assert_allclose(feeds["share_met"].sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(feeds["placing"].sum(axis=1), 1, atol=1e-5)


def _beyond(frame: Frame) -> Frame:
    return msgspec.structs.replace(frame, beyond=3)


def test_a_foreign_graph_is_not_taken_for_ours(foreign: GeneratorModel) -> None:
    assert not foreign.can_spread
    raw = (foreign.folder / SYNTHESIS_FILE).read_bytes()
    assert recognise(walk_graph(raw, file_name="x"), resolution=16, width=16) is None


def test_a_graph_that_gives_other_numbers_is_given_up(
    landscapes: GeneratorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = GeneratorModel.open(landscapes.folder, wish="cpu")
    monkeypatch.setattr("studio.engine.spread_graph._SLOPE", 0.3)
    recipe = new_recipe(model.card.model, 1)
    assert model.can_spread
    other = painted(recipe, region("mix", new_recipe(model.card.model, 2)))
    by_pixels = model.render(other, size=SIDE)
    assert not model.can_spread
    inside, outside = inside_and_outside(disc(), SIDE)
    assert difference(by_pixels, model.render(recipe, size=SIDE))[outside].max() == 0
    second = model.render(new_recipe(model.card.model, 2), size=SIDE)
    assert difference(by_pixels, second)[inside].max() == 0


def test_a_written_graph_can_be_walked(landscapes: GeneratorModel) -> None:
    walked = walk_graph((landscapes.folder / SYNTHESIS_FILE).read_bytes(), file_name="x")
    parts = recognise(walked, resolution=128, width=landscapes.card.w)
    assert parts is not None
    w = np.zeros((landscapes.card.layers, landscapes.card.w), dtype=np.float32)
    one = Spread((w, w), (Layer(w, mask_to_text(disc()), 1.0),), Frame(size=(8, 4), tile="both"))
    raw = write_spread(walked, parts, shape=shape_of(one, SIDE))
    (image,) = walk_graph(raw, file_name="x").outputs
    assert image.shape == (1, 3, SIDE, 2 * SIDE)


# ---------------------------------------------------------------------------------- the frame


def test_without_a_frame_nothing_changes(model: GeneratorModel) -> None:
    recipe = new_recipe(model.card.model, 4)
    before = pixel_hash(model.render(recipe))
    model.render(with_frame(recipe, Frame(tile="both")))
    model.render(painted(recipe, region("mix", new_recipe(model.card.model, 9))))
    assert pixel_hash(model.render(recipe)) == before
    assert pixel_hash(model.render(with_frame(recipe, Frame()))) == before
    hidden = msgspec.structs.replace(
        region("keep", new_recipe(model.card.model, 9)), is_visible=False
    )
    assert pixel_hash(model.render(painted(recipe, hidden))) == before


def test_a_tile_has_no_seam(model: GeneratorModel) -> None:
    """The step across the seam is no larger than nearly all steps between neighbours inside."""
    ratios: list[float] = []
    plain_ratios: list[float] = []
    for seed in range(4):
        recipe = new_recipe(model.card.model, seed)
        for frame, found in ((Frame(tile="both"), ratios), (Frame(), plain_ratios)):
            picture = model.render(with_frame(recipe, frame), size=SIDE).astype(float)
            for turned in (picture, picture.transpose(1, 0, 2)):
                steps = np.abs(np.diff(turned, axis=1)).mean(axis=(0, 2))
                seam = np.abs(turned[:, 0] - turned[:, -1]).mean()
                found.append(seam / np.quantile(steps, 0.95))
    assert np.mean(ratios) <= 1.0
    if model.card.id == "landscapes":  # the others begin and end on a plain ground, or alike
        assert np.mean(plain_ratios) > 1.0


@pytest.mark.parametrize(("tile", "across", "down"), [("x", 2, 1), ("y", 1, 2), ("both", 2, 2)])
def test_sides_wrap_around_to_the_last_bit(
    landscapes: GeneratorModel, tile: Tile, across: int, down: int
) -> None:
    """Two starts beside each other on twice the room give the tile twice, if no side is an edge."""
    w_LD = landscapes.generator.w_of(new_recipe(landscapes.card.model, 3))
    graphs = landscapes._painter._graphs
    session, feeds = graphs.session(Spread((w_LD,), (), Frame(tile=tile)), SIDE)
    small = landscapes.generator.run(session, feeds, cancel=None)
    frame = Frame(tile=tile, size=(4 * across, 4 * down))
    session, feeds = graphs.session(Spread((w_LD,), (), frame), SIDE)
    placing = np.tile(np.eye(16, dtype=np.float32).reshape(1, 16, 4, 4), (1, 1, down, across))
    feeds["placing"] = placing.reshape(1, 16, -1)
    large = landscapes.generator.run(session, feeds, cancel=None)
    np.testing.assert_allclose(large, np.tile(small, (1, 1, down, across)), atol=1e-4)


@pytest.mark.parametrize("cells", [(8, 4), (4, 8), (6, 4), (12, 4), (8, 8)])
def test_other_sizes_have_the_size_that_was_asked_for(
    landscapes: GeneratorModel, cells: tuple[int, int]
) -> None:
    recipe = new_recipe(landscapes.card.model, 3)
    for beyond in (None, 7):
        wide = with_frame(recipe, Frame(size=cells, beyond=beyond))
        picture = landscapes.render(wide, size=SIDE)
        assert picture.shape == (SIDE * cells[1] // 4, SIDE * cells[0] // 4, 3)
        assert pixel_hash(picture) == pixel_hash(landscapes.render(wide, size=SIDE))


def test_a_mirrored_picture_is_the_picture_mirrored(landscapes: GeneratorModel) -> None:
    recipe = new_recipe(landscapes.card.model, 3)
    picture = landscapes.render(recipe, size=SIDE)
    mirrored = landscapes.render(with_frame(recipe, Frame(is_mirrored=True)), size=SIDE)
    np.testing.assert_array_equal(mirrored, picture[:, ::-1])


def test_what_lies_beyond_keeps_brush_and_light() -> None:
    eight = Recipe(model="ab" * 32, sources=tuple(Source(seed=i) for i in range(8)))
    for recipe in (new_recipe("ab" * 32, 1), eight):
        stations = station_recipes(with_frame(recipe, Frame(size=(12, 4), beyond=2**31 - 1)))
        assert [len(one.sources) for one in stations][1] == len(recipe.sources)
        assert stations[1] == recipe
        assert [stations[i].sources[-1].seed for i in (0, 2)] == [2**31 - 1, 0]
        assert stations[0].sources[-1].shares[2] == 0


# ---------------------------------------------------------------------------------- what is painted


def test_what_is_kept_stays_equal_to_the_pixel(model: GeneratorModel) -> None:
    base = new_recipe(model.card.model, 21)
    inside, _ = inside_and_outside(disc(), SIDE)
    other = region("mix", new_recipe(model.card.model, 5), disc(0.6, 0.4))
    for below in ((), (other,)):
        before = model.render(painted(base, *below), size=SIDE)
        recipe = painted(moved(model, base), *below, region("keep", base))
        after = model.render(recipe, size=SIDE)
        assert difference(before, after)[inside].max() == 0
        assert difference(before, after)[~inside].max() > 20


def test_a_mix_painted_over_a_kept_part_covers_it(landscapes: GeneratorModel) -> None:
    base, second = (new_recipe(landscapes.card.model, seed) for seed in (21, 5))
    everywhere = np.full((8, 8), 255, dtype=np.uint8)
    recipe = painted(base, region("keep", base), region("mix", second, everywhere))
    uncovered = painted(base, region("mix", second, everywhere))
    np.testing.assert_array_equal(
        landscapes.render(recipe, size=SIDE), landscapes.render(uncovered, size=SIDE)
    )


def test_a_mix_takes_the_other_picture_inside_and_leaves_the_outside(
    landscapes: GeneratorModel,
) -> None:
    base, second = (new_recipe(landscapes.card.model, seed) for seed in (21, 8))
    half = np.zeros((64, 64), dtype=np.uint8)
    half[:, 32:] = 255
    mixed = landscapes.render(painted(base, region("mix", second, half))).astype(float)
    first, other = (landscapes.render(one).astype(float) for one in (base, second))
    left, right = np.s_[:, :32], np.s_[:, -32:]
    assert np.abs(mixed[left] - first[left]).mean() < 0.3 * np.abs(other[left] - first[left]).mean()
    assert (
        np.abs(mixed[right] - other[right]).mean()
        < 0.4 * np.abs(other[right] - first[right]).mean()
    )
    steps = np.abs(np.diff(mixed, axis=1)).mean(axis=(0, 2))
    pixels = np.concatenate([first[:, :64], other[:, 64:]], axis=1)
    assert steps[63] < np.abs(np.diff(pixels, axis=1)).mean(axis=(0, 2))[63] / 2


def test_an_ornament_is_painted_on_all_its_sides() -> None:
    model = GeneratorModel.open(shipped_models() / "rosettes", wish="cpu")
    base, second = (new_recipe(model.card.model, seed) for seed in (21, 5))
    left = np.zeros((64, 64), dtype=np.uint8)
    left[:, :20] = 255
    mixed = model.render(painted(base, region("mix", second, left)), size=SIDE).astype(float)
    first, other = (model.render(one, size=SIDE).astype(float) for one in (base, second))
    top = np.s_[:12, 24:40]
    assert np.abs(mixed[top] - other[top]).mean() < 0.5 * np.abs(mixed[top] - first[top]).mean()
    np.testing.assert_array_equal(mixed, mixed.transpose(1, 0, 2))


def test_strength_zero_leaves_the_picture(landscapes: GeneratorModel) -> None:
    base = new_recipe(landscapes.card.model, 21)
    weak = msgspec.structs.replace(
        region("mix", new_recipe(landscapes.card.model, 5)), strength=0.0
    )
    np.testing.assert_array_equal(landscapes.render(painted(base, weak)), landscapes.render(base))


def test_kept_pictures_are_made_once(
    landscapes: GeneratorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = GeneratorModel.open(landscapes.folder, wish="cpu")
    base = new_recipe(model.card.model, 21)
    runs = []
    render = model.generator.render

    def counted(*given: Any, **named: Any) -> list[Picture]:
        runs.append(1)
        return render(*given, **named)

    monkeypatch.setattr(model.generator, "render", counted)
    for step in range(5):
        changed = with_edit(base, model.directions.entries[0].id, strength=(step, 0, 0))
        model.render(painted(changed, region("keep", base)), size=SIDE)
    assert len(runs) == 5 + 1


def test_a_foreign_model_mixes_pixels_and_says_what_it_cannot_do(foreign: GeneratorModel) -> None:
    base, second = (new_recipe(foreign.card.model, seed) for seed in (1, 2))
    inside, outside = inside_and_outside(disc(), 16)
    mixed = foreign.render(painted(base, region("mix", second)))
    assert difference(mixed, foreign.render(base))[outside].max() == 0
    assert difference(mixed, foreign.render(second))[inside].max() == 0
    kept = foreign.render(painted(moved(foreign, base), region("keep", base)))
    assert difference(kept, foreign.render(base))[inside].max() == 0
    with pytest.raises(RecipeError, match="cannot make tiles") as caught:
        foreign.render(with_frame(base, Frame(tile="x")))
    assert "painting" in caught.value.way_out


def test_few_graphs_stay_open(landscapes: GeneratorModel) -> None:
    recipe = new_recipe(landscapes.card.model, 3)
    for across in range(5, 12):
        landscapes.render(with_frame(recipe, Frame(size=(across, 4))), size=SIDE)
    assert len(landscapes._painter._graphs._open) <= spread._MAX_OPEN
    assert isinstance(landscapes._painter, Painter)
