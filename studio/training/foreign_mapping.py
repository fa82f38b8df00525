"""The mapping network of StyleGAN2, StyleGAN2-ADA and StyleGAN3, for making pictures only.

Shapes: N batch, Z and D widths of z and w, L layers of w, C classes.

Sources: Karras et al. 2019, "A Style-Based Generator Architecture" (mapping, truncation); Karras
et al. 2020, "Training Generative Adversarial Networks with Limited Data" (classes).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.errors import ModelError
from studio.training.foreign_weights import ForeignWeights

SLOPE = 0.2
GAIN = math.sqrt(2.0)
NORM_EPS = 1e-8
LEARNING_SCALE = 0.01  # of the mapping's layers, unless the file says another


def unit_length(x: Tensor) -> Tensor:
    """Gives rows whose mean square is 1."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + NORM_EPS)


class ForeignMapping(nn.Module):
    """z [N, Z] to w [N, L, D], the same w for every layer.

    A class is baked in: its vector is the same for every picture, so its part of the first layer
    is a part of that layer's bias.
    """

    def __init__(self, weights: ForeignWeights, *, class_index: int) -> None:
        """Takes the weights of the mapping.

        Args:
            weights: the file's.
            class_index: which class the pictures show, 0 to C - 1; unused without classes.

        Raises:
            ModelError: a tensor is missing or does not fit, or there is no such class.
        """
        super().__init__()
        facts = weights.facts
        self.num_layers = facts.layers
        self.depth = 0
        class_ND = _class_vector(weights, class_index)
        num_in = facts.z + class_ND.shape[1]
        while weights.has(f"mapping.fc{self.depth}.weight"):
            name = f"mapping.fc{self.depth}"
            weights.check_activation(name)
            scale = weights.number(name, "bias_gain", default=LEARNING_SCALE)
            weight = weights.take(f"{name}.weight", None, num_in)
            bias = weights.take(f"{name}.bias", len(weight)) * scale
            weight = weight * (scale / math.sqrt(num_in))
            if self.depth == 0 and facts.classes:
                bias = bias + (class_ND @ weight[:, facts.z :].t())[0]
                weight = weight[:, : facts.z].contiguous()
            self.register_buffer(f"weight_{self.depth}", weight * GAIN)
            self.register_buffer(f"bias_{self.depth}", bias * GAIN)
            num_in = len(weight)
            self.depth += 1

    def forward(self, z: Tensor) -> Tensor:
        """Gives w [N, L, D]."""
        x = unit_length(z)
        for place in range(self.depth):
            weight, bias = getattr(self, f"weight_{place}"), getattr(self, f"bias_{place}")
            x = F.leaky_relu(F.linear(x, weight, bias), SLOPE)
        return x[:, None].expand(-1, self.num_layers, -1)


def _class_vector(weights: ForeignWeights, class_index: int) -> Tensor:
    """Gives what the mapping makes of one class [1, E], or [1, 0] without classes."""
    classes = weights.facts.classes
    if not classes:
        return torch.zeros(1, 0)
    if not 0 <= class_index < classes:
        raise ModelError(
            f"This model knows the classes 0 to {classes - 1}.", "Choose one of these."
        )
    weight = weights.take("mapping.embed.weight", None, classes)
    bias = weights.take("mapping.embed.bias", len(weight))
    return unit_length((weight[:, class_index] / math.sqrt(classes) + bias)[None])
