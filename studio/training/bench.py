"""`studio trainer bench`: torch's own time for the graph that the engine runs.

Builds a generator with fixed random weights, writes it as a model folder, says so in one line,
and then answers one line of JSON on stdin with one on stdout until stdin ends:

    {"layout": "default" | "channels_last", "count": 5}  →  {"times_ms": [41.2, …]}

Eager mode, inference mode, float32, batch 1, the exported weights with every gain multiplied in:
the same sums as the graph. "default" is torch's NCHW memory layout.

Shapes: N batch, L layers of w, D width of w, K axes.
"""

import argparse
import copy
import json
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor

from studio.core.directions import DirectionEntry, DirectionSet, direction_id, to_tensors
from studio.core.latent import z_from_seeds
from studio.core.model_card import (
    CARD_FILE,
    DIRECTIONS_FILE,
    MAPPING_FILE,
    SYNTHESIS_FILE,
    Right,
    encode_card,
)
from studio.core.training_spec import Stage, TrainingSpec, make_spec
from studio.files.atomic import write_bytes_atomic
from studio.protocol.training_messages import ModelWish
from studio.training.found_directions import ZONE_NAMES, principal_axes
from studio.training.latents import mean_of, sample_w
from studio.training.model_folder import describe
from studio.training.networks import Generator
from studio.training.to_onnx import (
    BakedMapping,
    BakedSynthesis,
    bake,
    mapping_graph,
    synthesis_graph,
)

LAYOUTS: Final = {"default": torch.contiguous_format, "channels_last": torch.channels_last}
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
    args = parser.parse_args(words)
    torch.set_num_threads(args.threads)
    spec = random_spec(config=args.config, resolution=args.resolution)
    mapping, synthesis = random_networks(spec)
    write_random_model(args.folder, spec, networks=(mapping, synthesis))
    _say({"ready": True, "torch": torch.__version__, "threads": torch.get_num_threads()})
    timers = {name: EagerTimer(mapping, synthesis, layout=name) for name in LAYOUTS}
    for line in sys.stdin:
        wish = json.loads(line)
        _say({"times_ms": timers[wish["layout"]].times_ms(wish["count"])})
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


class EagerTimer:
    """Times the synthesis network in one memory layout."""

    def __init__(self, mapping: BakedMapping, synthesis: BakedSynthesis, *, layout: str) -> None:
        network = copy.deepcopy(synthesis)
        # On modules `to` changes in place, on the buffers with four axes only.
        network.to(memory_format=LAYOUTS[layout])
        self._network = network
        self._w_NLD = _latent(mapping)
        self.times_ms(2)  # the first runs choose algorithms and allocate

    def times_ms(self, count: int) -> list[float]:
        """Give the times of `count` frames, each w → full picture and previews."""
        times = []
        with torch.inference_mode():
            for _ in range(count):
                begin_s = time.perf_counter()
                self._network(self._w_NLD)
                times.append((time.perf_counter() - begin_s) * 1000)
        return times


def _latent(mapping: BakedMapping) -> Tensor:
    num_z = mapping.get_buffer("weight_0").shape[1]
    with torch.inference_mode():
        w_NLD: Tensor = mapping(torch.from_numpy(z_from_seeds([_SEED], num_z)))
    return w_NLD.contiguous()


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
