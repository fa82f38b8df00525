"""`studio trainer bench`: torch's own time for the graph that the engine runs.

Builds a generator with fixed random weights, writes it as a model folder, says so in one line,
and then answers one line of JSON on stdin with one on stdout until stdin ends:

    {"way": "default", "batch": 1, "count": 5}  →  {"times_ms": [41.2, …]} or {"error": "…"}

Inference mode, float32, the exported weights with every gain multiplied in: the same sums as the
graph. The ways: "default" is eager with torch's NCHW memory layout, "channels_last" the other
layout, "compiled" `torch.compile` (its first answer takes minutes), "stylegan2" a StyleGAN2 of the
published size in eager mode, for pictures of the same side. With `--stylegan2-graph FILE` that
network is also written as a graph.

Shapes: N batch, L layers of w, D width of w, K axes.
"""

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor

from studio.core.directions import DirectionEntry, DirectionSet, direction_id, to_tensors
from studio.core.model_card import (
    CARD_FILE,
    DIRECTIONS_FILE,
    MAPPING_FILE,
    SYNTHESIS_FILE,
    Right,
    encode_card,
)
from studio.core.training_spec import Stage, TrainingSpec, make_spec, num_layers
from studio.files.atomic import write_bytes_atomic
from studio.protocol.training_messages import ModelWish
from studio.training.foreign_weights import ForeignWeights
from studio.training.found_directions import ZONE_NAMES, principal_axes
from studio.training.latents import mean_of, sample_w
from studio.training.model_folder import describe
from studio.training.networks import Generator
from studio.training.published_stylegan2 import WIDTH, PublishedSynthesis
from studio.training.stylegan2 import StyleGAN2Synthesis
from studio.training.to_onnx import (
    BakedMapping,
    BakedSynthesis,
    bake,
    export_graph,
    mapping_graph,
    synthesis_graph,
)

WAYS: Final = ("default", "channels_last", "compiled", "stylegan2")
_SEED: Final = 1
_WISH: Final = ModelWish(
    name="Random weights", rights=(Right("nothing: random weights", "CC0", "nobody"),)
)
_NUM_SAMPLES: Final = 2_000  # enough for a mean and axes that only have to be there


def run_bench(words: list[str]) -> int:
    """Build, export and answer; gives the exit status."""
    parser = argparse.ArgumentParser(prog="studio trainer bench")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", default="xs")
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--stylegan2-graph", type=Path)
    args = parser.parse_args(words)
    torch.set_num_threads(args.threads)
    spec = random_spec(config=args.config, resolution=args.resolution)
    mapping, synthesis = random_networks(spec)
    write_random_model(args.folder, spec, networks=(mapping, synthesis))
    if args.stylegan2_graph is not None:
        write_bytes_atomic(args.stylegan2_graph, published_graph(args.resolution))
    _say({"ready": True, "torch": torch.__version__, "threads": torch.get_num_threads()})
    timers = {way: TorchTimer(synthesis, way=way, resolution=args.resolution) for way in WAYS}
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            times_ms = timers[wish["way"]].times_ms(wish["count"], batch=wish["batch"])
        except RuntimeError as error:  # torch.compile without a compiler
            _say({"error": str(error).splitlines()[0][:200]})
            continue
        _say({"times_ms": times_ms})
    return 0


def random_spec(*, config: str, resolution: int) -> TrainingSpec:
    """Give a spec without growth, so that no layer starts at zero."""
    spec = make_spec(resolution=resolution, config=config, kimg=1.0, seed=_SEED)
    stages = (Stage(0.0, resolution, spec.stages[-1].gamma),)
    return msgspec.structs.replace(spec, stages=stages)


def random_networks(spec: TrainingSpec) -> tuple[BakedMapping, BakedSynthesis]:
    """Give the baked networks of fixed random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        return bake(Generator(spec), spec)


def write_random_model(
    folder: Path, spec: TrainingSpec, *, networks: tuple[BakedMapping, BakedSynthesis]
) -> None:
    """Write the networks as a model folder with directions that only have to be there."""
    mapping, synthesis = networks
    directions = _random_directions(mapping, spec)
    tensors, metadata = to_tensors(directions)
    files = {
        MAPPING_FILE: mapping_graph(mapping, spec),
        SYNTHESIS_FILE: synthesis_graph(synthesis, spec),
        DIRECTIONS_FILE: save(tensors, metadata),
    }
    card = describe(folder.name, _WISH, spec=spec, files=files, mean_D=directions.mean_D)
    files[CARD_FILE] = encode_card(card)
    for name, content in files.items():
        write_bytes_atomic(folder / name, content)


class TorchTimer:
    """Times a synthesis network in one way; it is made ready when first asked."""

    def __init__(self, synthesis: BakedSynthesis, *, way: str, resolution: int) -> None:
        self._synthesis = synthesis
        self._way = way
        self._resolution = resolution
        self._network: Callable[[Tensor], object] | None = None
        self._shape = (num_layers(resolution), synthesis.mean.numel())
        self._warm_batches: set[int] = set()

    def times_ms(self, count: int, *, batch: int) -> list[float]:
        """Give the times of `count` runs, each of `batch` pictures, w → full picture and previews.

        Raises:
            RuntimeError: Torch cannot run it in this way here.
        """
        if self._network is None:
            self._network = self._prepared()
        w_NLD = torch.randn(batch, *self._shape, generator=torch.Generator().manual_seed(_SEED))
        times = []
        with torch.inference_mode():
            if batch not in self._warm_batches:
                for _ in range(2):  # the first runs choose algorithms and allocate
                    self._network(w_NLD)
                self._warm_batches.add(batch)
            for _ in range(count):
                begin_s = time.perf_counter()
                self._network(w_NLD)
                times.append((time.perf_counter() - begin_s) * 1000)
        return times

    def _prepared(self) -> Callable[[Tensor], object]:
        if self._way == "stylegan2":
            published = published_network(self._resolution)
            self._shape = (published.num_layers, WIDTH)
            return published
        network = copy.deepcopy(self._synthesis)
        if self._way == "channels_last":
            # On modules `to` changes in place, on the buffers with four axes only.
            network.to(memory_format=torch.channels_last)
        if self._way == "compiled":
            compiled: Callable[[Tensor], object] = torch.compile(network)
            return compiled
        return network


def published_network(resolution: int) -> PublishedSynthesis:
    """Give the StyleGAN2 of fixed random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        return PublishedSynthesis(resolution).eval()


def published_graph(resolution: int) -> bytes:
    """Give it as a graph w [N, L, D] → image, with weights that stay as they are."""
    published = published_network(resolution)
    network = StyleGAN2Synthesis(ForeignWeights(published.as_file())).eval()
    network.previews = ()
    example = torch.randn(2, published.num_layers, WIDTH)
    return export_graph(network, example, inputs=("w",), outputs=("image",))


def _random_directions(mapping: BakedMapping, spec: TrainingSpec) -> DirectionSet:
    w_ND = sample_w(mapping, spec.z_dim, count=_NUM_SAMPLES)
    mean_D = mean_of(w_ND)
    axes_KD, sigmas_K = principal_axes(w_ND - mean_D)
    steps_MD = np.ascontiguousarray(axes_KD * sigmas_K[:, None])
    entries = tuple(
        DirectionEntry(direction_id(step_D), f"axis {index + 1}", ZONE_NAMES, "pca")
        for index, step_D in enumerate(steps_MD)
    )
    return DirectionSet(mean_D, axes_KD, sigmas_K, entries, steps_MD)


def _say(value: object) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201  the answer to who asked
