"""What every model promises, whoever made it: run over a tiny one and over every shipped one."""

import re
from pathlib import Path

import numpy as np
import pytest

from studio.core.arrays import pixel_hash
from studio.core.model_card import ModelCard
from studio.core.recipe import new_recipe, with_edit
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card
from studio.files.places import shipped_models
from tests.fakes.tiny_model import make_tiny_model

MIB = 1024 * 1024
SHIPPED = sorted(path.parent for path in shipped_models().glob("*/card.json"))

pytestmark = pytest.mark.slow


@pytest.fixture(
    scope="module", params=[None, *SHIPPED], ids=lambda path: path.name if path else "tiny"
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    shipped: Path | None = request.param
    if shipped is not None:
        return shipped
    return make_tiny_model(tmp_path_factory.mktemp("models"), resolution=128, channels=6)


@pytest.fixture(scope="module")
def model(folder: Path) -> GeneratorModel:
    return GeneratorModel.open(folder, wish="cpu")


def test_each_side_gives_a_picture_of_that_side(model: GeneratorModel) -> None:
    for side in model.sides:
        picture = model.render(new_recipe(model.card.model, 1), size=side)
        assert picture.shape == (side, side, 3)


def test_a_seed_gives_the_same_picture_alone_or_in_a_batch(model: GeneratorModel) -> None:
    recipes = [new_recipe(model.card.model, seed) for seed in (1, 2, 3, 2**31 - 1)]
    together = [pixel_hash(picture) for picture in model.render_many(recipes)]
    alone = [pixel_hash(model.render(recipe)) for recipe in recipes]
    assert together == alone
    assert len(set(alone)) == len(alone)


def test_a_preview_is_the_picture_in_small(model: GeneratorModel) -> None:
    recipe = new_recipe(model.card.model, 4)
    full = model.render(recipe).astype(np.float32)
    for side in model.card.previews:
        factor = full.shape[0] // side
        shrunk = full.reshape(side, factor, side, factor, 3).mean(axis=(1, 3))
        preview = model.render(recipe, size=side).astype(np.float32)
        assert np.corrcoef(shrunk.ravel(), preview.ravel())[0, 1] > 0.5


def test_without_truncation_left_all_seeds_give_the_mean_picture(model: GeneratorModel) -> None:
    hashes = {
        pixel_hash(model.render(new_recipe(model.card.model, seed, psi=0.0))) for seed in (1, 2)
    }
    assert len(hashes) == 1


def test_every_direction_changes_the_picture_both_ways(model: GeneratorModel) -> None:
    plain = new_recipe(model.card.model, 5)
    before = model.render(plain)
    for entry in model.directions.entries:
        for strength in (-3.0, 3.0):
            edited = with_edit(plain, entry.id, strength=(strength, strength, strength))
            assert (model.render(edited) != before).any(), entry.name


# ------------------------------------------------------------------------- shipped ones only


@pytest.fixture(params=SHIPPED, ids=lambda path: path.name)
def shipped(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_a_shipped_model_is_small_enough(shipped: Path) -> None:
    sizes = [path.stat().st_size for path in shipped.iterdir()]
    assert max(sizes) <= 16 * MIB
    assert sum(sizes) <= 40 * MIB


def test_a_shipped_model_says_where_it_comes_from(shipped: Path) -> None:
    card: ModelCard = read_card(shipped)
    assert card.id == shipped.name
    assert card.rights
    assert all(right.source and right.licence and right.credit for right in card.rights)
    assert card.credit
    assert card.training is not None
    assert card.export_error is not None
    assert card.export_error < 0.01


def test_a_shipped_model_names_no_folder_of_its_maker(shipped: Path) -> None:
    for path in shipped.iterdir():
        raw = path.read_bytes()
        found = re.search(rb"/(home|root|tmp|work|Users)/[\w./-]{3,60}|[A-Z]:\\\\Users", raw)
        assert found is None, (path.name, found)


def test_a_shipped_model_has_at_least_ten_named_directions(shipped: Path) -> None:
    names = [entry.name for entry in GeneratorModel.open(shipped, wish="cpu").directions.entries]
    assert len(names) >= 10
    assert len(set(names)) == len(names)
