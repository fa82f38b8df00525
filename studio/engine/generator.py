"""From a recipe to pictures with open sessions.

Shape legend: N pictures, S sources, L layers, D width of w, Z width of z, H rows, W columns.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import onnxruntime

from studio.core.arrays import Picture, picture_from_tensor
from studio.core.directions import DirectionSet
from studio.core.errors import EngineError, RecipeError
from studio.core.latent import FloatArray, compose_w, z_from_seeds
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe, Source, first_problem, floats_from_text
from studio.engine.synthesis import NotFiniteError, Runnable, Synthesis

# 256 latents of the largest model of ours (14 layers of 512) take 7 MB.
_MAX_CACHED_SEEDS: Final = 256
_TERMINATED: Final = "terminate flag"
T = TypeVar("T")


class RenderCancelledError(Exception):
    """A run was ended from outside; there is no picture."""


class CancelToken:
    """Ends the run that it was given to, from any thread.

    The runtime's flag stays set for good, so every run gets a new options object.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._options: Any = None
        self._is_cancelled = False

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._is_cancelled

    def cancel(self) -> None:
        """End the run at its next node, and every later run with this token at once."""
        with self._lock:
            self._is_cancelled = True
            if self._options is not None:
                self._options.terminate = True

    def next_options(self) -> Any:  # noqa: ANN401 - the runtime has no types
        """Give the options for one run."""
        with self._lock:
            self._options = onnxruntime.RunOptions()
            self._options.terminate = self._is_cancelled
            return self._options


