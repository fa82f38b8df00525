"""How unusual a picture becomes when levers are moved, from the latents that a model draws.

Shapes: S samples, K axes of w that vary, D width of w, L layers, M levers, Z zones with levers.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import RecipeError
from studio.core.latent import z_from_seeds
from studio.core.lever_weights import LeverWeights, to_weights
from studio.core.levers import Lever
from studio.core.recipe import ZONES, Recipe, floats_from_text
from studio.engine.session import GeneratorModel

NUM_SAMPLES: Final = 1000
_LEAST_VARIANCE: Final = 1e-3  # of the largest: axes that hardly vary would rule the distance
FloatArray = NDArray[np.float64]


class LeverScales:
    """Weighs levers of one model; what it draws is looked at once."""

    def __init__(self, model: GeneratorModel) -> None:
        self._model = model
        self._whitener_KD: FloatArray | None = None

    def weigh(self, recipe: Recipe, levers: Sequence[Lever]) -> LeverWeights:
        """Give the weights of levers around a recipe.

        Raises:
            RecipeError: The recipe is of another model, or a lever is none of this model's.
        """
        whitener_KD = self._whitener()
        mean_D = self._model.directions.mean_D
        w_LD = self._model.generator.w_of(recipe) - mean_D
        bounds = (0, *(recipe.zones or self._model.card.zones), self._model.card.layers)
        zones = sorted({ZONES.index(lever.zone) for lever in levers})
        here_ZK = [
            whitener_KD @ w_LD[bounds[i] : max(bounds[i + 1], bounds[i] + 1)].mean(axis=0)
            for i in zones
        ]
        zone_of = tuple(zones.index(ZONES.index(lever.zone)) for lever in levers)
        steps_MK = np.stack([whitener_KD @ self._vector(lever) for lever in levers])
        is_same_MM = np.equal.outer(zone_of, zone_of)
        return to_weights(
            zone_of,
            base_Z=np.array([float(here_K @ here_K) for here_K in here_ZK]),
            slope_M=np.array(
                [step @ here_ZK[z] for step, z in zip(steps_MK, zone_of, strict=True)]
            ),
            gram_MM=steps_MK @ steps_MK.T * is_same_MM,
        )

    def _vector(self, lever: Lever) -> FloatArray:
        if lever.vector is not None:
            vector_D = floats_from_text(lever.vector)
        else:
            vector_D = self._model.directions.vectors().get(
                lever.direction, np.zeros(0, np.float32)
            )
        if vector_D.size != self._model.card.w:
            raise RecipeError("A slider is none of this model's.", "Open its model first.")
        return vector_D.astype(np.float64)

    def _whitener(self) -> FloatArray:
        """Give the map under which drawn latents lie at about 1 from their mean, [K, D]."""
        if self._whitener_KD is None:
            card, mean_D = self._model.card, self._model.directions.mean_D
            z_SZ = z_from_seeds(range(NUM_SAMPLES), card.z)
            far_SD = (self._model.generator.map_many(z_SZ) - mean_D).astype(np.float64)
            values, vectors = np.linalg.eigh(far_SD.T @ far_SD / len(far_SD))
            varies = values > max(values.max() * _LEAST_VARIANCE, 1e-12)
            axes_KD = vectors[:, varies].T
            self._whitener_KD = axes_KD / np.sqrt(values[varies] * varies.sum())[:, None]
        return self._whitener_KD
