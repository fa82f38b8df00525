"""From a feature network in torch to the small ONNX file that the engine runs, node by node.

Batch norms are folded into the convolutions before them, features are scaled to mean 0 and
deviation 1 over a sample of our pictures, and weights are kept as fp16.

Shapes: N batch, C channels, F features, R side of a picture in px, O and I channels out and in.
"""

from typing import Final

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from studio.training.to_onnx import OPSET, halve_weights

RANDOM_CHANNELS: Final = (32, 64, 128)
RANDOM_SCALES: Final = 3
_RANDOM_SEED: Final = 1


class FeatureGraph:
    """Collects nodes; every method gives the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tables: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: int | list[int]) -> str:
        """Adds a node with one output."""
        name = f"x{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(kind, list(inputs), [name], None, None, None, None, **attributes)
        )
        return name

    def table(self, values: Tensor) -> str:
        """Adds weights."""
        name = f"t{len(self.tables)}"
        self.tables.append(numpy_helper.from_array(values.float().contiguous().numpy(), name))
        return name

    def conv(self, x: str, *, weight: str, bias: str, stride: int) -> str:
        """Adds a 3 × 3 convolution with two tables of this graph."""
        return self.add(
            "Conv", x, weight, bias, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[stride] * 2
        )

    def folded_conv(self, x: str, conv: nn.Module, *, norm: nn.Module, stride: int = 1) -> str:
        """Adds a 3 × 3 convolution with the batch norm that follows it."""
        assert isinstance(conv, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        weight, bias = folded(conv, norm)
        return self.conv(x, weight=self.table(weight), bias=self.table(bias), stride=stride)

    def mean(self, x: str) -> str:
        """Adds the mean over both axes of a picture: [N, C]."""
        return self.add("Flatten", self.add("GlobalAveragePool", x), axis=1)

    def finish(self, features: list[str], *, sample_NF: Tensor, side: int) -> bytes:
        """Gives the file: features side by side, less their mean, by their deviation."""
        joined = self.add("Concat", *features, axis=1)
        mean = sample_NF.mean(dim=0).double()
        # A feature that never varies stays small, and its factor within fp16.
        scale = 1 / sample_NF.std(dim=0).double().clamp(min=2e-4)
        scaled = self.add("Mul", joined, self.table(scale))
        shift = self.table(-mean * scale)
        self.nodes.append(helper.make_node("Add", [scaled, shift], ["features"]))
        sizes: list[str | int | None] = ["batch", 3, side, side]
        graph = helper.make_graph(
            self.nodes,
            "features",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, sizes)],
            [
                helper.make_tensor_value_info(
                    "features", TensorProto.FLOAT, ["batch", sample_NF.shape[1]]
                )
            ],
            self.tables,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="latent-studio")
        model.ir_version = 10
        halve_weights(model)
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Gives weight, rounded as fp16 keeps it, and bias of a convolution and its batch norm."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (conv.weight * scale[:, None, None, None]).detach().half().float()
    return weight, (norm.bias - norm.running_mean * scale).detach()


class RandomNetwork:
    """Three convolutions with fixed random weights, at three scales: the second opinion."""

    def __init__(self) -> None:
        random = np.random.RandomState(_RANDOM_SEED)
        self.weights: list[Tensor] = []
        before = 3
        for width in RANDOM_CHANNELS:
            values = random.randn(width, before, 3, 3) * np.sqrt(2 / (9 * before))
            self.weights.append(torch.from_numpy(values.astype(np.float16).astype(np.float32)))
            before = width

    def __call__(self, image_N3RR: Tensor) -> Tensor:
        """Gives features [N, F]: the means of the two last layers at each scale."""
        means = []
        for scale in range(RANDOM_SCALES):
            x = F.avg_pool2d(image_N3RR, 2**scale)
            for index, weight in enumerate(self.weights):
                x = F.relu(F.conv2d(x, weight, stride=2, padding=1))
                if index > 0:
                    means.append(x.mean(dim=(2, 3)))
        return torch.cat(means, dim=1)

    def graph(self, sample_N3RR: Tensor) -> bytes:
        """Gives random-1.onnx."""
        graph, features = FeatureGraph(), []
        tables = [
            (graph.table(weight), graph.table(torch.zeros(len(weight)))) for weight in self.weights
        ]
        for scale in range(RANDOM_SCALES):
            sides = [2**scale] * 2
            x = graph.add("AveragePool", "picture", kernel_shape=sides, strides=sides)
            for index, (weight, bias) in enumerate(tables):
                x = graph.add("Relu", graph.conv(x, weight=weight, bias=bias, stride=2))
                if index > 0:
                    features.append(graph.mean(x))
        return graph.finish(features, sample_NF=self(sample_N3RR), side=sample_N3RR.shape[2])
