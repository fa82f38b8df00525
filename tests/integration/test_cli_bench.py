"""The bench's parts with real children: torch on the graph's own weights, the engine by its protocol."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from studio.cli.bench import window_environment
from studio.cli.bench_children import EngineChild, TorchChild, run_to_end
from studio.cli.bench_recipes import moving_recipes
from studio.cli.bench_report import Report, merge_window
from studio.cli.machine import describe_machine
from studio.core.errors import StudioError, TrainingError
from studio.core.recipe import new_recipe
from studio.engine.bare_run import BareRun
from studio.engine.session import GeneratorModel
from studio.files.places import child_command
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture
def tiny(tmp_path: Path) -> GeneratorModel:
    """Give a small open model."""
    return GeneratorModel.open(make_tiny_model(tmp_path), wish="cpu")


def test_torch_times_both_layouts_of_the_very_network_that_the_engine_runs(
    tmp_path: Path,
) -> None:
    import torch

    from studio.training.bench import random_networks, random_spec

    folder = tmp_path / "random"
    with TorchChild(folder, config="sketch", resolution=16, num_threads=1) as child:
        assert child.wait_ready()["torch"]
        for way, batch in (("default", 1), ("channels_last", 2), ("stylegan2", 1)):
            times = child.measure(way, batch=batch)(3)
            assert len(times) == 3
            assert min(times) > 0
    engine = GeneratorModel.open(folder, wish="cpu")
    w_NLD = engine.generator.w_of(new_recipe(engine.card.model, 1, psi=1.0))[None]
    _, synthesis = random_networks(random_spec(config="sketch", resolution=16))
    with torch.inference_mode():
        eager_N3HW = synthesis(torch.from_numpy(w_NLD))[0].numpy()
    np.testing.assert_allclose(BareRun(folder).run(w_NLD), eager_N3HW, atol=2e-4)
    assert eager_N3HW.std() > 0.05


def test_a_torch_that_ends_is_one_sentence(tmp_path: Path) -> None:
    with (
        TorchChild(tmp_path / "x", config="nosuch", resolution=16, num_threads=1) as torch,
        pytest.raises(TrainingError, match="ended"),
    ):
        torch.wait_ready()


def test_the_engine_process_gives_a_picture_for_each_request(tiny: GeneratorModel) -> None:
    with EngineChild(tiny.folder, tiny.card) as child:
        assert child.ready_ms > 0
        recipes = moving_recipes(tiny.card.model, tiny.directions)
        assert len(child.measure(lambda: next(recipes))(5)) == 5


def test_an_engine_that_refuses_the_model_is_one_sentence(tiny: GeneratorModel) -> None:
    (tiny.folder / "synthesis.onnx").write_bytes(b"")
    with pytest.raises(StudioError, match=r"synthesis\.onnx"):
        EngineChild(tiny.folder, tiny.card)


def test_a_hand_on_a_slider_never_gives_the_same_recipe_twice(tiny: GeneratorModel) -> None:
    recipes = list(itertools.islice(moving_recipes(tiny.card.model, tiny.directions), 200))
    assert len(set(recipes)) == 200
    for recipe in recipes[:20]:
        tiny.render(recipe)


def test_the_real_window_is_measured_and_holds_neither_torch_nor_the_runtime(
    studio_home: Path, tmp_path: Path
) -> None:
    folder = make_tiny_model(tmp_path)
    words = child_command("bench-window", "--model", str(folder))
    told = json.loads(
        run_to_end(words, patience_s=120, environment=window_environment(str(studio_home)))
    )
    assert told["heavy_imports"] == []
    assert len(told["slider_preview_ms"]) == told["num_moves"]
    assert len(told["slider_full_ms"]) == 20
    assert min(told["slider_preview_ms"]) > 0
    assert [len(told[f"{kind}_full_ms"]) for kind in ("keep", "mix")] == [20, 20]
    assert told["window_shown_ms"] < told["window_first_picture_ms"]
    pairs = list(zip(told["sheet_first_ms"], told["sheet_nine_ms"], strict=True))
    assert len(pairs) == 5
    assert all(0 < first < nine for first, nine in pairs)
    report = Report(describe_machine())
    merge_window(report, told)
    assert report.fields()["times_ms"]["sheet_first_p95"] > 0
    assert report.fields()["times_ms"]["slider_full_p95"] > 0
    if Path("/proc").is_dir():
        assert 20 < report.fields()["memory_mib"]["app_rss"] < 250
        assert report.fields()["memory_mib"]["engine_starter_rss"] > 20


def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(StudioError, match="nosuch"):
        run_to_end(child_command("nosuch"), patience_s=60)


def test_a_film_is_measured_beside_the_bare_runtime(
    tiny: GeneratorModel, studio_home: Path
) -> None:
    from studio.cli import bench_walk

    found = bench_walk.measure_walk(tiny.folder, num_threads=1, budget_s=0.0)
    assert set(found) == {"bare", "film"}
    assert min(found["film"].times_ms) > min(found["bare"].times_ms) > 0
    assert list((studio_home / "cache" / "films").iterdir()) == []
