"""Pictures that show what a generator can do: contact sheets and direction strips.

Everything here draws from fixed seeds and never touches a run's random states.
"""

import torch
from torch import Tensor

from studio.core.arrays import Picture, picture_from_tensor, tile
from studio.core.latent import z_from_seeds
from studio.core.training_spec import TrainingSpec
from studio.training.grain import steady_grain
from studio.training.networks import Generator
from studio.training.to_onnx import Baked

SHEET_PSI = 0.7
SHEET_SEEDS = 36
MEAN_SAMPLES = 500


def sample_grid(generator: Generator, spec: TrainingSpec, *, resolution: int) -> Picture:
    """Gives 6 × 6 pictures of a generator that is still growing, at its present size."""
    with torch.no_grad():
        seeds = range(1000, 1000 + MEAN_SAMPLES)
        mean_D = generator.mapping(torch.from_numpy(z_from_seeds(seeds, spec.z_dim))).mean(dim=0)
        z_NZ = torch.from_numpy(z_from_seeds(range(SHEET_SEEDS), spec.z_dim))
        w_ND = mean_D + SHEET_PSI * (generator.mapping(z_NZ) - mean_D)
        w_NLD = w_ND[:, None].expand(-1, spec.num_layers, -1)
        pictures: dict[int, Tensor] = generator.synthesis(
            w_NLD, resolution, grain=steady_grain(mean_D)
        )
    return tile(picture_from_tensor(pictures[resolution].numpy()), 6)


def contact_sheet(baked: Baked, spec: TrainingSpec, *, psi: float = SHEET_PSI) -> Picture:
    """Gives 6 × 6 pictures of a finished generator, seeds 0…35."""
    mapping, synthesis = baked
    with torch.no_grad():
        w_NLD = mapping(torch.from_numpy(z_from_seeds(range(SHEET_SEEDS), spec.z_dim)))
        pictures: Tensor = synthesis(synthesis.mean + psi * (w_NLD - synthesis.mean))[0]
    return tile(picture_from_tensor(pictures.numpy()), 6)
