"""Directions of the latent space that need no training to be found.

SeFa asks the weights: which change of w moves a zone's styles the most? PCA asks the
latents: along which axes do they vary the most? Each direction is then measured on
pictures, so that one unit of every slider changes about as much.

Shapes: N samples, K axes, M directions, D width of w, L layers.

Sources: Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs";
Härkönen et al., "GANSpace".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.core.directions import DirectionEntry, DirectionSet, direction_id
from studio.core.latent import z_from_seeds
from studio.core.training_spec import TrainingSpec
from studio.training.latents import mean_of, sample_w
from studio.training.networks import Generator
from studio.training.to_onnx import BakedMapping, BakedSynthesis

FloatArray = NDArray[np.float32]
ZONE_NAMES = ("coarse", "medium", "fine")
ZONES = (3, 7)  # first layer of the medium (16 px) and of the fine zone (64 px)
NUM_AXES = 20
PER_ZONE = 6
NUM_PCA = 8
QUICK_SAMPLES = 2000
PROBES = 8
PROBE_PSI = 0.7
UNIT_CHANGE = 0.07  # mean change of masses and colour (−1…1) per slider unit, where reachable
SCALE_RANGE = (0.25, 2.5)  # three units stay within 7.5 σ
LEAST_SEEN = 0.15  # a direction that reaches less of UNIT_CHANGE shows nothing
LEAST_COUNT = 12
SEEN_SIDE = 16  # measured at this size: grain moves with every direction and tells nothing


@dataclass(frozen=True)
class Found:
    """One candidate: a unit vector, its σ, where it acts and how it was found."""

    vector_D: FloatArray
    sigma: float
    zones: tuple[str, ...]
    source: str


def find_directions(
    generator: Generator,
    baked: tuple[BakedMapping, BakedSynthesis],
    *,
    spec: TrainingSpec,
    names: dict[str, str] | None = None,
) -> DirectionSet:
    """Gives mean, principal axes and the directions, the most visible first.

    Args:
        generator: the averaged generator.
        baked: its baked form, which the pictures are measured on.
        spec: its spec.
        names: direction id → name; a direction without one is called "form 1", …
    """
    mapping, synthesis = baked
    w_ND = sample_w(mapping, spec.z_dim)
    mean_D = mean_of(w_ND)
    probe_NLD = probes(mapping, mean_D, z_dim=spec.z_dim)

    def change(one: Found) -> float:
        layers = zone_layers(one.zones, probe_NLD.shape[1])
        return seen_change(one, lambda w: synthesis(w)[0], probe_NLD=probe_NLD, layers=layers)

    found = candidates(w_ND - mean_D, zone_styles(generator))
    return by_visibility(found, w_ND - mean_D, mean_D=mean_D, change=change, names=names)


def candidates(centred_ND: FloatArray, styles: Mapping[str, FloatArray]) -> list[Found]:
    """Gives the directions that are worth a look, SeFa's first.

    Args:
        centred_ND: latents less their mean.
        styles: as `zone_styles` gives them.
    """
    axes_KD, sigmas_K = principal_axes(centred_ND, NUM_PCA)
    return [
        *sefa_directions(styles, centred_ND),
        *(
            Found(axis, float(sigma), ZONE_NAMES, "pca")
            for axis, sigma in zip(axes_KD, sigmas_K, strict=True)
        ),
    ]


def by_visibility(
    found: Sequence[Found],
    centred_ND: FloatArray,
    *,
    mean_D: FloatArray,
    change: Callable[[Found], float],
    names: Mapping[str, str] | None = None,
) -> DirectionSet:
    """Gives a model's directions, the most visible first, without those that show nothing.

    Args:
        found: the candidates.
        centred_ND: latents less their mean, for the principal axes.
        mean_D: what truncation goes towards.
        change: how much one σ of a candidate is seen.
        names: as in `find_directions`.
    """
    measured = [change(one) for one in found]
    order = sorted(range(len(found)), key=lambda index: -measured[index])
    entries: list[DirectionEntry] = []
    steps: list[FloatArray] = []
    for index in order:
        one = found[index]
        scale = float(np.clip(UNIT_CHANGE / max(measured[index], 1e-9), *SCALE_RANGE))
        if measured[index] * scale < LEAST_SEEN * UNIT_CHANGE and len(entries) >= LEAST_COUNT:
            break
        step_D = np.ascontiguousarray(one.vector_D * np.float32(one.sigma * scale), np.float32)
        key = direction_id(step_D)
        name = (names or {}).get(key, f"form {len(entries) + 1}")
        entries.append(DirectionEntry(key, name, one.zones, one.source, scale))
        steps.append(step_D)
    axes_KD, sigmas_K = principal_axes(centred_ND)
    return DirectionSet(mean_D, axes_KD, sigmas_K, tuple(entries), np.stack(steps))


def quick_directions(
    baked: tuple[BakedMapping, BakedSynthesis],
    spec: TrainingSpec,
    *,
    start: DirectionSet | None = None,
) -> DirectionSet:
    """Gives directions without looking at pictures, for a model that is only looked at.

    Args:
        baked: the generator.
        spec: its spec.
        start: the directions of the model it began from: they still do much the same.
            Without them, the first principal axes.
    """
    mapping, synthesis = baked
    mean_D = synthesis.mean.numpy()
    if start is not None:
        return msgspec.structs.replace(start, mean_D=mean_D)
    w_ND = sample_w(mapping, spec.z_dim, count=QUICK_SAMPLES)
    axes_KD, sigmas_K = principal_axes(w_ND - mean_D)
    steps_MD = np.ascontiguousarray((axes_KD * sigmas_K[:, None])[:NUM_PCA], np.float32)
    entries = tuple(
        DirectionEntry(direction_id(step_D), f"form {index + 1}", ZONE_NAMES, "pca")
        for index, step_D in enumerate(steps_MD)
    )
    return DirectionSet(mean_D, axes_KD, sigmas_K, entries, steps_MD)


def principal_axes(centred_ND: FloatArray, count: int = NUM_AXES) -> tuple[FloatArray, FloatArray]:
    """Gives the first principal axes [K, D], unit length, and σ along each [K]."""
    covariance = centred_ND.T.astype(np.float64) @ centred_ND / len(centred_ND)
    values, vectors = np.linalg.eigh(covariance)
    axes_KD = stable_signs(vectors[:, ::-1].T[:count].astype(np.float32))
    sigmas_K = np.sqrt(np.maximum(values[::-1][:count], 0)).astype(np.float32)
    return axes_KD, sigmas_K


def sefa_directions(styles: Mapping[str, FloatArray], centred_ND: FloatArray) -> list[Found]:
    """Gives, per zone, the changes of w that move the zone's styles the most."""
    found: list[Found] = []
    for zone, matrix_SD in styles.items():
        _, _, rows = np.linalg.svd(matrix_SD, full_matrices=False)
        for vector_D in stable_signs(rows[:PER_ZONE].astype(np.float32)):
            sigma = float(np.std(centred_ND @ vector_D))
            found.append(Found(vector_D, sigma, (zone,), "sefa"))
    return found


