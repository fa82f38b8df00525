"""From latents to pictures: what every way of running a model's graph offers, and the plainest.

Shape legend: N pictures, L layers, D width of w, H rows, W columns.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import picture_from_tensor
from studio.core.latent import FloatArray


class Runnable(Protocol):
    """What of a session is used here; the runtime itself has no types."""

    def run(
        self, output_names: None, input_feed: dict[str, FloatArray], *, run_options: object = None
    ) -> list[FloatArray]:
        """Give every output for the inputs."""
        ...


class NotFiniteError(ValueError):
    """The model gave numbers that are no picture."""


class Synthesis(Protocol):
    """A way to run a synthesis graph; one thread at a time."""

    def images(self, w_NLD: FloatArray, side: int, *, options: Any) -> FloatArray:  # noqa: ANN401 - the runtime has no types
        """Give tensor images [N, 3, side, side].

        Args:
            w_NLD: Latents.
            side: One of the sides in px that the model gives.
            options: The runtime's for this run, to end it from another thread; None without.

        Raises:
            Exception: Of the runtime.
        """
        ...

    def pictures(self, w_NLD: FloatArray, side: int, *, options: Any) -> NDArray[np.uint8]:  # noqa: ANN401
        """Give pictures uint8 [N, side, side, 3], C-contiguous, owned by the caller.

        Raises:
            NotFiniteError: The numbers are no picture.
            Exception: Of the runtime.
        """
        ...


class ExportedSynthesis:
    """Runs the exported graph, cut for each side, and makes pictures of its numbers with numpy."""

    def __init__(self, sessions: Mapping[int, Runnable]) -> None:
        """Take the sessions: side in px → w [N, L, D] to image [N, 3, side, side]."""
        self._sessions = sessions

    def images(self, w_NLD: FloatArray, side: int, *, options: Any) -> FloatArray:  # noqa: ANN401
        """See `Synthesis`."""
        return self._sessions[side].run(None, {"w": w_NLD}, run_options=options)[0]

    def pictures(self, w_NLD: FloatArray, side: int, *, options: Any) -> NDArray[np.uint8]:  # noqa: ANN401
        """See `Synthesis`."""
        image_N3HW = self.images(w_NLD, side, options=options)
        try:
            return picture_from_tensor(image_N3HW)
        except ValueError as error:
            raise NotFiniteError from error
