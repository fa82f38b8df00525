"""A stranger's tensors handed out by name, with every shape checked and none left over.

The networks of `training.stylegan2` and `training.stylegan3` take what they need from here; what
nobody took is a part that they do not have, and then the picture would be another one.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.errors import ModelError
from studio.opener.weights_answer import Setting
from studio.opener.weights_client import Weights

OTHER = "Ask its maker for an ONNX file of it."
# Of the critic's or the training's side; a generator's picture does not depend on them.
_UNUSED = ("mapping.w_avg",)


class ForeignWeights:
    """The tensors and settings of one generator; each tensor is taken once.

    Attributes:
        facts: What the file is.
    """

    def __init__(self, weights: Weights) -> None:
        self.facts = weights.facts
        self._settings = weights.settings
        tensors = dict(weights.tensors)
        self._tensors = _evened(tensors) if weights.layout == "port" else tensors

    def has(self, name: str) -> bool:
        """Tells whether there is such a tensor."""
        return name in self._tensors

    def take(self, name: str, *shape: int | None) -> Tensor:
        """Gives a tensor, float32, of its own memory.

        Args:
            name: NVIDIA's name.
            *shape: its sides; None is any.

        Raises:
            ModelError: it is missing or of another shape.
        """
        found = self._tensors.pop(name, None)
        if found is None:
            raise ModelError(f"The file lacks “{name}”, so no picture can be made of it.", OTHER)
        fits = len(found.shape) == len(shape) and all(
            wished in (None, side) for wished, side in zip(shape, found.shape, strict=True)
        )
        if not fits:
            raise ModelError(
                f"“{name}” in the file has the shape {found.shape}, which does not fit.", OTHER
            )
        return torch.from_numpy(np.array(found, np.float32))

    def rank(self, name: str) -> int:
        """Gives how many sides a tensor has that is there."""
        return self._tensors[name].ndim

    def layer_name(self, index: int) -> str:
        """Gives the whole name of a layer of StyleGAN3, which says its side and channels too.

        Raises:
            ModelError: there is none of this number.
        """
        start = f"synthesis.L{index}_"
        for name in self._tensors:
            if name.startswith(start) and name.endswith(".weight") and name.count(".") == 2:
                return name.removesuffix(".weight")
        raise ModelError(f"The file lacks the layer {index}.", OTHER)

    def mean(self) -> NDArray[np.float32] | None:
        """Gives the mean w [D] that truncation goes towards; None when the file has none."""
        found = self._tensors.get("mapping.w_avg")
        return None if found is None else np.array(found, np.float32).reshape(-1)

    def number(self, module: str, name: str, *, default: float) -> float:
        """Gives a number that a module remembers."""
        value = self._setting(module, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else default  # type: ignore[arg-type]

    def clamp(self, module: str) -> float | None:
        """Gives the limit of a layer's numbers; None for none."""
        found = self.number(module, "conv_clamp", default=math.inf)
        return None if math.isinf(found) else found

    def check_activation(self, module: str) -> None:
        """Raises ModelError when a layer bends its numbers in another way than the paper's."""
        if (found := self._setting(module, "activation")) not in (None, "lrelu"):
            raise ModelError(f"The file uses the activation “{found}”, not the paper's.", OTHER)

    def uses_noise(self, module: str) -> bool:
        """Tells whether a layer adds its noise."""
        return self._setting(module, "use_noise") is not False

    def check_all_taken(self) -> None:
        """Raises ModelError when the file holds a part that no network took."""
        left = [name for name in self._tensors if name not in _UNUSED]
        if left:
            raise ModelError(
                f"The file holds “{left[0]}”, a part that the published network does not have.",
                OTHER,
            )

    def _setting(self, module: str, name: str) -> Setting:
        return self._settings.get(module, {}).get(name)


def _evened(tensors: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Gives the port's tensors as NVIDIA's files would hold them.

    The port keeps a batch side of 1 before its weights, blurs that are multiplied by the 4 of
    doubling, and scales the weights of its convolutions by 1/sqrt(I·k²) where they are used.
    """
    return {name: _evened_one(name, values) for name, values in tensors.items()}


def _evened_one(name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    module, _, part = name.rpartition(".")
    if not module.startswith("synthesis."):
        return values
    if part == "weight" and values.ndim == 5 and len(values) == 1:
        is_colour = module.endswith("torgb")
        scale = 1.0 if is_colour else 1 / math.sqrt(math.prod(values.shape[2:]))
        return np.asarray(values[0] * np.float32(scale))
    if part == "resample_filter":
        return values / np.float32(4)
    if part in ("noise_const", "const"):
        return values.reshape(values.shape[values.ndim - (3 if part == "const" else 2) :])
    if part == "noise_strength" and values.size == 1:
        return values.reshape(())
    return values.reshape(-1) if part == "bias" else values
