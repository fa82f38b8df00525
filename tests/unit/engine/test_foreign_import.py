"""A graph from elsewhere becomes a model of ours, whatever its shape, range and order of axes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from studio.core.errors import ModelError
from studio.core.latent import z_from_seeds
from studio.core.model_card import CARD_FILE, ModelCard, encode_card
from studio.core.recipe import new_recipe, with_edit
from studio.engine import foreign_directions, foreign_import
from studio.engine.foreign_import import Made, import_graph
from studio.engine.foreign_inputs import AskedError
from studio.engine.session import GeneratorModel
from studio.protocol.trial_messages import TrialWishes
from tests.fakes.foreign_graphs import SIDE, Wanted, foreign_graph


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Search a little only: what is tested is not how good the sliders are."""
    monkeypatch.setattr(foreign_directions, "_MOST_DRAWS", 0)
    monkeypatch.setattr(foreign_directions, "_PROBES", 1)
    monkeypatch.setattr(foreign_import, "_SHEET_PX", SIDE)
    return iter([None])


def made(wanted: Wanted, **wishes: Any) -> Made:
    return import_graph(
        foreign_graph(wanted), wishes=TrialWishes(**wishes), tell=lambda _share, _what: None
    )


def opened(folder: Path, one: Made) -> GeneratorModel:
    card = msgspec.structs.replace(one.card, name="Foreign", id="foreign")
    for name, content in one.files.items():
        (folder / name).write_bytes(content)
    (folder / CARD_FILE).write_bytes(encode_card(card))
    assert msgspec.json.decode(encode_card(card), type=ModelCard) == card
    return GeneratorModel.open(folder, wish="cpu")


def bare_run(wanted: Wanted, seed: int, **feeds: Any) -> NDArray[np.uint8]:
    """Give what the file itself gives, as a picture, by other code than ours."""
    session = onnxruntime.InferenceSession(foreign_graph(wanted))
    z = z_from_seeds([seed], int(np.prod(wanted.latent))).reshape(1, *wanted.latent)
    if isinstance(wanted.batch, int):
        z = np.repeat(z, wanted.batch, axis=0)
    image = session.run(None, {wanted.latent_name: z.astype(wanted.kind), **feeds})[0][0]
    image = image.astype(np.float64)
    if wanted.layout == "NCHW":
        image = image.transpose(1, 2, 0)
    scaled = {"-1..1": (image + 1) / 2, "0..1": image, "0..255": image / 255}[wanted.colours]
    levels = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return np.repeat(levels, 3, axis=2) if wanted.channels == 1 else levels


SHAPES = [
    Wanted(),
    Wanted(latent=(8, 1, 1)),
    Wanted(latent=(2, 4, 4)),
    Wanted(latent=(6, 8)),
    Wanted(batch=1, latent_name="input.1"),
    Wanted(batch=1, is_stiff=True),
    Wanted(is_shared=True),
    Wanted(batch=4, latent_name="input"),
    Wanted(colours="0..1", layout="NHWC"),
    Wanted(colours="0..255", layout="NHWC", channels=1),
    Wanted(colours="0..1", is_bare=True),
    Wanted(colours="0..255", is_bare=True),
    Wanted(is_bare=True, channels=1),
    Wanted(kind="float16", opset=20),
    Wanted(opset=11),
    Wanted(channels=4),
]


@pytest.mark.parametrize("wanted", SHAPES, ids=range(len(SHAPES)))
def test_each_usual_shape_gives_the_pictures_of_its_file(tmp_path: Path, wanted: Wanted) -> None:
    one = made(wanted)
    model = opened(tmp_path, one)
    assert model.card.family == "plain"
    assert model.card.resolution == SIDE
    recipe = new_recipe(model.card.model, 3, psi=1.0)
    if wanted.latent == (6, 8):  # one latent for each layer: a seed gives all the same
        assert (model.card.layers, model.card.w) == (6, 8)
        return
    expected = bare_run(wanted, 3)
    found = model.render(recipe)
    assert np.abs(found.astype(int) - expected[:, :, :3]).max() <= 1
    alpha = model.render_alpha(recipe)
    if wanted.channels == 4:
        assert alpha is not None
        assert np.abs(alpha.astype(int) - expected[:, :, 3]).max() <= 1
    else:
        assert alpha is None
    assert model.card.foreign is not None
    assert model.card.foreign.is_single == (
        wanted.is_stiff or wanted.is_shared or wanted.batch == 4
    )


