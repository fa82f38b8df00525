"""`studio trainer enlarge`: trains the network that makes pictures larger.

    studio trainer enlarge FOLDER… --out resources/enlarge --minutes 8

It learns to be near prints of real art: absolute differences of pixels and of their slopes. A
second stage with a critic and one that compared how strong fine detail is were tried and left out:
they drew cells and a weave into every surface (see studio/README.md).

Shapes: N pieces, C channels, H rows, W columns; values in 0…1.
"""

import argparse
import copy
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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
_EMA_SHARE: Final = 0.998
_EDGE_PX: Final = 6  # of a piece whose surroundings are missing
_SLOPE_WEIGHT: Final = 0.5
_TELL_EVERY_S: Final = 20.0


class EnlargeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What enlarge-1.json holds; `engine.enlarging.EnlargeRecord` reads its part.

    Attributes:
        version: Name of the network.
        sha256: Of the ONNX file, hex.
        reach_px: How far away a pixel of the small picture can change a result.
        sources: Folder → squares learned from.
        steps: Batches that it learned from.
        scores: Against Lanczos on squares that were held out, by folder.
    """

    version: str
    sha256: str
    reach_px: int
    sources: dict[str, int]
    steps: int
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
        self.pairs = Pairs(squares_NHWC, seed)
        self.steps = 0
        self.means: dict[str, float] = {}
        self._optimiser = torch.optim.Adam(self.network.parameters(), lr=_PEAK_LR)

    def start_from(self, network: Enlarger) -> None:
        """Takes the weights of a network that was trained before."""
        for own in (self.network, self.average):
            own.load_state_dict(network.state_dict())

    def run(self, seconds: float) -> float:
        """Trains for so many processor seconds; gives those that it took."""
        begin = told = time.process_time()
        while (used := time.process_time() - begin) < seconds:
            self.step(used / seconds)
            if time.process_time() - told > _TELL_EVERY_S:
                told = time.process_time()
                said = ", ".join(f"{name} {value:.4f}" for name, value in self.means.items())
                sys.stderr.write(f"{used / seconds:4.0%}  {self.steps} batches, {said}\n")
        return time.process_time() - begin

    def step(self, used: float) -> None:
        """Learns one batch; `used` is the share of the time."""
        for group in self._optimiser.param_groups:
            group["lr"] = _PEAK_LR * max(0.01, 0.5 * (1 + np.cos(np.pi * used)))
        made, large = self._make()
        made, large = _inner(made), _inner(large)
        near, slope = (made - large).abs().mean(), _slope_loss(made, large)
        self._optimiser.zero_grad()
        (near + _SLOPE_WEIGHT * slope).backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self.steps += 1
        self._follow()
        self._note(near=near, slope=slope)

    def _make(self) -> tuple[Tensor, Tensor]:
        small, large, depth = self.pairs.draw(BATCH)
        for _ in range(depth - 1):
            with torch.no_grad():
                small = self._enlarged(self.average, small).clamp(0, 1)
        return self._enlarged(self.network, small), large

    def _enlarged(self, network: Enlarger, small: Tensor) -> Tensor:
        x = small.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            made: Tensor = network(x)
        return made.float()

    def _follow(self) -> None:
        """Moves the average a little towards the network; more at the beginning."""
        share = min(_EMA_SHARE, (1 + self.steps) / 100)
        with torch.no_grad():
            weights = zip(self.average.parameters(), self.network.parameters(), strict=True)
            for kept, new in weights:
                kept.lerp_(new, 1 - share)

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


def run_enlarge(words: list[str]) -> int:
    """Trains and writes enlarge-1; gives the exit status."""
    parser = argparse.ArgumentParser(prog="studio trainer enlarge", allow_abbrev=False)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, help="where the network is written")
    parser.add_argument("--minutes", type=float, default=8.0, help="of processor time")
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
        seconds = training.run(args.minutes * 60)
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
        steps=training.steps,
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
    words += ["--minutes", f"{args.minutes:g}"]
    words += ["--start", args.start.name] if args.start else []
    return f"studio trainer enlarge {' '.join(words)}"
