"""Weights of levers: the quadratic forms say what the latents themselves say."""

from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import RecipeError
from studio.core.latent import z_from_seeds
from studio.core.lever_weights import Usual
from studio.core.levers import Lever, with_levers
from studio.core.recipe import floats_from_text, new_recipe
from studio.core.teaching import Lesson
from studio.engine.lever_weighing import NUM_SAMPLES, LeverScales
from studio.engine.session import GeneratorModel
from studio.engine.side_work import SideWork
from studio.protocol import messages as say
from tests.fakes.tiny_model import make_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> GeneratorModel:
    folder: Path = make_tiny_model(tmp_path_factory.mktemp("models"), resolution=64)
    return GeneratorModel.open(folder, wish="cpu")


def _distance(model: GeneratorModel, w_D: np.ndarray) -> float:
    """Give a latent's squared distance by the inverse covariance itself, per number of w."""
    mean_D = model.directions.mean_D
    far_SD = model.generator.map_many(z_from_seeds(range(NUM_SAMPLES), model.card.z)) - mean_D
    covariance = far_SD.T.astype(float) @ far_SD.astype(float) / NUM_SAMPLES
    away = (w_D - mean_D).astype(float)
    return float(away @ np.linalg.solve(covariance, away)) / away.size


def test_the_form_is_the_distance_of_the_moved_latent(model: GeneratorModel) -> None:
    first, second = (entry.id for entry in model.directions.entries[:2])
    levers = (Lever(first, "coarse"), Lever(second, "coarse"), Lever(first, "medium"))
    recipe = new_recipe(model.card.model, 3)
    weights = LeverScales(model).weigh(recipe, levers)
    strengths = np.array([0.8, -0.5, 1.2])
    slope, gram = (floats_from_text(text) for text in (weights.slope, weights.gram))
    is_zone = np.array([weights.zone_of]) == np.array([[0], [1]])
    moved = with_levers(recipe, levers, strengths=tuple(strengths))
    w_LD = model.generator.w_of(moved)
    for zone, layer in ((0, 0), (1, model.card.zones[0])):
        linear = 2 * (slope * strengths)[is_zone[zone]].sum()
        square = (strengths * (gram.reshape(3, 3) @ strengths))[is_zone[zone]].sum()
        assert weights.base[zone] + linear + square == pytest.approx(
            _distance(model, w_LD[layer]), rel=0.02
        )


def test_a_limit_is_no_narrower_than_where_the_picture_stands(model: GeneratorModel) -> None:
    lever = Lever(model.directions.entries[0].id, "coarse")
    far = with_levers(new_recipe(model.card.model, 3, psi=1.0), (lever,), strengths=(5.0,))
    usual = Usual(LeverScales(model).weigh(far, (lever,)))
    assert usual.holds(np.zeros(1))
    assert not usual.holds(np.full(1, 5.0))


def test_a_lever_of_another_model_is_refused_in_one_sentence(model: GeneratorModel) -> None:
    recipe = new_recipe(model.card.model, 3)
    with pytest.raises(RecipeError):
        LeverScales(model).weigh(recipe, (Lever("9" * 16, "coarse"),))
    work = SideWork()
    work.take(say.WeighLevers(request_id=4, recipe=recipe, levers=(Lever("9" * 16, "coarse"),)))
    answers = [answer for _ in range(5) if (answer := work.step(model)) is not None]
    assert [type(answer) for answer in answers] == [say.RequestRefused]
    assert answers[0].request_id == 4


def test_a_lesson_that_waits_is_not_lost_to_a_pull(model: GeneratorModel) -> None:
    recipe = new_recipe(model.card.model, 3)
    lever = Lever(model.directions.entries[0].id, "coarse")
    work = SideWork()
    for number in (1, 2):
        work.take(say.Teach(request_id=number, lesson=Lesson((recipe,))))
        work.take(say.WeighLevers(request_id=10 + number, recipe=recipe, levers=(lever,)))
    (weighed,) = (answer for _ in range(3) if (answer := work.step(model)) is not None)
    assert isinstance(weighed, say.LeversWeighed)
    assert weighed.request_id == 12
    assert work.has_work, "the lesson goes on"
