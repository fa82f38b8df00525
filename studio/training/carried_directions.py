"""Names that go along: what the start's directions are called, where they still do the same.

The same step of w is taken in the start and in the fine-tuned model, and the change that it makes
in the same eight seeds is compared. Where the changes point the same way, the step and its name
are kept, so a slider is found again and a kept recipe's edits mean what they meant. Elsewhere the
model has its own directions, without names.

Shapes: N probes, D width of w, L layers, S side of what is seen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from studio.core.directions import DirectionEntry, DirectionSet
from studio.core.errors import ModelError
from studio.core.training_spec import TrainingSpec
from studio.files.model_folder import read_card, read_directions
from studio.training.found_directions import SEEN_SIDE, FloatArray, probes, zone_layers
from studio.training.graph_templates import find_templates
from studio.training.model_weights import load_model_weights
from studio.training.networks import Generator
from studio.training.to_onnx import Baked, bake

# Cosine between two changes of the same eight seeds. Measured on landscapes and what became of it
# after 3 kimg on other paintings: the same direction 0.79 in the median (0.66 … 0.85), two different
# ones 0.18 in the median, at most 0.68.
SAME_EFFECT: Final = 0.7
ALIKE: Final = 0.9  # of two steps: a found direction this near to a carried one is the same
_UNNAMED: Final = re.compile(r"form \d+")


@dataclass(frozen=True)
class Ancestor:
    """A model whose names may go along: its directions, and its generator to see what they do."""

    directions: DirectionSet
    baked: Baked


def ancestor_of(spec: TrainingSpec, folders: Sequence[Path]) -> Ancestor | None:
    """Gives the model that a fine-tuning began from; None when it is not at hand.

    Args:
        spec: of the fine-tuning.
        folders: models, or folders of models.
    """
    if spec.tune is None:
        return None
    for folder in find_templates(spec, folders):
        try:
            if read_card(folder).model == spec.tune.start:
                return read_ancestor(folder)
        except ModelError:
            continue
    return None


def read_ancestor(folder: Path) -> Ancestor:
    """Gives a model as one whose names may go along.

    Raises:
        ModelError: a file of it is missing or damaged.
    """
    average, _, spec = load_model_weights(folder)
    generator = Generator(spec).requires_grad_(False)
    generator.load_state_dict(average)
    return Ancestor(read_directions(folder, read_card(folder)), bake(generator, spec))


def carry_directions(
    found: DirectionSet, baked: Baked, *, ancestor: Ancestor, z_dim: int
) -> DirectionSet:
    """Gives the directions with those of the ancestor that have a name and still do the same.

    They come first, as they were: vector, id, name, zones. Found ones that are nearly the same
    step are left out, the others numbered behind.

    Args:
        found: what was found in the new model.
        baked: the new model.
        ancestor: the model it began from, of the same width and layers.
        z_dim: width of z.
    """
    if ancestor.directions.mean_D.shape != found.mean_D.shape:
        return found
    old_NLD = probes(ancestor.baked[0], ancestor.directions.mean_D, z_dim=z_dim)
    new_NLD = probes(baked[0], found.mean_D, z_dim=z_dim)
    carried: list[tuple[DirectionEntry, FloatArray]] = []
    pairs = zip(ancestor.directions.entries, ancestor.directions.steps_MD, strict=True)
    for entry, step_D in pairs:
        if _UNNAMED.fullmatch(entry.name):
            continue
        before = _change(ancestor.baked, old_NLD, step_D=step_D, zones=entry.zones)
        after = _change(baked, new_NLD, step_D=step_D, zones=entry.zones)
        if _cosine(before, after) >= SAME_EFFECT:
            carried.append((entry, step_D))
    entries, steps = [entry for entry, _ in carried], [step_D for _, step_D in carried]
    number = 0
    for entry, step_D in zip(found.entries, found.steps_MD, strict=True):
        if any(entry.zones == one.zones and _is_alike(step_D, other) for one, other in carried):
            continue
        number += 1
        is_named = not _UNNAMED.fullmatch(entry.name)
        name = entry.name if is_named else f"form {number}"
        entries.append(msgspec.structs.replace(entry, name=name))
        steps.append(step_D)
    return msgspec.structs.replace(
        found, entries=tuple(entries), steps_MD=np.ascontiguousarray(np.stack(steps))
    )


def _change(
    baked: Baked, probe_NLD: Tensor, *, step_D: FloatArray, zones: tuple[str, ...]
) -> Tensor:
    """Gives how the pictures of the probes change over a step to either side [N, 3, S, S]."""
    layers = zone_layers(zones, probe_NLD.shape[1])
    step = torch.from_numpy(np.array(step_D))
    seen = []
    with torch.no_grad():
        for sign in (-1.0, 1.0):
            w_NLD = probe_NLD.clone()
            w_NLD[:, layers] += sign * step
            picture = baked[1](w_NLD)[0].clamp(-1, 1)
            seen.append(F.adaptive_avg_pool2d(picture, SEEN_SIDE))
    return seen[1] - seen[0]


def _cosine(a: Tensor, b: Tensor) -> float:
    return float(F.cosine_similarity(a.flatten(), b.flatten(), dim=0))


def _is_alike(a_D: FloatArray, b_D: FloatArray) -> bool:
    lengths = float(np.linalg.norm(a_D) * np.linalg.norm(b_D))
    return abs(float(a_D @ b_D)) >= ALIKE * max(lengths, 1e-12)
