"""A direction from two piles of recipes, worked out by the engine in small steps.

Shapes: N pictures, S samples, L layers, D width of w.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from studio.core.arrays import Picture
from studio.core.directions import FloatArray
from studio.core.errors import RecipeError
from studio.core.latent import z_from_seeds
from studio.core.recipe import DEFAULT_PSI, Recipe, floats_from_text, floats_to_text
from studio.core.teaching import Learned, Lesson, Surroundings, kept_apart
from studio.engine.session import GeneratorModel
from studio.engine.visible_change import SIDE_PX, ChangeGauge, Steps

NUM_SAMPLES: Final = 1000
NUM_PICTURES: Final = 200  # with 100 it is clearly worse, with 480 hardly better (README)
_SEEN_PX: Final = 16  # masses and colours: finer grain moves with everything


class Teacher:
    """Makes directions for one model; what is usual in it is worked out once for each set of zones."""

    def __init__(self, model: GeneratorModel, gauge: ChangeGauge) -> None:
        self._model, self._gauge = model, gauge
        self._surroundings: dict[tuple[int, ...], Surroundings] = {}
        self._pictures: dict[tuple[int, ...], list[FloatArray]] = {}

    def teach(self, lesson: Lesson) -> Steps[Learned]:
        """Give the direction of a lesson.

        Raises:
            RecipeError: A recipe is of another model, both piles are empty, or they say the same.
        """
        layers = self._gauge.layers(lesson.zones)
        if not lesson.more and not lesson.less:
            raise RecipeError("Both piles are empty.", "Put a picture on one of them.")
        more_ND = self._pile(lesson.more, layers=layers)
        less_ND = self._pile(lesson.less, layers=layers)
        yield
        around = yield from self._around(tuple(layers))
        wish_D = kept_apart(around.wish(more_ND, less_ND), self._others(lesson.apart))
        try:
            step_D = around.one_sigma(wish_D)
        except ValueError as error:
            raise RecipeError(
                "The piles do not differ, so there is no direction between them.",
                "Put other pictures on one of them, or keep apart from fewer sliders.",
            ) from error
        yield
        unit = yield from self._gauge.unit(step_D, lesson.zones)
        return Learned(floats_to_text(step_D), unit, around.hits(more_ND, less_ND))

    def _pile(self, recipes: Sequence[Recipe], *, layers: Sequence[int]) -> FloatArray:
        """Give each picture's latent over the layers, less the model's mean, [N, D]."""
        mean_D = self._model.directions.mean_D
        rows = [self._model.generator.w_of(recipe)[layers].mean(axis=0) for recipe in recipes]
        return np.stack(rows) - mean_D if rows else np.zeros((0, mean_D.size), np.float32)

    def _others(self, apart: Sequence[str]) -> FloatArray:
        vectors = self._model.directions.vectors()
        rows = [vectors[one] if one in vectors else floats_from_text(one) for one in apart]
        return np.stack(rows) if rows else np.zeros((0, self._model.card.w), np.float32)

    def _around(self, layers: tuple[int, ...]) -> Steps[Surroundings]:
        if layers not in self._surroundings:
            generator, card = self._model.generator, self._model.card
            mean_D = self._model.directions.mean_D
            w_SD = generator.map_many(z_from_seeds(range(NUM_SAMPLES), card.z)) - mean_D
            side = generator.side_for(SIDE_PX)
            # Goes on where a lesson was that was given up: its pictures are as good for the next.
            pictures = self._pictures.setdefault(layers, [])
            for w_D in w_SD[len(pictures) : NUM_PICTURES]:
                w_LD = np.repeat(mean_D[None], card.layers, axis=0)
                w_LD[list(layers)] += np.float32(DEFAULT_PSI) * w_D
                pictures.append(_small(generator.render(w_LD[None], side)[0]))
                yield
            self._surroundings[layers] = Surroundings(w_SD, np.stack(self._pictures.pop(layers)))
        return self._surroundings[layers]


def _small(rgb8_HWC: Picture) -> FloatArray:
    """Give the masses and colours of a square picture as a row of numbers, 0…1."""
    side = min(_SEEN_PX, rgb8_HWC.shape[0])
    step = rgb8_HWC.shape[0] // side
    cut = rgb8_HWC[: side * step, : side * step].reshape(side, step, side, step, 3)
    row: FloatArray = (cut.mean(axis=(1, 3), dtype=np.float32) / 255).reshape(-1)
    return row
