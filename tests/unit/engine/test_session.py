"""A model opens only when its graphs are what the card says; its pictures are always the same."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from studio.core.arrays import pixel_hash
from studio.core.errors import EngineError, ModelError, RecipeError
from studio.core.recipe import Edit, Recipe, Source, floats_to_text, new_recipe, with_edit
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card
from tests.fakes.tiny_model import make_tiny_model, replace_graph, write_card


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> GeneratorModel:
    parent = tmp_path_factory.mktemp("models")
    return GeneratorModel.open(make_tiny_model(parent, resolution=128, channels=6), wish="cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tiny_model(tmp_path, resolution=32, channels=2)


def recipe_of(model: GeneratorModel, seed: int) -> Recipe:
    return new_recipe(model.card.model, seed)


def load(folder: Path) -> onnx.ModelProto:
    return onnx.load_model_from_string((folder / "synthesis.onnx").read_bytes())


# ---------------------------------------------------------------------------------- pictures


def test_a_picture_is_whole_and_read_only(model: GeneratorModel) -> None:
    picture = model.render(recipe_of(model, 7))
    assert picture.shape == (128, 128, 3)
    assert picture.dtype == np.uint8
    assert not picture.flags.writeable
    assert picture.std() > 5


def test_a_picture_is_what_the_mapping_and_the_whole_graph_give(tmp_path: Path) -> None:
    """The definition, written once more without our code: z → w → truncation → image → levels."""
    import onnxruntime

    folder = make_tiny_model(tmp_path, resolution=64, channels=4)
    model = GeneratorModel.open(folder, wish="cpu")
    mapping, synthesis = (
        onnxruntime.InferenceSession(
            (folder / name).read_bytes(), providers=["CPUExecutionProvider"]
        )
        for name in ("mapping.onnx", "synthesis.onnx")
    )
    z = np.random.RandomState(11).randn(1, 32).astype(np.float32)
    (w,) = mapping.run(None, {"z": z})
    mean = model.directions.mean_D
    (image,) = synthesis.run(["image"], {"w": (mean + np.float32(0.7) * (w - mean))})
    levels = np.rint((np.clip(image[0], -1, 1) + 1) * 127.5).astype(np.uint8)
    ours = model.render(recipe_of(model, 11))
    # Thread counts differ here, so a tie may round the other way.
    assert np.abs(ours.astype(int) - levels.transpose(1, 2, 0).astype(int)).max() <= 1


def test_one_seed_gives_the_same_picture_alone_or_in_a_batch(model: GeneratorModel) -> None:
    recipes = [recipe_of(model, seed) for seed in range(7)]
    together = model.render_many(recipes)
    alone = [model.render(recipe) for recipe in reversed(recipes)][::-1]
    assert [pixel_hash(one) for one in together] == [pixel_hash(one) for one in alone]
    assert len({pixel_hash(one) for one in together}) == len(recipes)


def test_a_second_opening_gives_the_same_picture(model: GeneratorModel) -> None:
    again = GeneratorModel.open(model.folder, wish="cpu")
    recipe = recipe_of(model, 3)
    assert pixel_hash(again.render(recipe)) == pixel_hash(model.render(recipe))


def test_opening_a_model_leaves_the_arithmetic_of_this_thread_as_it_was(
    model: GeneratorModel,
) -> None:
    model.render(recipe_of(model, 1))
    smallest = float(np.finfo(np.float64).smallest_subnormal)
    assert smallest * 1.0 > 0
    assert float(np.float64(2.5e-308) / np.float64(4.0)) > 0, "denormal numbers became zero"


def test_a_smaller_size_gives_the_next_side_that_is_enough(model: GeneratorModel) -> None:
    recipe = recipe_of(model, 1)
    sides = {size: model.render(recipe, size=size).shape[0] for size in (1, 64, 65, 128, 9999)}
    assert sides == {1: 64, 64: 64, 65: 128, 128: 128, 9999: 128}
    assert model.sides == (64, 128)


def test_mixing_takes_each_zone_from_its_source(model: GeneratorModel) -> None:
    def mixed(coarse: int, medium: int, fine: int) -> np.ndarray:
        sources = tuple(
            Source(seed=seed, shares=(float(coarse == seed), float(medium == seed), float(fine == seed)))
            for seed in sorted({coarse, medium, fine})
        )  # fmt: skip
        return model.generator.w_of(Recipe(model=model.card.model, sources=sources))

    w = mixed(1, 2, 2)
    assert (w[:4] == model.generator.w_of(recipe_of(model, 1))[:4]).all()
    assert (w[4:] == model.generator.w_of(recipe_of(model, 2))[4:]).all()


def test_an_edit_moves_the_latent_along_its_direction(model: GeneratorModel) -> None:
    entry = model.directions.entries[0]
    plain = recipe_of(model, 5)
    edited = with_edit(plain, entry.id, strength=(2.0, 0.0, -1.0))
    moved = model.generator.w_of(edited) - model.generator.w_of(plain)
    step = model.directions.steps_MD[0]
    np.testing.assert_allclose(moved[0], 2.0 * step, atol=1e-6)
    np.testing.assert_allclose(moved[5], 0.0 * step, atol=1e-6)
    np.testing.assert_allclose(moved[-1], -1.0 * step, atol=1e-6)


def test_a_stored_latent_gives_the_picture_of_its_seed(model: GeneratorModel) -> None:
    plain = new_recipe(model.card.model, 9, psi=1.0)
    w = model.generator.w_of(plain)
    stored = msgspec.structs.replace(plain, sources=(Source(w=floats_to_text(w)),))
    assert np.abs(model.render(stored).astype(int) - model.render(plain).astype(int)).max() <= 1


# ----------------------------------------------------------------------------------- refusals


def test_a_recipe_that_does_not_fit_is_one_sentence(model: GeneratorModel) -> None:
    good = recipe_of(model, 1)
    replace = msgspec.structs.replace
    short = floats_to_text(np.zeros(16, dtype=np.float32))
    edit = Edit(direction="0" * 16, strength=(1.0, 0.0, 0.0))
    for bad, phrase in [
        (replace(good, model="cd" * 32), "another model"),
        (replace(good, sources=(Source(seed=-1),)), "seed"),
        (replace(good, sources=()), "sources"),
        (replace(good, psi=(float("nan"), 0.0, 0.0)), "truncation"),
        (replace(good, edits=(edit,)), "direction"),
        (replace(good, sources=(Source(w=short),)), "another size"),
        (replace(good, edits=(replace(edit, vector=short[:8]),)), "damaged|width"),
    ]:
        with pytest.raises(RecipeError, match=phrase) as caught:
            model.render(bad)
        assert caught.value.way_out


def test_numbers_that_overflow_are_no_picture(model: GeneratorModel) -> None:
    huge = floats_to_text(np.full((12, 16), 3e38, dtype=np.float32))
    recipe = msgspec.structs.replace(recipe_of(model, 1), sources=(Source(w=huge),))
    with pytest.raises(EngineError, match="overflow"):
        model.render(recipe)


def test_a_swapped_graph_is_refused(folder: Path, tmp_path: Path) -> None:
    other = make_tiny_model(tmp_path, name="Other", resolution=64, channels=2)
    replace_graph(folder, load(other))
    with pytest.raises(ModelError, match="not what its card says"):
        GeneratorModel.open(folder, wish="cpu")


def test_graphs_in_each_others_place_are_refused(folder: Path) -> None:
    model = onnx.load_model_from_string((folder / "mapping.onnx").read_bytes())
    replace_graph(folder, model)
    with pytest.raises(ModelError, match=r"synthesis\.onnx"):
        GeneratorModel.open(folder, wish="cpu")


def test_a_card_that_promises_a_preview_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path, resolution=128, channels=2)
    card = read_card(folder)
    write_card(folder, msgspec.structs.replace(card, previews=(32, 64)))
    with pytest.raises(ModelError, match="not what its card says"):
        GeneratorModel.open(folder, wish="cpu")


def test_a_graph_that_draws_for_itself_is_refused(folder: Path) -> None:
    graph = load(folder)
    graph.graph.node.append(helper.make_node("RandomNormal", [], ["n"], shape=[1]))
    replace_graph(folder, graph)
    with pytest.raises(ModelError, match="RandomNormal"):
        GeneratorModel.open(folder, wish="cpu")


def test_a_graph_that_the_runtime_cannot_read_is_one_sentence(folder: Path) -> None:
    graph = load(folder)
    for table in graph.graph.initializer:
        if table.name == "l0k":
            table.CopyFrom(numpy_helper.from_array(np.zeros((9, 9, 3, 3), dtype=np.float32), "l0k"))
    replace_graph(folder, graph)
    with pytest.raises(ModelError, match="runtime"):
        GeneratorModel.open(folder, wish="cpu")


def test_a_wish_for_a_card_where_there_is_none_is_told(folder: Path) -> None:
    model = GeneratorModel.open(folder, wish="cuda")
    assert model.wish == "cuda"
    assert (model.provider == "CUDA") == (model.fallback_reason == "")


# --------------------------------------------------------------------------------- cancelling


def test_a_run_under_way_ends_and_the_next_one_works(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path, resolution=256, channels=40)  # some 50 ms
    model = GeneratorModel.open(folder, wish="cpu")
    recipe = recipe_of(model, 1)
    cancel = CancelToken()
    outcome: list[str] = []

    def render() -> None:
        try:
            model.render(recipe, cancel=cancel)
            outcome.append("a picture")
        except RenderCancelledError:
            outcome.append("ended")

    thread = threading.Thread(target=render)
    thread.start()
    while cancel._options is None:
        time.sleep(0.001)
    time.sleep(0.01)  # into the run; before it would do as well
    cancel.cancel()
    thread.join(20)
    assert outcome == ["ended"]
    with pytest.raises(RenderCancelledError):
        model.render(recipe, cancel=cancel)
    assert model.render(recipe, cancel=CancelToken()).shape == (256, 256, 3)


# ----------------------------------------------------------------------------- what is loaded


def test_the_engine_loads_neither_onnx_nor_torch_nor_qt() -> None:
    code = (
        "import sys, studio.engine.host; "
        "print(sorted(m for m in sys.modules if m in ('onnx','torch','PySide6','PIL','safetensors')))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr
