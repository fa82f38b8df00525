"""`studio trainer phi`: trains the feature network of the scores from pictures without labels.

    studio trainer phi FOLDER… --out resources/phi --kimg 60

VICReg: two crops of one picture shall get the same features, and all features shall vary and say
different things. The crops differ in place, size, side and colour and in nothing else: a network
that learned to ignore blur, noise or JPEG damage could not see them.

Source: Bardes, Ponce and LeCun, "VICReg" (2022), equations 1-6 with its weights 25, 25, 1.

Shapes: N batch, C channels, F features, R side of a picture in px, P projected features.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.files.atomic import write_bytes_atomic
from studio.training.model_folder import device_name
from studio.training.phi_graph import FeatureGraph, RandomNetwork
from studio.training.squares_in_memory import read_squares
from studio.training.to_onnx import sha256

STORED_PX: Final = 160  # so that the smallest crop, 0.6 of it, is hardly enlarged
SIDE_PX: Final = 128
CHANNELS: Final = (24, 32, 64, 128, 256)
PROJECTED: Final = 1024
BATCH: Final = 128
_PEAK_LR: Final = 2e-3
_WARM_SHARE: Final = 0.05
_PURPOSE: Final = "feature network for comparing pictures, never used as a training loss"


class Block(nn.Module):
    """Two 3 × 3 convolutions beside the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Gives [N, C, R, R]."""
        inner = F.relu(self.first_norm(self.first(x)))
        return F.relu(x + self.second_norm(self.second(inner)))


class PhiNetwork(nn.Module):
    """Tensor images [N, 3, 128, 128] to features [N, F]: the means of its four last scales."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, *CHANNELS)
        self.steps = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False)
            for before, after in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in CHANNELS)
        self.blocks = nn.ModuleList(Block(width) for width in CHANNELS[1:])

    @property
    def num_features(self) -> int:
        """F."""
        return sum(CHANNELS[1:])

    def forward(self, x: Tensor) -> Tensor:
        """Gives features, float32."""
        means = []
        for index, (step, norm) in enumerate(zip(self.steps, self.norms, strict=True)):
            x = F.relu(norm(step(x)))
            if index > 0:
                x = self.blocks[index - 1](x)
                means.append(x.float().mean(dim=(2, 3)))
        return torch.cat(means, dim=1)


def phi_graph(network: PhiNetwork, sample_NCRR: Tensor) -> bytes:
    """Gives phi-1.onnx; features are scaled over the sample."""
    network.eval()
    graph, features, x = FeatureGraph(), [], "picture"
    for index, (step, norm) in enumerate(zip(network.steps, network.norms, strict=True)):
        x = graph.add("Relu", graph.folded_conv(x, step, norm=norm, stride=2))
        if index > 0:
            block = network.blocks[index - 1]
            assert isinstance(block, Block)
            inner = graph.add("Relu", graph.folded_conv(x, block.first, norm=block.first_norm))
            inner = graph.folded_conv(inner, block.second, norm=block.second_norm)
            x = graph.add("Relu", graph.add("Add", x, inner))
            features.append(graph.mean(x))
    with torch.no_grad():
        sample_NF = torch.cat([network(part) for part in torch.split(sample_NCRR, BATCH)])
    return graph.finish(features, sample_NF=sample_NF, side=SIDE_PX)


def projector(num_features: int) -> nn.Sequential:
    """Gives the head that is thrown away after training."""
    return nn.Sequential(
        nn.BatchNorm1d(num_features),
        nn.Linear(num_features, PROJECTED, bias=False),
        nn.BatchNorm1d(PROJECTED),
        nn.ReLU(),
        nn.Linear(PROJECTED, PROJECTED),
    )


def vicreg(a_NP: Tensor, b_NP: Tensor) -> Tensor:
    """Gives the loss of two views: 25 · invariance + 25 · variance + covariance."""
    invariance = F.mse_loss(a_NP, b_NP)
    return 25 * invariance + 25 * (_lack(a_NP) + _lack(b_NP)) / 2 + _ties(a_NP) + _ties(b_NP)


def _lack(x_NP: Tensor) -> Tensor:
    return F.relu(1 - torch.sqrt(x_NP.var(dim=0) + 1e-4)).mean()


def _ties(x_NP: Tensor) -> Tensor:
    x = x_NP - x_NP.mean(dim=0)
    covariance = x.t() @ x / (len(x) - 1)
    off = covariance.square().sum() - covariance.diagonal().square().sum()
    return off / x.shape[1]