class Generator:
    """Draws latents and makes pictures; one thread at a time.

    Attributes:
        card: The model's card.
    """

    def __init__(
        self,
        card: ModelCard,
        directions: DirectionSet,
        *,
        mapping: Runnable,
        synthesis: Synthesis,
    ) -> None:
        """Take the parts of an open model.

        Args:
            card: Its card.
            directions: Its mean and directions.
            mapping: Session z [1, Z] → w [1, L, D].
            synthesis: w [N, L, D] → pictures.
        """
        self.card = card
        self._mean_D = directions.mean_D
        self._vectors = directions.vectors()
        self._mapping = mapping
        self._synthesis = synthesis
        self._w_by_seed: OrderedDict[int, FloatArray] = OrderedDict()

    def w_of(self, recipe: Recipe) -> FloatArray:
        """Give the latent of a recipe, [L, D].

        Raises:
            RecipeError: The recipe breaks a rule, is for another model, or names a direction that
                this model does not have.
        """
        way_out = "Choose its model first, or start from a new seed."
        if problem := first_problem(recipe):
            raise RecipeError(f"The recipe does not fit: {problem}.", way_out)
        if recipe.model != self.card.model:
            raise RecipeError(
                f"The recipe was made with another model than “{self.card.name}”.", way_out
            )
        w_SLD = np.stack([self._w_of_source(source) for source in recipe.sources])
        try:
            return compose_w(
                recipe, w_SLD, mean_D=self._mean_D, vectors=self._vectors, zones=self.card.zones
            )
        except KeyError as error:
            raise RecipeError(
                f"The model “{self.card.name}” does not have a direction that the recipe uses.",
                way_out,
            ) from error
        except ValueError as error:
            raise RecipeError(f"The recipe does not fit: {error}.", way_out) from error

    def map_many(self, z_NZ: FloatArray) -> FloatArray:
        """Give w [N, D] of many z, for statistics: it differs by rounding from `w_of`'s."""
        w_NLD = self._mapping.run(None, {"z": z_NZ})[0]
        first_ND: FloatArray = w_NLD[:, 0]
        return first_ND

    def render(
        self, w_NLD: FloatArray, side: int, *, cancel: CancelToken | None = None
    ) -> list[Picture]:
        """Give a picture for each latent, uint8 [side, side, 3], read-only.

        Args:
            w_NLD: The latents.
            side: One of the sides that the model gives.
            cancel: Ends the run from another thread.

        Raises:
            RenderCancelledError: Ended by `cancel`.
            EngineError: The runtime failed, or the model gave numbers that are no picture.
        """
        try:
            rgb8_NHWC = self._ended_by(
                cancel, lambda options: self._synthesis.pictures(w_NLD, side, options=options)
            )
        except NotFiniteError as error:
            raise self._overflow() from error
        rgb8_NHWC.flags.writeable = False
        return list(rgb8_NHWC)

    def image(
        self, w_NLD: FloatArray, side: int, *, cancel: CancelToken | None = None
    ) -> FloatArray:
        """Give the tensor images [N, 3, side, side] of latents; raises as `render` does."""
        return self._ended_by(
            cancel, lambda options: self._synthesis.images(w_NLD, side, options=options)
        )

    def run(
        self, session: Runnable, feeds: dict[str, FloatArray], *, cancel: CancelToken | None
    ) -> FloatArray:
        """Give the first output of a session; raises as `render` does."""
        return self._ended_by(
            cancel, lambda options: session.run(None, feeds, run_options=options)[0]
        )

    def _ended_by(self, cancel: CancelToken | None, work: Callable[[Any], T]) -> T:
        """Do a run that may be ended from outside; what the runtime raises becomes a sentence."""
        try:
            return work(None if cancel is None else cancel.next_options())
        except NotFiniteError:
            raise
        except Exception as error:
            if cancel is not None and cancel.is_cancelled and _TERMINATED in str(error):
                raise RenderCancelledError from error
            raise _engine_error(error) from error

    def pictures(self, image_NCHW: FloatArray) -> list[Picture]:
        """Give the pictures of tensor images, uint8 [H, W, 3], read-only.

        Raises:
            EngineError: The numbers are no picture.
        """
        try:
            rgb8_NHWC = picture_from_tensor(image_NCHW)
        except ValueError as error:
            raise self._overflow() from error
        rgb8_NHWC.flags.writeable = False
        return list(rgb8_NHWC)

    def _overflow(self) -> EngineError:
        return EngineError(
            f"The model “{self.card.name}” gave no picture for this recipe: its numbers overflow.",
            "Move the sliders back, or lower the truncation.",
        )

    def side_for(self, size: int | None) -> int:
        """Give the smallest side of the model that is enough for `size` px (None: the largest)."""
        sides: Sequence[int] = (*self.card.previews, self.card.resolution)
        if size is None:
            return sides[-1]
        return next((side for side in sides if side >= size), sides[-1])

    def _w_of_source(self, source: Source) -> FloatArray:
        shape = (self.card.layers, self.card.w)
        if source.w is not None:
            w = floats_from_text(source.w)
            if w.size != shape[0] * shape[1]:
                raise RecipeError(
                    "A stored latent of the recipe has another size than the model's.",
                    "Choose the model it was made with.",
                )
            return w.reshape(shape)
        assert source.seed is not None  # checked by first_problem
        return self._w_of_seed(source.seed)

    def _w_of_seed(self, seed: int) -> FloatArray:
        """Give w [L, D] of a seed: always mapped alone, so that it never depends on a batch."""
        if seed in self._w_by_seed:
            self._w_by_seed.move_to_end(seed)
            return self._w_by_seed[seed]
        z_NZ = z_from_seeds([seed], self.card.z)
        w_LD: FloatArray = self._mapping.run(None, {"z": z_NZ})[0][0]
        self._w_by_seed[seed] = w_LD
        if len(self._w_by_seed) > _MAX_CACHED_SEEDS:
            self._w_by_seed.popitem(last=False)
        return w_LD


def _engine_error(error: Exception) -> EngineError:
    text = str(error).lower()
    if "memory" in text or "alloc" in text:
        return EngineError(
            "There is not enough memory for this picture.",
            "Close other programs, or choose a smaller model.",
        )
    return EngineError(
        "The picture could not be computed.", "Try again; if it stays, install the model again."
    )
