"""From seeds and recipes to the latent that the synthesis graph takes.

Shape legend: N latents, S sources, L layers, D width of w, Z width of z.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.core.recipe import ZONES, Recipe, Zone, floats_from_text

FloatArray = NDArray[np.float32]


def z_from_seeds(seeds: Sequence[int], num_z: int) -> FloatArray:
    """Give z float32 [N, Z] for seeds 0…2³¹-1.

    Each seed draws from its own frozen stream, so a seed gives the same z alone or in a batch.
    Source: `numpy.random.RandomState(seed).randn`, the stream that StyleGAN's tools use.
    """
    return np.stack([np.random.RandomState(seed).randn(num_z) for seed in seeds]).astype(np.float32)


def zone_of_layer(num_layers: int, zones: tuple[int, int]) -> NDArray[np.intp]:
    """Give the zone index (0 coarse, 1 medium, 2 fine) of each layer, int [L].

    Args:
        num_layers: L.
        zones: First layer of the medium and of the fine zone.
    """
    layers = np.arange(num_layers)
    return (layers >= zones[0]).astype(np.intp) + (layers >= zones[1])


def filled_zones(num_layers: int, zones: tuple[int, int]) -> tuple[Zone, ...]:
    """Give the zones that have layers: a small model has no fine ones, a foreign one may have none.

    Args:
        num_layers: L.
        zones: First layer of the medium and of the fine zone.
    """
    present = set(zone_of_layer(num_layers, zones).tolist())
    names: tuple[Zone, ...] = ZONES
    return tuple(zone for place, zone in enumerate(names) if place in present)


def compose_w(
    recipe: Recipe,
    w_SLD: FloatArray,
    *,
    mean_D: FloatArray,
    vectors: Mapping[str, FloatArray],
    zones: tuple[int, int],
) -> FloatArray:
    """Give the latent of a recipe, float32 [L, D], owned by the caller.

    Per layer, in this order: w = Σ share · w_i over the sources of the layer's zone (shares made
    to sum 1) → mean + psi · (w - mean) → + Σ strength · direction.
    Source: DESIGN §4; truncation is StyleGAN's (Karras et al. 2019, §B).

    Args:
        recipe: Checked recipe.
        w_SLD: The latent of each of the recipe's sources, in their order.
        mean_D: The model's mean w.
        vectors: Direction id → one-unit step [D]. Directions that travel inside the recipe need
            not be here.
        zones: The model's zones; the recipe's own win.

    Raises:
        KeyError: An edit names a direction that is neither in `vectors` nor in the recipe.
        ValueError: A direction that travels inside the recipe has another width than w.
    """
    zone_L = zone_of_layer(w_SLD.shape[1], recipe.zones or zones)
    shares_S3 = np.array([source.shares for source in recipe.sources], dtype=np.float32)
    shares_S3 = shares_S3 / shares_S3.sum(axis=0, keepdims=True)
    w_LD = np.einsum("sl,sld->ld", shares_S3[:, zone_L], w_SLD)
    psi_L = np.array(recipe.psi, dtype=np.float32)[zone_L]
    w_LD = mean_D + psi_L[:, None] * (w_LD - mean_D)
    for edit in recipe.edits:
        vector_D = vectors[edit.direction] if edit.vector is None else floats_from_text(edit.vector)
        if vector_D.shape != mean_D.shape:
            raise ValueError(f"direction {edit.direction} has width {vector_D.size}")
        strength_L = np.array(edit.strength, dtype=np.float32)[zone_L]
        w_LD = w_LD + strength_L[:, None] * vector_D
    return np.asarray(w_LD, dtype=np.float32)
