"""The network that makes a picture twice as large, and its ONNX file.

One pass doubles both sides; passes after one another give 4×, 8× and 16×. What it adds lies on top
of the picture with every pixel repeated, so that an untrained one already gives the picture back.

Source: residual network with sub-pixel convolution: Shi et al., "Real-Time Single Image and Video
Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network" (2016); without
normalisation: Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution" (2017).

Shapes: N batch, C channels, H rows, W columns. Values of pictures lie in 0…1.
"""

from typing import Final

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from studio.training.phi_graph import FeatureGraph
from studio.training.to_onnx import OPSET, halve_weights

CHANNELS: Final = 32
BLOCKS: Final = 4
SLOPE: Final = 0.1


class Enlarger(nn.Module):
    """Pictures [N, 3, H, W] to pictures [N, 3, 2H, 2W]."""

    def __init__(self, channels: int = CHANNELS, blocks: int = BLOCKS) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, channels, 3, padding=1)
        self.body = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2 * blocks)
        )
        self.tail = nn.Conv2d(channels, 12, 3, padding=1)
        for conv in self.convs():
            nn.init.kaiming_normal_(conv.weight, a=SLOPE)
            assert conv.bias is not None
            nn.init.zeros_(conv.bias)
        for inner in self.convs()[2:-1:2]:
            inner.weight.data *= 0.2
        self.tail.weight.data *= 0.1

    def convs(self) -> list[nn.Conv2d]:
        """Gives its convolutions in order."""
        return [self.head, *(conv for conv in self.body if isinstance(conv, nn.Conv2d)), self.tail]

    @property
    def reach_px(self) -> int:
        """How far away a pixel of the picture can still change a result: one for each layer."""
        return len(self.body) + 2

    def forward(self, x: Tensor) -> Tensor:
        """Gives pictures, not clipped."""
        first = inner = F.leaky_relu(self.head(x), SLOPE)
        for index in range(0, len(self.body), 2):
            step = F.leaky_relu(self.body[index](inner), SLOPE)
            inner = inner + self.body[index + 1](step)
        added = self.tail(F.leaky_relu(inner + first, SLOPE))
        return F.pixel_shuffle(added + x.repeat_interleave(4, dim=1), 2)


def rounded(network: Enlarger) -> Enlarger:
    """Gives a copy whose weights are as the file will keep them."""
    copy = Enlarger(network.head.out_channels, len(network.body) // 2)
    copy.load_state_dict(network.state_dict())
    for conv in copy.convs():
        conv.weight.data = conv.weight.data.half().float()
    return copy.eval()


def enlarge_graph(network: Enlarger) -> bytes:
    """Gives the ONNX file: `picture` [1, 3, H, W] to `larger` [1, 3, 2H, 2W], weights as fp16."""
    network = rounded(network)
    graph = FeatureGraph()

    def conv(x: str, layer: nn.Conv2d) -> str:
        assert layer.bias is not None
        weight, bias = graph.table(layer.weight.detach()), graph.table(layer.bias.detach())
        return graph.conv(x, weight=weight, bias=bias, stride=1)

    def leaky(x: str) -> str:
        name = graph.add("LeakyRelu", x)
        graph.nodes[-1].attribute.append(helper.make_attribute("alpha", SLOPE))
        return name

    head, *body, tail = network.convs()
    first = inner = leaky(conv("picture", head))
    for before, after in zip(body[::2], body[1::2], strict=True):
        inner = graph.add("Add", inner, conv(leaky(conv(inner, before)), after))
    added = conv(leaky(graph.add("Add", inner, first)), tail)
    # Every colour four times, in the order of DepthToSpace.
    repeat = torch.zeros(12, 3, 3, 3)
    for place in range(12):
        repeat[place, place // 4, 1, 1] = 1
    same = graph.conv(
        "picture", weight=graph.table(repeat), bias=graph.table(torch.zeros(12)), stride=1
    )
    graph.nodes.append(
        helper.make_node(
            "DepthToSpace", [graph.add("Add", added, same)], ["larger"], blocksize=2, mode="CRD"
        )
    )
    return _finished(graph)


def read_network(content: bytes) -> Enlarger:
    """Gives the network of a file made by `enlarge_graph`."""
    tables = [
        numpy_helper.to_array(table) for table in onnx.load_from_string(content).graph.initializer
    ]
    values = [torch.from_numpy(table.astype(np.float32)) for table in tables]
    weights = [value for value in values if value.ndim == 4][:-1]  # the last repeats colours
    biases = [value for value in values if value.ndim == 1][:-1]
    network = Enlarger(len(biases[0]), (len(weights) - 2) // 2)
    for conv, weight, bias in zip(network.convs(), weights, biases, strict=True):
        conv.weight.data, conv.bias.data = weight, bias  # type: ignore[union-attr]
    return network


def _finished(graph: FeatureGraph) -> bytes:
    values: dict[str, list[str | int | None]] = {
        "picture": [1, 3, "rows", "columns"],
        "larger": [1, 3, "rows2", "columns2"],
    }
    taken, given = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
        for name, sizes in values.items()
    )
    made = helper.make_graph(graph.nodes, "enlarge", [taken], [given], graph.tables)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, opset_imports=opsets, producer_name="latent-studio")
    model.ir_version = 10
    halve_weights(model)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))