def view(image_NCRR: Tensor, random: torch.Generator) -> Tensor:
    """Gives one random crop of each picture [N, 3, 128, 128]: place, size, side and colour."""
    count = len(image_NCRR)

    def draw(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand((count, *shape), generator=random)

    share = draw(0.6, 1.0)
    side = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    aspect = torch.exp(draw(-0.08, 0.08))
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = share * aspect.clamp(max=1) * side, share / aspect.clamp(min=1)
    theta[:, :, 2] = draw(-1, 1, 2) * (1 - share)[:, None]
    grid = F.affine_grid(theta, [count, 3, SIDE_PX, SIDE_PX], align_corners=False)
    x = F.grid_sample(image_NCRR, grid, padding_mode="reflection", align_corners=False)
    mean = x.mean(dim=(2, 3), keepdim=True)
    x = mean + (x - mean) * draw(0.75, 1.3, 1, 1, 1)
    grey = x.mean(dim=1, keepdim=True)
    x = grey + (x - grey) * draw(0.6, 1.4, 1, 1, 1)
    return (x + draw(-0.25, 0.25, 1, 1, 1) + draw(-0.06, 0.06, 3, 1, 1)).clamp(-1, 1)


class PhiRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What phi-1.json and random-1.json hold; `engine.features.FeatureRecord` reads its part."""

    version: str
    sha256: str
    side_px: int
    features: int
    purpose: str
    sources: dict[str, int]
    images: int
    seconds: float
    device: str
    command: str
    loss: float | None
    parameters: int


class PhiTraining:
    """One training: the network, its head, the optimiser and its random state."""

    def __init__(self, squares_NHWC: NDArray[np.uint8], seed: int) -> None:
        torch.manual_seed(seed)
        self.random = torch.Generator().manual_seed(seed)
        self.network = PhiNetwork().to(memory_format=torch.channels_last)
        self.head = projector(self.network.num_features)
        self.squares = torch.from_numpy(squares_NHWC)
        self.images = 0
        self.loss = float("nan")
        weights = [*self.network.parameters(), *self.head.parameters()]
        self.optimiser = torch.optim.AdamW(weights, lr=_PEAK_LR, weight_decay=1e-4)

    def run(self, images: int) -> float:
        """Trains on so many pictures; gives the processor seconds that it took."""
        begin = time.process_time()
        for batch in self._batches():
            used = self.images / images
            if used >= 1:
                break
            self._step(batch, used)
            if self.images % (BATCH * 20) == 0:
                sys.stderr.write(f"{used:4.0%}  {self.images} pictures, loss {self.loss:.2f}\n")
        return time.process_time() - begin

    def _batches(self) -> Iterator[Tensor]:
        while True:
            order = torch.randperm(len(self.squares), generator=self.random)
            for begin in range(0, len(order) - BATCH + 1, BATCH):
                yield order[begin : begin + BATCH]

    def _step(self, batch: Tensor, used: float) -> None:
        rate = min(1.0, used / _WARM_SHARE) * 0.5 * (1 + np.cos(np.pi * used))
        for group in self.optimiser.param_groups:
            group["lr"] = _PEAK_LR * max(rate, 1e-3)
        image = self.squares[batch].permute(0, 3, 1, 2).float() / 127.5 - 1
        both = torch.cat([view(image, self.random), view(image, self.random)])
        with torch.autocast("cpu", torch.bfloat16):
            features = self.network(both.contiguous(memory_format=torch.channels_last))
        projected = self.head(features.float())
        loss = vicreg(*projected.chunk(2))
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.images += len(batch)
        value = float(loss.detach())
        self.loss = value if np.isnan(self.loss) else 0.98 * self.loss + 0.02 * value


def run_phi(words: list[str]) -> int:
    """Trains and writes phi-1 and random-1; gives the exit status."""
    parser = argparse.ArgumentParser(prog="studio trainer phi", allow_abbrev=False)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, help="where the networks are written")
    parser.add_argument("--kimg", type=float, default=60.0, help="thousand pictures to learn from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(words)
    torch.set_num_threads(args.threads)
    try:
        by_folder = read_squares(args.folders, STORED_PX, max_crops=3)
        squares = np.concatenate(list(by_folder.values()))
        sources = {name: len(found) for name, found in by_folder.items()}
        training = PhiTraining(squares, args.seed)
        seconds = training.run(round(args.kimg * 1000))
        _write(args.out, training, seconds=seconds, sources=sources)
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _write(folder: Path, training: PhiTraining, *, seconds: float, sources: dict[str, int]) -> None:
    sample = training.squares[:: max(1, len(training.squares) // 2_000)]
    image = sample.permute(0, 3, 1, 2).float() / 127.5 - 1
    image = F.interpolate(image, (SIDE_PX, SIDE_PX), mode="area")
    names = " ".join(sources)
    phi, random = phi_graph(training.network, image), RandomNetwork()
    num_trained = sum(weight.numel() for weight in training.network.parameters())
    record = PhiRecord(
        version="phi-1",
        sha256=sha256(phi),
        side_px=SIDE_PX,
        features=training.network.num_features,
        purpose=_PURPOSE,
        sources=sources,
        images=training.images,
        seconds=round(seconds, 1),
        device=device_name(),
        command=f"studio trainer phi {names} --out resources/phi --kimg {training.images // 1000}",
        loss=round(training.loss, 4),
        parameters=num_trained,
    )
    _write_network(folder, phi, record=record)
    graph = random.graph(image)
    record = msgspec.structs.replace(
        record,
        version="random-1",
        sha256=sha256(graph),
        features=random(image[:1]).shape[1],
        images=0,
        seconds=0.0,
        loss=None,
        parameters=sum(weight.numel() for weight in random.weights),
    )
    _write_network(folder, graph, record=record)


def _write_network(folder: Path, graph: bytes, *, record: PhiRecord) -> None:
    write_bytes_atomic(folder / f"{record.version}.onnx", graph)
    listing = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    write_bytes_atomic(folder / f"{record.version}.json", listing)
