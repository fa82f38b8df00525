"""Coming nearer to a picture: within its time, never further away, and it can be ended."""

from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.arrays import Picture
from studio.core.errors import ModelError, TrainingError
from studio.core.inversion import look_to_text
from studio.core.recipe import floats_from_text, floats_to_text, new_recipe
from studio.engine.session import GeneratorModel
from studio.files.places import shipped_models
from studio.files.source_pictures import look_of
from studio.protocol.refine_messages import Refined, RefineJob
from studio.training.refinement import refine
from tests.fakes.tiny_model import make_tiny_model

ROSETTES = shipped_models() / "rosettes"


@pytest.fixture(scope="module")
def model() -> GeneratorModel:
    return GeneratorModel.open(ROSETTES, wish="cpu")


@pytest.fixture(scope="module")
def wanted(model: GeneratorModel) -> Picture:
    return look_of(model.render(new_recipe(model.card.model, 12)))


def job(model: GeneratorModel, wanted: Picture, seconds: float = 10.0) -> RefineJob:
    mean_LD = np.repeat(model.directions.mean_D[None], model.card.layers, axis=0)
    return RefineJob(
        model=str(ROSETTES),
        look=look_to_text(wanted),
        w=floats_to_text(mean_LD),
        seconds=seconds,
    )


def test_the_best_so_far_comes_nearer_and_the_last_one_comes_when_the_time_is_over(
    model: GeneratorModel, wanted: Picture
) -> None:
    ticks = count()
    told: list[Refined] = []
    # The clock is asked twice a round: 24 rounds.
    refine(job(model, wanted), tell=told.append, clock=lambda: 0.2 * next(ticks))

    def distance(text: str) -> float:
        w_LD = floats_from_text(text).reshape(model.card.layers, model.card.w)
        made = look_of(model.generator.render(w_LD[None], model.card.resolution)[0])
        return float(np.abs(made.astype(float) - wanted).mean())

    assert told[-1].is_last
    assert [one.share for one in told] == sorted(one.share for one in told)
    assert told[-1].share == 1
    assert distance(told[-1].w) < 0.8 * distance(job(model, wanted).w)


def test_what_the_teller_raises_ends_the_work(model: GeneratorModel, wanted: Picture) -> None:
    def stop(_: Refined) -> None:
        raise KeyboardInterrupt

    ticks = count()
    with pytest.raises(KeyboardInterrupt):
        refine(job(model, wanted), tell=stop, clock=lambda: float(next(ticks)))


@pytest.mark.parametrize(
    ("change", "value"), [("w", "AAAA"), ("look", "AAAA"), ("seconds", 0.0), ("seconds", -1.0)]
)
def test_a_job_that_does_not_fit_is_refused(
    model: GeneratorModel, wanted: Picture, change: str, value: object
) -> None:
    with pytest.raises(TrainingError):
        refine(msgspec.structs.replace(job(model, wanted), **{change: value}), tell=print)


def test_a_model_without_a_recipe_of_its_training_is_refused(
    model: GeneratorModel, wanted: Picture, tmp_path: Path
) -> None:
    folder = make_tiny_model(tmp_path)
    with pytest.raises(ModelError):
        refine(msgspec.structs.replace(job(model, wanted), model=str(folder)), tell=print)
