"""Finds a picture from outside in the latent space of an open model.

Five rounds from the mean: the encoder sees the picture beside the present one and says how w must
change. The round that comes nearest in φ is given, the mean itself included; the encoder never
learned from φ.

Shape legend: R side of a square (`LOOK_PX`), L layers, D width of w.
"""

import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture, tensor_from_picture
from studio.core.errors import EngineError, ModelError
from studio.core.inversion import LOOK_PX, FoundPicture, checked_look, met_parts
from studio.core.latent import FloatArray
from studio.core.model_card import ENCODER_FILE
from studio.core.recipe import floats_from_text, floats_to_text, new_recipe
from studio.engine.features import FeatureNetwork
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.providers import open_session
from studio.engine.session import GeneratorModel, compare_values
from studio.files.model_folder import read_model_file
from studio.opener.onnx_walk import walk_graph

ROUNDS: Final = 5
MAX_ENCODER_BYTES: Final = 16 * 1024 * 1024
# Times as far from the mean as a drawn latent usually lies.
MAX_REACH: Final = 1.2
_NUM_DRAWN: Final = 64
_TINY: Final = 1e-6


class PictureFinder:
    """Finds pictures in one model; one thread at a time. Its networks are opened when first used.

    Attributes:
        model: The model.
    """

    def __init__(self, model: GeneratorModel) -> None:
        self.model = model
        self._encoder: Any = None
        self._phi: FeatureNetwork | None = None
        self._reach = 0.0

    def find(self, wanted_RR3: Picture, *, cancel: CancelToken | None = None) -> FoundPicture:
        """Give where a picture of `LOOK_PX` px lies.

        Raises:
            ModelError: The model has no encoder, or a damaged one.
            EngineError: The runtime failed.
            RenderCancelledError: Ended by `cancel`.
        """
        begin_s = time.monotonic()
        encoder = self._encoder = self._encoder or self._open_encoder()
        wanted = tensor_from_picture(checked_look(wanted_RR3)[None])
        w_LD = self._mean_w()
        tried, pictures = [w_LD], [self._draw(w_LD, cancel)]
        for _ in range(ROUNDS):
            present = tensor_from_picture(pictures[-1][None])
            pair = np.concatenate([wanted, present], axis=1)
            try:
                change_NLD = encoder.run(None, {"pair": pair})[0]
            except Exception as error:
                raise EngineError("The picture could not be found.", "Try again.") from error
            w_LD = self._held(w_LD + change_NLD[0])
            if not np.isfinite(w_LD).all():
                break
            tried.append(w_LD)
            pictures.append(self._draw(w_LD, cancel))
        shares = self._shares(wanted_RR3, pictures)
        best = int(np.argmin(shares))
        return FoundPicture(
            w=floats_to_text(tried[best]),
            share=round(float(shares[best]), 4),
            met=met_parts(wanted_RR3, pictures[best]),
            seconds=round(time.monotonic() - begin_s, 3),
        )

    def measure(
        self, wanted_RR3: Picture, w: str, *, cancel: CancelToken | None = None
    ) -> FoundPicture:
        """Give how near a latent comes to a picture; the model needs no encoder. Raises as `find`."""
        begin_s = time.monotonic()
        card = self.model.card
        w_LD = floats_from_text(w)
        if w_LD.size != card.layers * card.w:
            raise EngineError("This latent is of another model.", "Choose its model first.")
        made = self._draw(w_LD.reshape(card.layers, card.w), cancel)
        shares = self._shares(checked_look(wanted_RR3), [self._draw(self._mean_w(), cancel), made])
        return FoundPicture(
            w=w,
            share=round(float(shares[1]), 4),
            met=met_parts(wanted_RR3, made),
            seconds=round(time.monotonic() - begin_s, 3),
        )

    def _mean_w(self) -> FloatArray:
        mean_D = self.model.directions.mean_D
        return np.repeat(mean_D[None].astype(np.float32), self.model.card.layers, axis=0)

    def _held(self, w_LD: FloatArray) -> FloatArray:
        """Give a latent no farther from the mean than drawn ones may lie.

        A picture of quite another kind leads far away, to glaring colours that mean nothing.
        """
        mean_LD = self._mean_w()
        if not self._reach:
            away = [self._drawn_w(seed) - mean_LD for seed in range(_NUM_DRAWN)]
            self._reach = MAX_REACH * float(np.sqrt(np.mean(np.square(away)))) + _TINY
        far = float(np.sqrt(np.mean(np.square(w_LD - mean_LD))))
        if far <= self._reach:
            return w_LD
        held_LD: FloatArray = mean_LD + (w_LD - mean_LD) * np.float32(self._reach / far)
        return held_LD

    def _drawn_w(self, seed: int) -> FloatArray:
        return self.model.generator.w_of(new_recipe(self.model.card.model, seed, psi=1.0))

    def _draw(self, w_LD: FloatArray, cancel: CancelToken | None) -> Picture:
        """Give the picture of a latent, `LOOK_PX` wide."""
        if cancel is not None and cancel.is_cancelled:
            raise RenderCancelledError
        generator = self.model.generator
        made = generator.render(w_LD[None], generator.side_for(LOOK_PX), cancel=cancel)[0]
        side = made.shape[0]
        if side < LOOK_PX:  # as the encoder learned it
            return made.repeat(LOOK_PX // side, axis=0).repeat(LOOK_PX // side, axis=1)
        return shrunk(made)

    def _shares(self, wanted_RR3: Picture, pictures: list[Picture]) -> NDArray[np.float32]:
        """Give each picture's distance in φ as a share of the first one's."""
        phi = self._phi = self._phi or FeatureNetwork()
        looks_NF = phi.embed(np.stack([wanted_RR3, *pictures]))
        distances: NDArray[np.float32] = np.linalg.norm(looks_NF[1:] - looks_NF[0], axis=1)
        return distances / max(float(distances[0]), _TINY)

    def _open_encoder(self) -> Any:  # noqa: ANN401 - the runtime has no types
        card = self.model.card
        if ENCODER_FILE not in card.graphs:
            raise no_encoder(card.name)
        raw = read_model_file(self.model.folder, card, name=ENCODER_FILE)
        graph = walk_graph(raw, file_name=ENCODER_FILE)
        pair = {"pair": (None, 6, LOOK_PX, LOOK_PX)}
        compare_values(graph.inputs, pair, file=ENCODER_FILE)
        compare_values(graph.outputs, {"change": (None, card.layers, card.w)}, file=ENCODER_FILE)
        try:
            return open_session(raw, "cpu").session
        except Exception as error:
            raise ModelError(
                f"The runtime cannot use the encoder of the model “{card.name}”.",
                "Install the model again, or choose another one.",
            ) from error


def no_encoder(name: str) -> ModelError:
    """Give the error for a model that cannot look for pictures."""
    return ModelError(
        f"The model “{name}” has no encoder, so it cannot look for your picture.",
        "Everything else works. Choose another model to bring a picture in.",
    )


def shrunk(rgb8_RR3: Picture) -> Picture:
    """Give a picture whose side is a multiple of `LOOK_PX` at that side, by means of cells."""
    cell = rgb8_RR3.shape[0] // LOOK_PX
    if cell == 1:
        return rgb8_RR3
    cells = rgb8_RR3.reshape(LOOK_PX, cell, LOOK_PX, cell, 3).astype(np.float32).mean(axis=(1, 3))
    levels: Picture = np.rint(cells).astype(np.uint8)
    return levels
