"""`studio trainer enlarge`: trains the network that makes pictures larger.

    studio trainer enlarge FOLDER… --out resources/enlarge --minutes 25

First the network learns to be near: absolute differences of pixels and of their slopes. Then, in
the last share of the time, how strong the fine detail is in each place shall be as in real prints,
and a small critic compares patches with theirs, so that surfaces keep the grain of paint and paper
where nearness alone would leave plastic; nearness is then measured on reduced pictures, which leaves
the finest detail free.

Source: relativistic average critic for enlargement: Wang et al., "ESRGAN" (2018), equations 1 and 2;
spectral normalisation: Miyato et al. (2018).

Shapes: N pieces, C channels, H rows, W columns; values in 0…1.
"""

import argparse
import copy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from studio.core.errors import StudioError
from studio.files.atomic import write_bytes_atomic
from studio.training.enlarge_judge import FolderScore, judge
from studio.training.enlarge_network import Enlarger, enlarge_graph, read_network, rounded
from studio.training.enlarge_pairs import STORED_PX, Pairs
from studio.training.model_folder import device_name
from studio.training.squares_in_memory import read_squares
from studio.training.to_onnx import sha256

VERSION: Final = "enlarge-1"
BATCH: Final = 12
HELD_OUT_EACH: Final = 16  # one square in so many is judged by and never learned from
_PEAK_LR: Final = 1e-3
_TEXTURE_LR: Final = 2e-4
_CRITIC_LR: Final = 4e-4
_EMA_SHARE: Final = 0.998
_EDGE_PX: Final = 6  # of a piece whose surroundings are missing
_SLOPE_WEIGHT: Final = 0.5
_STRENGTH_WEIGHT: Final = 0.01
_STRENGTH_PX: Final = 8  # side of the places in which the strength of detail is compared
_TELL_EVERY_S: Final = 20.0