def zone_styles(generator: Generator) -> dict[str, FloatArray]:
    """Gives, per zone, the weights from w to all styles of its convolutions [S, D].

    A zone without a convolution (fine, below 64 px) is left out.
    """
    groups: dict[str, list[FloatArray]] = {}
    medium, fine = zones_of(2 * len(generator.synthesis.colours))
    # The convolution n is steered by the layer n.
    for layer, conv in enumerate(generator.synthesis.convs):
        weight, _ = conv.affine.baked()  # type: ignore[union-attr, operator]
        zone = ZONE_NAMES[(layer >= medium) + (layer >= fine)]
        groups.setdefault(zone, []).append(weight.detach().numpy())
    return {zone: np.concatenate(group) for zone, group in groups.items()}


def stable_signs(rows_KD: FloatArray) -> FloatArray:
    """Gives the rows turned so that the entry of largest size is positive."""
    largest = np.abs(rows_KD).argmax(axis=1)
    signs_K = np.sign(rows_KD[np.arange(len(rows_KD)), largest])
    turned: FloatArray = np.ascontiguousarray(rows_KD * signs_K[:, None], np.float32)
    return turned


def zones_of(layers: int) -> tuple[int, int]:
    """Gives the zones of a generator that may be too small to have all of them."""
    return min(ZONES[0], layers), min(ZONES[1], layers)


def zone_layers(
    zones: tuple[str, ...], layers: int, *, firsts: tuple[int, int] | None = None
) -> slice:
    """Gives the layers that the zones cover (they lie side by side).

    Args:
        zones: names of zones.
        layers: L.
        firsts: the first layer of the medium and of the fine zone; None for networks of ours.
    """
    bounds = (0, *(firsts or zones_of(layers)), layers)
    indexes = sorted(ZONE_NAMES.index(zone) for zone in zones)
    return slice(bounds[indexes[0]], bounds[indexes[-1] + 1])


def probes(mapping: Callable[[Tensor], Tensor], mean_D: FloatArray, *, z_dim: int) -> Tensor:
    """Gives the latents [N, L, D] that directions are tried on: eight seeds at psi 0.7."""
    z_NZ = torch.from_numpy(z_from_seeds(range(PROBES), z_dim))
    with torch.no_grad():
        w_NLD = mapping(z_NZ)
    mean = torch.from_numpy(np.array(mean_D))  # what was read from a file cannot be written to
    return mean + PROBE_PSI * (w_NLD - mean)


def seen_change(
    one: Found, draw: Callable[[Tensor], Tensor], *, probe_NLD: Tensor, layers: slice
) -> float:
    """Gives the mean change of masses and colour for one σ, as seen between −2 σ and 2 σ.

    Args:
        one: the direction.
        draw: w [N, L, D] to pictures [N, 3, R, R].
        probe_NLD: the latents it is tried on.
        layers: where it acts.
    """
    step = torch.from_numpy(one.vector_D * np.float32(one.sigma * 2))
    moved = []
    with torch.no_grad():
        for sign in (-1.0, 1.0):
            w_NLD = probe_NLD.clone()
            w_NLD[:, layers] += sign * step
            moved.append(F.adaptive_avg_pool2d(draw(w_NLD).clamp(-1, 1), SEEN_SIDE))
    return float((moved[1] - moved[0]).abs().mean()) / 4
