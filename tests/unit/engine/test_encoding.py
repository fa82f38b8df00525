"""Finding a picture in an open model: the shipped starter, and models without an encoder."""

import hashlib
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.errors import EngineError, ModelError
from studio.core.inversion import LOOK_PX, met_parts
from studio.core.latent import FloatArray
from studio.core.model_card import ENCODER_FILE
from studio.core.recipe import Recipe, Source, floats_from_text, floats_to_text, new_recipe
from studio.engine.encoding import PictureFinder, shrunk
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card
from studio.files.places import shipped_models
from studio.files.source_pictures import look_of
from tests.fakes.tiny_model import make_tiny_model, write_card

LANDSCAPES = shipped_models() / "landscapes"


def test_a_starter_finds_its_own_picture_and_says_the_same_every_time() -> None:
    model = GeneratorModel.open(LANDSCAPES, wish="cpu")
    finder = PictureFinder(model)
    look = look_of(model.render(new_recipe(model.card.model, 77)))
    found = finder.find(look)
    assert found.share < 0.5
    assert "light" in found.met
    assert PictureFinder(model).find(look).w == found.w
    # As a recipe it is the picture that was measured.
    recipe = Recipe(model=model.card.model, sources=(Source(w=found.w),), psi=(1.0, 1.0, 1.0))
    assert met_parts(look, model.render(recipe)) == found.met
    assert finder.measure(look, found.w).share == found.share


@pytest.mark.parametrize("name", ["landscapes", "cats", "rosettes"])
def test_the_mean_picture_is_found_at_once(name: str) -> None:
    model = GeneratorModel.open(shipped_models() / name, wish="cpu")
    plain = new_recipe(model.card.model, 1, psi=0.0)
    found = PictureFinder(model).find(look_of(model.render(plain)))
    assert found.met == ("light", "colours", "forms", "details")


def test_without_an_encoder_it_is_said_and_nearness_can_be_measured(tmp_path: Path) -> None:
    model = GeneratorModel.open(make_tiny_model(tmp_path, resolution=64), wish="cpu")
    finder = PictureFinder(model)
    recipe = new_recipe(model.card.model, 3, psi=1.0)
    look = model.render(recipe).repeat(2, axis=0).repeat(2, axis=1)
    with pytest.raises(ModelError, match="has no encoder"):
        finder.find(look)
    w_LD = model.generator.w_of(recipe)
    assert finder.measure(look, floats_to_text(w_LD)).share < 1e-3
    with pytest.raises(EngineError, match="another model"):
        finder.measure(look, floats_to_text(w_LD[:2]))


def test_a_cut_off_or_foreign_encoder_gives_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "landscapes"
    shutil.copytree(LANDSCAPES, folder)
    card = read_card(folder)
    look = np.zeros((LOOK_PX, LOOK_PX, 3), np.uint8)
    raw = (folder / ENCODER_FILE).read_bytes()
    (folder / ENCODER_FILE).write_bytes(raw[:-100])
    with pytest.raises(ModelError, match="damaged or was changed"):
        PictureFinder(GeneratorModel.open(folder, wish="cpu")).find(look)
    other = (folder / "mapping.onnx").read_bytes()
    (folder / ENCODER_FILE).write_bytes(other)
    graphs = {**card.graphs, ENCODER_FILE: hashlib.sha256(other).hexdigest()}
    write_card(folder, msgspec.structs.replace(card, graphs=graphs))
    with pytest.raises(ModelError, match="not what its card says"):
        PictureFinder(GeneratorModel.open(folder, wish="cpu")).find(look)


class StrayingEncoder:
    """Goes to a place in the first round and away from it in every later one."""

    def __init__(self, change_LD: FloatArray) -> None:
        self._change_LD = change_LD
        self.num_rounds = 0

    def run(self, _names: None, _feed: object, **_options: object) -> list[FloatArray]:
        """Give Δw."""
        self.num_rounds += 1
        factor = 1.0 if self.num_rounds == 1 else -0.7
        return [np.float32(factor) * self._change_LD[None]]


def test_the_nearest_round_is_taken_not_the_last() -> None:
    model = GeneratorModel.open(LANDSCAPES, wish="cpu")
    recipe = new_recipe(model.card.model, 77, psi=0.7)
    w_LD = model.generator.w_of(recipe)
    finder = PictureFinder(model)
    encoder = StrayingEncoder(w_LD - model.directions.mean_D)
    finder._encoder = encoder
    found = finder.find(look_of(model.render(recipe)))
    assert encoder.num_rounds > 1
    assert floats_from_text(found.w) == pytest.approx(w_LD.ravel(), abs=1e-5)


def test_a_cancelled_search_ends() -> None:
    model = GeneratorModel.open(LANDSCAPES, wish="cpu")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(RenderCancelledError):
        PictureFinder(model).find(np.zeros((LOOK_PX, LOOK_PX, 3), np.uint8), cancel=cancel)


def test_a_larger_picture_is_looked_at_by_means_of_cells() -> None:
    large = np.zeros((2 * LOOK_PX, 2 * LOOK_PX, 3), np.uint8)
    large[::2] = 100
    assert shrunk(large).shape == (LOOK_PX, LOOK_PX, 3)
    assert (shrunk(large) == 50).all()


def test_a_picture_of_quite_another_kind_does_not_lead_far_from_what_is_drawn() -> None:
    model = GeneratorModel.open(LANDSCAPES, wish="cpu")
    look = np.zeros((LOOK_PX, LOOK_PX, 3), np.uint8)
    look[:, : LOOK_PX // 2] = (255, 0, 255)
    look[: LOOK_PX // 2] = (0, 255, 0)

    def away(w_LD: FloatArray) -> float:
        return float(np.sqrt(np.mean(np.square(w_LD - model.directions.mean_D))))

    drawn = [
        away(model.generator.w_of(new_recipe(model.card.model, seed, psi=1.0)))
        for seed in range(64)
    ]
    found = PictureFinder(model).find(look)
    w_LD = floats_from_text(found.w).reshape(model.card.layers, model.card.w)
    assert away(w_LD) <= 1.25 * float(np.sqrt(np.mean(np.square(drawn))))