class Critic(nn.Module):
    """Pieces [N, 3, H, W] to a map of judgements [N, 1, H/4, W/4]: higher is more like a print."""

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        widths = (3, channels, 2 * channels, 2 * channels, 1)
        strides = (2, 2, 1, 1)
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 3, stride=stride, padding=1))
            for before, after, stride in zip(widths, widths[1:], strides, strict=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Gives judgements."""
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
        given: Tensor = self.layers[-1](x)
        return given


class EnlargeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What enlarge-1.json holds; `engine.enlarging.EnlargeRecord` reads its part.

    Attributes:
        version: Name of the network.
        sha256: Of the ONNX file, hex.
        reach_px: How far away a pixel of the small picture can change a result.
        sources: Folder → squares learned from.
        steps: Batches of the first stage and of the second.
        scores: Against Lanczos on squares that were held out, by folder.
    """

    version: str
    sha256: str
    reach_px: int
    sources: dict[str, int]
    steps: tuple[int, int]
    seconds: float
    device: str
    command: str
    parameters: int
    scores: list[FolderScore]


class EnlargeTraining:
    """One training: network, its average, optimiser and random state."""

    def __init__(self, squares_NHWC: NDArray[np.uint8], seed: int) -> None:
        torch.manual_seed(seed)
        self.network = Enlarger().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).requires_grad_(requires_grad=False)
        self.critic = Critic().to(memory_format=torch.channels_last)
        self.pairs = Pairs(squares_NHWC, seed)
        self.steps = [0, 0]
        self.means: dict[str, float] = {}
        self._optimiser = torch.optim.Adam(self.network.parameters(), lr=_PEAK_LR)
        self._critic_optimiser = torch.optim.Adam(
            self.critic.parameters(), lr=_CRITIC_LR, betas=(0.5, 0.99)
        )

    def start_from(self, network: Enlarger) -> None:
        """Takes the weights of a network that was trained before."""
        for own in (self.network, self.average):
            own.load_state_dict(network.state_dict())

    def run_near(self, seconds: float) -> float:
        """Trains the first stage for so many processor seconds; gives those that it took."""
        return self._run(seconds, self.step_near)

    def run_texture(self, seconds: float, *, weight: float) -> float:
        """Trains the second stage likewise; `weight` is the critic's."""
        return self._run(seconds, lambda used: self.step_texture(used, weight=weight))

    def _run(self, seconds: float, step: Callable[[float], None]) -> float:
        begin = told = time.process_time()
        while (used := time.process_time() - begin) < seconds:
            step(used / seconds)
            if time.process_time() - told > _TELL_EVERY_S:
                told = time.process_time()
                said = ", ".join(f"{name} {value:.4f}" for name, value in self.means.items())
                sys.stderr.write(f"{used / seconds:4.0%}  {sum(self.steps)} batches, {said}\n")
        return time.process_time() - begin

    def step_near(self, used: float) -> None:
        """Learns one batch of the first stage; `used` is the share of its time."""
        self._set_rate(_PEAK_LR, used)
        made, large = self._make()
        made, large = _inner(made), _inner(large)
        near, slope = (made - large).abs().mean(), _slope_loss(made, large)
        self._learn(self._optimiser, near + _SLOPE_WEIGHT * slope)
        self._note(near=near, slope=slope)
        self.steps[0] += 1

    def step_texture(self, used: float, *, weight: float) -> None:
        """Learns one batch of the second stage, network and critic."""
        self._set_rate(_TEXTURE_LR, used)
        made, large = self._make()
        made, large = _inner(made), _inner(large)
        self.critic.requires_grad_(requires_grad=False)
        like = _relative(self._judged(large).detach(), self._judged(made), is_network=True)
        near = _pyramid_loss(made, large)
        strength = _strength_loss(made, large)
        self._learn(self._optimiser, near + _STRENGTH_WEIGHT * strength + weight * like)
        self.critic.requires_grad_(requires_grad=True)
        told = _relative(self._judged(large), self._judged(made.detach()), is_network=False)
        self._learn(self._critic_optimiser, told)
        self._note(near=near, strength=strength, like=like, told=told)
        self.steps[1] += 1

    def _make(self) -> tuple[Tensor, Tensor]:
        small, large, depth = self.pairs.draw(BATCH)
        for _ in range(depth - 1):
            with torch.no_grad():
                small = self._enlarged(self.average, small).clamp(0, 1)
        return self._enlarged(self.network, small), large

    def _enlarged(self, network: Enlarger, small: Tensor) -> Tensor:
        noise = self.pairs.noise(len(small), small.shape[2])
        x = torch.cat([small, noise], dim=1).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            made: Tensor = network(x)
        return made.float()

    def _judged(self, x: Tensor) -> Tensor:
        x = (x * 2 - 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            told: Tensor = self.critic(x)
        return told.float()

    def _learn(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if optimiser is self._optimiser:
            with torch.no_grad():
                pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
                for kept, new in pairs:
                    kept.lerp_(new, 1 - min(_EMA_SHARE, (1 + sum(self.steps)) / 100))

    def _set_rate(self, peak: float, used: float) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = peak * max(0.01, 0.5 * (1 + np.cos(np.pi * min(1.0, used))))

    def _note(self, **values: Tensor) -> None:
        for name, value in values.items():
            now = float(value.detach())
            self.means[name] = 0.99 * self.means.get(name, now) + 0.01 * now


def _inner(x: Tensor) -> Tensor:
    return x[:, :, _EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX]


def _slope_loss(made: Tensor, large: Tensor) -> Tensor:
    error = made - large
    across = (error[:, :, :, 1:] - error[:, :, :, :-1]).abs().mean()
    return across + (error[:, :, 1:] - error[:, :, :-1]).abs().mean()


def _pyramid_loss(made: Tensor, large: Tensor) -> Tensor:
    """Gives the difference at full, half and quarter size; the finest counts least."""
    total = 0.25 * (made - large).abs().mean()
    for weight in (0.5, 1.0):
        made, large = F.avg_pool2d(made, 2), F.avg_pool2d(large, 2)
        total = total + weight * (made - large).abs().mean()
    return total


def _strength_loss(made: Tensor, large: Tensor) -> Tensor:
    """Gives by what factor the strength of fine detail differs, in octaves of e, in each place."""
    total = torch.zeros(())
    for _ in range(2):
        total = total + (_strength(made) - _strength(large)).abs().mean()
        made, large = F.avg_pool2d(made, 2), F.avg_pool2d(large, 2)
    return total


def _strength(x: Tensor) -> Tensor:
    detail = x[:, :, 1:-1, 1:-1] - F.avg_pool2d(x, 3, stride=1)
    return torch.log(F.avg_pool2d(detail.abs(), _STRENGTH_PX, stride=4) + 0.004)


def _relative(real: Tensor, made: Tensor, *, is_network: bool) -> Tensor:
    """Gives how little the one kind is judged above the mean of the other."""
    over, under = real - made.mean(), made - real.mean()
    if is_network:
        over, under = under, over
    return (F.softplus(-over).mean() + F.softplus(under).mean()) / 2


def run_enlarge(words: list[str]) -> int:
    """Trains and writes enlarge-1; gives the exit status."""
    parser = argparse.ArgumentParser(prog="studio trainer enlarge", allow_abbrev=False)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, help="where the network is written")
    parser.add_argument("--minutes", type=float, default=25.0, help="of processor time")
    parser.add_argument("--texture", type=float, default=0.4, help="share of it with a critic")
    parser.add_argument("--texture-weight", type=float, default=0.01, help="of the critic")
    parser.add_argument("--start", type=Path, metavar="FILE", help="a network to go on from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(words)
    torch.set_num_threads(args.threads)
    try:
        by_folder = read_squares(args.folders, STORED_PX, max_crops=1)
        learned = np.concatenate([_split(squares)[0] for squares in by_folder.values()])
        training = EnlargeTraining(learned, args.seed)
        if args.start:
            training.start_from(read_network(args.start.read_bytes()))
        seconds = training.run_near(args.minutes * 60 * (1 - args.texture))
        # What nearness alone gives, to be looked at beside the end.
        write_bytes_atomic(args.out / "near.onnx", enlarge_graph(training.average))
        seconds += training.run_texture(
            args.minutes * 60 * args.texture, weight=args.texture_weight
        )
        write(
            args.out,
            training,
            command=_command(args),
            seconds=seconds,
            sources={name: len(_split(squares)[0]) for name, squares in by_folder.items()},
            held_out={name: _split(squares)[1] for name, squares in by_folder.items()},
        )
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _split(squares: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Gives the squares to learn from, and those to judge by."""
    is_held_out = np.arange(len(squares)) % HELD_OUT_EACH == 0
    return squares[~is_held_out], squares[is_held_out]


def write(
    folder: Path,
    training: EnlargeTraining,
    *,
    command: str,
    seconds: float,
    sources: dict[str, int],
    held_out: dict[str, NDArray[np.uint8]],
) -> EnlargeRecord:
    """Writes the network and its record; gives the record."""
    network = rounded(training.average)
    graph = enlarge_graph(network)
    record = EnlargeRecord(
        version=VERSION,
        sha256=sha256(graph),
        reach_px=network.reach_px,
        sources=sources,
        steps=(training.steps[0], training.steps[1]),
        seconds=round(seconds, 1),
        device=device_name(),
        command=command,
        parameters=sum(weight.numel() for weight in network.parameters()),
        scores=judge(network, held_out),
    )
    write_bytes_atomic(folder / f"{VERSION}.onnx", graph)
    listing = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    write_bytes_atomic(folder / f"{VERSION}.json", listing)
    return record


def _command(args: argparse.Namespace) -> str:
    """Gives the words that make the network again, with folders by their names."""
    words = [*(folder.name for folder in args.folders), "--out", "resources/enlarge"]
    words += ["--minutes", f"{args.minutes:g}", "--texture", f"{args.texture:g}"]
    words += ["--texture-weight", f"{args.texture_weight:g}"]
    return f"studio trainer enlarge {' '.join(words)}"
