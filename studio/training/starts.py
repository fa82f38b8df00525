"""The models that a run can start from, and which is nearest to a folder of pictures.

Shapes: N pictures, R resolution.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ModelError, StudioError, TrainingError
from studio.core.model_card import DISCRIMINATOR_FILE, SPEC_FILE, ModelCard
from studio.core.run_plan import Start
from studio.core.scores import kernel_distance
from studio.core.training_spec import TrainingSpec
from studio.engine.features import FeatureNetwork
from studio.library.model_library import InstalledModel, ModelLibrary
from studio.training.model_weights import Weights, load_model_weights
from studio.training.networks import Generator
from studio.training.snapshots import draw_pictures, load_weights

SCRATCH: Final = "scratch"
# The unbiased distance tells starters apart with so many;
# each costs a processor some 40 ms to draw and to look at.
MAX_COMPARED: Final = 64
_FIRST_SEED: Final = 5000
_WAY_OUT: Final = (
    "It can still be explored, mixed and exported. To train, choose another model or start from "
    "nothing."
)


@dataclass(frozen=True)
class Choice:
    """What a run starts from.

    Attributes:
        model: None starts from nothing.
        starts: All that it could start from, nearest first.
        why: One sentence.
    """

    model: InstalledModel | None
    starts: tuple[Start, ...]
    why: str


def list_starts(models: Sequence[Path]) -> tuple[InstalledModel, ...]:
    """Gives the installed models that can be trained further, the shipped ones first."""
    found = ModelLibrary(models).scan()
    return tuple(
        one for one in found if isinstance(one, InstalledModel) and why_not(one.card) is None
    )


def find_start(models: Sequence[Path], wish: str) -> InstalledModel:
    """Gives the model of this id, name, hash or folder.

    Raises:
        ModelError: there is none.
        TrainingError: it cannot be trained further.
    """
    model = ModelLibrary(models).find(wish)
    if (reason := why_not(model.card)) is not None:
        raise TrainingError(f"“{model.card.name}” cannot be trained further: {reason}.", _WAY_OUT)
    if not (model.folder / SPEC_FILE).is_file():
        raise TrainingError(
            f"“{model.card.name}” cannot be trained further: its spec.json is missing.", _WAY_OUT
        )
    return model


def why_not(card: ModelCard) -> str | None:
    """Gives why a model cannot be trained further, as a phrase; None when it can."""
    if card.family != "gan":
        return "it is a foreign model, whose training is not known"
    if DISCRIMINATOR_FILE not in card.graphs:
        return "it came without its critic (discriminator.safetensors)"
    return None


def choose_start(
    models: Sequence[Path],
    pictures_NHWC: NDArray[np.uint8],
    *,
    has_gpu: bool,
    progress: Callable[[float], None],
) -> Choice:
    """Gives the model whose pictures are nearest to the folder's, in the feature network.

    Without a graphics card models for such machines come first, whatever their distance.

    Args:
        models: folders of models, the shipped ones first.
        pictures_NHWC: the folder's squares.
        has_gpu: whether there is a graphics card to train on.
        progress: called with how far it is, 0…1.
    """
    found = list_starts(models)
    if not found:
        return Choice(None, (), "There is no model to start from, so this one starts from nothing.")
    network = FeatureNetwork()
    rows = _spread(len(pictures_NHWC), MAX_COMPARED)
    real_NF = network.embed(np.array(pictures_NHWC[rows]))
    progress(1 / (len(found) + 1))
    measured: list[tuple[InstalledModel, float | None]] = []
    for place, model in enumerate(found, start=2):
        measured.append((model, _distance(model, real_NF, network=network)))
        progress(place / (len(found) + 1))
    measured.sort(key=lambda pair: _rank(pair[0].card, pair[1], has_gpu=has_gpu))
    starts = tuple(_describe(model, distance) for model, distance in measured)
    return Choice(measured[0][0], starts, _why(measured, has_gpu=has_gpu))


def wished_choice(models: Sequence[Path], wish: str) -> Choice:
    """Gives the choice that the artist made.

    Raises:
        ModelError: there is no such model.
        TrainingError: it cannot be trained further.
    """
    starts = tuple(_describe(model, None) for model in list_starts(models))
    if wish == SCRATCH:
        return Choice(None, starts, "You chose to start from nothing.")
    model = find_start(models, wish)
    own = _describe(model, None)
    others = tuple(one for one in starts if one.model != own.model)
    return Choice(model, (own, *others), f"You chose “{model.card.name}”.")


def _distance(
    model: InstalledModel, real_NF: NDArray[np.float32], *, network: FeatureNetwork
) -> float | None:
    try:
        average, _, spec = load_model_weights(model.folder)
        made = _draw(average, spec)
    except (ModelError, StudioError):
        return None  # a damaged model is no reason to refuse the others
    return round(kernel_distance(real_NF, network.embed(made)), 2)


def _draw(average: Weights, spec: TrainingSpec) -> NDArray[np.uint8]:
    generator = Generator(spec).requires_grad_(False)
    load_weights(generator, average)
    seeds = range(_FIRST_SEED, _FIRST_SEED + MAX_COMPARED)
    return draw_pictures(generator, spec, seeds=seeds, psi=1.0)


def _rank(card: ModelCard, distance: float | None, *, has_gpu: bool) -> tuple[bool, float]:
    return (card.sketch == has_gpu, distance if distance is not None else float("inf"))


def _why(measured: Sequence[tuple[InstalledModel, float | None]], *, has_gpu: bool) -> str:
    (model, distance), rest = measured[0], measured[1:]
    kind = "" if has_gpu or not model.card.sketch else " small enough for a processor"
    if distance is None:
        return f"“{model.card.name}” is the one{kind} that can be trained further."
    if not rest:
        return f"“{model.card.name}” is the only model{kind} to start from."
    other, far = rest[0]
    beyond = "" if far is None else f" ({distance:.0f}, “{other.card.name}” {far:.0f})"
    return f"Of the models{kind}, “{model.card.name}” is nearest to your pictures{beyond}."


def _describe(model: InstalledModel, distance: float | None) -> Start:
    card = model.card
    return Start(id=model.folder.name, name=card.name, model=card.model, distance=distance)


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Gives up to `most` rows, evenly over all."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
