"""How much a direction is seen: the units that make all sliders of a model change a picture alike.

The ends of a slider, −3 and +3, shall lie as far apart as two random pictures of the model do, as they
are drawn (truncation 1). Changes are distances in φ, which sees forms, light and colour as they are seen in pictures of any kind; see
`engine/features.py`. They are measured at the ends and not near 0, because they grow slower than the
way: a slider calibrated by small moves is timid in the whole.

The work comes in small steps (one or two small pictures each), because the hand must never wait for
it: every function is a generator that gives None after each step and returns its result at the end.

Shapes: N pictures, L layers, D width of w.
"""

from collections.abc import Generator, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.core.directions import FloatArray
from studio.core.recipe import MAX_STRENGTH, ZONES, new_recipe
from studio.engine.features import FeatureNetwork
from studio.engine.session import GeneratorModel

T = TypeVar("T")
Steps = Generator[None, None, T]

SIDE_PX: Final = 64  # what strips show
PAIR_SEEDS: Final = range(16)  # 120 pairs of pictures
PROBE_SEEDS: Final = tuple(range(11, 19))
SLIDER_END: Final = 3.0
# Three units must fit into what a recipe may hold; below the least, a hand would be too coarse.
UNIT_RANGE: Final = (0.1, int(MAX_STRENGTH / SLIDER_END * 1000) / 1000)
_POWER_RANGE: Final = (0.3, 1.3)  # change grows like unit^power; beyond this it is noise


class Embeds(Protocol):
    """What of a feature network is used here."""

    def embed(self, rgb8_NHWC: NDArray[np.uint8]) -> FloatArray:
        """Give features [N, F]."""
        ...


class ChangeGauge:
    """Measures how directions change the pictures of one model; one thread at a time."""

    def __init__(self, model: GeneratorModel, network: Embeds | None = None) -> None:
        self._model = model
        self._network = network or FeatureNetwork()
        recipes = (new_recipe(model.card.model, seed) for seed in PROBE_SEEDS)
        self._w_NLD = np.stack([model.generator.w_of(recipe) for recipe in recipes])
        self._wanted: float | None = None

    def units(self) -> Steps[dict[str, float]]:
        """Give, for each of the model's directions, how many σ one slider unit is."""
        found: dict[str, float] = {}
        directions = self._model.directions
        for entry, step_D in zip(directions.entries, directions.steps_MD, strict=True):
            found[entry.id] = yield from self.unit(step_D, entry.zones)
        return found

    def unit(self, step_D: FloatArray, zones: Sequence[str]) -> Steps[float]:
        """Give how many σ one slider unit of a direction is, within `UNIT_RANGE`.

        The change at one σ says where to look, the change there corrects it once: changes grow
        a little slower than the way, and differently for each direction.

        Args:
            step_D: One σ along the direction.
            zones: The zones it acts on.
        """
        wanted = yield from self.wanted_change()
        first = yield from self.change(step_D, zones, unit=1.0)
        unit = _clip(wanted / max(first, 1e-9))
        second = yield from self.change(step_D, zones, unit=unit)
        power = 1.0
        if abs(np.log(unit)) > 0.1 and min(first, second) > 1e-9:
            power = float(np.clip(np.log(second / first) / np.log(unit), *_POWER_RANGE))
        return round(_clip(unit * (wanted / max(second, 1e-9)) ** (1 / power)), 4)

    def change(self, step_D: FloatArray, zones: Sequence[str], *, unit: float) -> Steps[float]:
        """Give how far the ends of a slider lie apart in φ, as a mean over the probes' pictures."""
        layers = self.layers(zones)
        changes = []
        for w_LD in self._w_NLD:
            pair = []
            for sign in (1.0, -1.0):
                moved_LD = w_LD.copy()
                moved_LD[layers] += np.float32(sign * SLIDER_END * unit) * step_D
                pair.append(self._features(moved_LD))
                yield
            changes.append(_distance(pair[0], pair[1]))
        return float(np.mean(changes))

    def wanted_change(self) -> Steps[float]:
        """Give how far two random pictures of the model lie apart in φ."""
        if self._wanted is None:
            features = []
            for seed in PAIR_SEEDS:
                recipe = new_recipe(self._model.card.model, seed, psi=1.0)
                features.append(self._features(self._model.generator.w_of(recipe)))
                yield
            pairs = [_distance(a, b) for i, a in enumerate(features) for b in features[:i]]
            self._wanted = float(np.mean(pairs))
        return self._wanted

    def _features(self, w_LD: FloatArray) -> FloatArray:
        generator = self._model.generator
        picture = generator.render(w_LD[None], generator.side_for(SIDE_PX))[0]
        features_F: FloatArray = self._network.embed(picture[None])[0]
        return features_F

    def layers(self, zones: Sequence[str]) -> list[int]:
        """Give the layers that zones cover."""
        bounds = (0, *self._model.card.zones, self._model.card.layers)
        chosen = [range(bounds[i], bounds[i + 1]) for i, zone in enumerate(ZONES) if zone in zones]
        return [layer for layers in chosen for layer in layers]


def run_through(steps: Steps[T]) -> T:
    """Do all steps at once, where nobody waits for pictures."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result


def _distance(one_F: FloatArray, other_F: FloatArray) -> float:
    return float(np.linalg.norm(one_F - other_F) / np.sqrt(one_F.size))


def _clip(unit: float) -> float:
    return float(np.clip(unit, *UNIT_RANGE))
