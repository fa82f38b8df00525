"""A tiny network with random weights in place of the one that comes with the program."""

import hashlib
from pathlib import Path

import msgspec
import torch

from studio.engine.enlarging import EnlargeRecord
from studio.training.enlarge_network import Enlarger, enlarge_graph


def make_tiny_enlarger(folder: Path, *, seed: int = 1) -> Path:
    """Write enlarge-1.onnx and its record into a folder; give the folder."""
    torch.manual_seed(seed)
    network = Enlarger(8, 1)
    network.tail.weight.data *= 4  # so that what it adds can be seen
    content = enlarge_graph(network)
    record = EnlargeRecord(
        version="enlarge-1",
        sha256=hashlib.sha256(content).hexdigest(),
        reach_px=network.reach_px,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "enlarge-1.onnx").write_bytes(content)
    (folder / "enlarge-1.json").write_bytes(msgspec.json.encode(record))
    return folder