@pytest.mark.parametrize("has_weights", [False, True])
def test_classes_become_sliders_that_reach_each_class(tmp_path: Path, has_weights: bool) -> None:
    wanted = Wanted(classes=4, has_weights=has_weights)
    model = opened(tmp_path, made(wanted, classes=(2,)))
    assert model.card.classes == ("class 2", "class 0", "class 1", "class 3")
    row = np.eye(4, dtype=np.float32)[[2]]
    feeds = {"class": row} if has_weights else {"label": np.array([2])}
    recipe = new_recipe(model.card.model, 3, psi=1.0)
    expected = bare_run(wanted, 3, **feeds)
    assert np.abs(model.render(recipe).astype(int) - expected).max() <= 1
    # Truncation moves towards the mean latent of the same class.
    near = model.generator.w_of(new_recipe(model.card.model, 3, psi=0.0))
    assert near[0, -4:].tolist() == [1, 0, 0, 0]
    slider = next(e for e in model.directions.entries if e.name == "class 1")
    moved = model.render(with_edit(recipe, slider.id, strength=(5.0, 5.0, 5.0))).astype(int)
    row = np.array([[0, 15 / 16, 1 / 16, 0]], dtype=np.float32)
    feeds = {"class": row} if has_weights else {"label": np.array([1])}
    assert np.abs(moved - bare_run(wanted, 3, **feeds)).max() <= 2


def test_truncation_and_noise_inputs_get_constants(tmp_path: Path) -> None:
    wanted = Wanted(extras={"truncation_psi": (1,), "noise_strength": ()})
    model = opened(tmp_path, made(wanted))
    expected = bare_run(
        wanted,
        3,
        truncation_psi=np.ones(1, np.float32),
        noise_strength=np.array(1, np.float32),
    )
    found = model.render(new_recipe(model.card.model, 3, psi=1.0)).astype(int)
    assert np.abs(found - expected).max() <= 1


def test_an_input_that_could_be_anything_is_asked_about(tmp_path: Path) -> None:
    wanted = Wanted(latent_name="a", extras={"b": (8, 8)})
    with pytest.raises(AskedError) as asked:
        made(wanted)
    assert [question.key for question in asked.value.questions] == ["input:a", "input:b"]
    one = made(wanted, inputs={"a": "latent", "b": "0.5"})
    expected = bare_run(wanted, 3, b=np.full((8, 8), 0.5, np.float32))
    found = opened(tmp_path, one).render(new_recipe(one.card.model, 3, psi=1.0)).astype(int)
    assert np.abs(found - expected).max() <= 1


def test_what_was_said_wins_over_what_was_seen(tmp_path: Path) -> None:
    model = opened(tmp_path, made(Wanted(colours="0..1"), colours="-1..1"))
    assert model.render(new_recipe(model.card.model, 3)).min() >= 127


@pytest.mark.parametrize(
    ("wanted", "wishes", "words"),
    [
        (Wanted(rows=32), {}, "16 × 32 px"),
        (Wanted(opset=8), {}, "version 8"),
        (Wanted(classes=4), {"classes": (4,)}, "no class 4"),
        (Wanted(), {"classes": (1,)}, "no classes"),
        (Wanted(), {"inputs": {"q": "1"}}, "no input “q”"),
        (Wanted(extras={"truncation": ()}), {"inputs": {"truncation": "lots"}}, "“lots”"),
        (
            Wanted(latent_name="a", extras={"b": (8, 8)}),
            {"inputs": {"a": "latent", "b": "latent"}},
            "More than one",
        ),
        (Wanted(latent=(70_000,)), {}, "70,000 numbers"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    wanted: Wanted, wishes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        made(wanted, **wishes)


@pytest.mark.parametrize("is_normed", [False, True])
def test_a_graph_that_undoes_truncation_says_so(is_normed: bool) -> None:
    foreign = made(Wanted(is_normed=is_normed)).card.foreign
    assert foreign is not None
    assert foreign.has_truncation is not is_normed
