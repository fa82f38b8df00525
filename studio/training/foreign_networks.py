"""A stranger's generator, put into our own networks: all that making a model of it needs.

Shapes: N batch, L layers of w, D width of w, R size in px.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.arrays import Picture, picture_from_tensor, tile
from studio.core.directions import DirectionSet
from studio.core.latent import z_from_seeds
from studio.opener.weights_client import Weights
from studio.training.foreign_mapping import ForeignMapping
from studio.training.foreign_weights import ForeignWeights
from studio.training.found_directions import (
    UNIT_CHANGE,
    ZONE_NAMES,
    Found,
    by_visibility,
    candidates,
    probes,
    seen_change,
    zone_layers,
    zones_of,
)
from studio.training.latents import mean_of, sample_w
from studio.training.stylegan2 import StyleGAN2Synthesis
from studio.training.stylegan3 import StyleGAN3Synthesis, zones_by_cutoff
from studio.training.to_onnx import export_graph

FloatArray = NDArray[np.float32]
MEASURED_PX = 64  # directions are measured on pictures of this size, where there are such
NUM_PROBES = 2  # of published sizes a picture of 64 px takes a third of a second
PROVED_SEEDS = (0, 1)
SHEET_PSI = 0.7
SHEET_COLUMNS = 6
FEW_COLUMNS = 2  # where only whole pictures can be made, which takes seconds each


class ForeignNetworks:
    """Mapping and synthesis of a stranger's generator.

    Attributes:
        facts: What the file is.
        mapping, synthesis: The networks.
        mean_D: What truncation goes towards: the file's own average, else that of 20,000 latents.
        zones: First layer of w of the medium and of the fine zone.
    """

    def __init__(self, weights: Weights, *, class_index: int) -> None:
        """Puts the weights in their places.

        Args:
            weights: out of the opener.
            class_index: which class the pictures show, where the network knows classes.

        Raises:
            ModelError: something is missing, left over or of another shape.
        """
        self.facts = weights.facts
        named = ForeignWeights(weights)
        self.mapping = ForeignMapping(named, class_index=class_index).eval()
        self.synthesis: StyleGAN2Synthesis | StyleGAN3Synthesis
        if self.facts.network == "stylegan3":
            self.zones = zones_by_cutoff(named, count=self.facts.layers - 1)
            self.synthesis = StyleGAN3Synthesis(named).eval()
        else:
            self.zones = zones_of(self.facts.layers)
            self.synthesis = StyleGAN2Synthesis(named).eval()
        named.check_all_taken()
        self._w_ND = sample_w(self.mapping, self.facts.z)
        own_mean = named.mean()
        has_own = own_mean is not None and own_mean.shape == (self.facts.w,)
        self.mean_D = own_mean if has_own and own_mean is not None else mean_of(self._w_ND)

    @property
    def draws_small(self) -> bool:
        """Whether a small picture can be made without the large one."""
        return isinstance(self.synthesis, StyleGAN2Synthesis) and bool(self.synthesis.previews)

    def graphs(self) -> tuple[bytes, bytes]:
        """Gives mapping.onnx and synthesis.onnx, with the file's float32 numbers."""
        mapping = export_graph(
            self.mapping, torch.randn(2, self.facts.z), inputs=("z",), outputs=("w",)
        )
        example = torch.randn(2, self.facts.layers, self.facts.w)
        names = ("image", *(f"rgb{size}" for size in self.synthesis.previews))
        return mapping, export_graph(self.synthesis, example, inputs=("w",), outputs=names)

    def reference(self) -> dict[str, FloatArray]:
        """Gives what torch makes of one or two seeds: z, w and every output of the graphs."""
        # StyleGAN3's layers on their fine grids need 2 GB for each picture of 256 px.
        seeds = PROVED_SEEDS if self.draws_small else PROVED_SEEDS[:1]
        z_NZ = z_from_seeds(seeds, self.facts.z)
        with torch.no_grad():
            w_NLD = self.mapping(torch.from_numpy(z_NZ))
            pictures: tuple[Tensor, ...] = self.synthesis(w_NLD)
        names = ("image", *(f"rgb{size}" for size in self.synthesis.previews))
        found = {"z": z_NZ, "w": w_NLD.contiguous().numpy()}
        # Contiguous, because safetensors writes an array's memory as it lies.
        return found | {
            name: p.contiguous().numpy() for name, p in zip(names, pictures, strict=True)
        }

    def directions(self, progress: Callable[[float], None]) -> DirectionSet:
        """Gives SeFa's and the principal directions, as for a generator of ours.

        Where small pictures cannot be made by themselves they are not measured: all are kept, and
        one unit is one σ.

        Args:
            progress: called with how far it is, 0…1; what it raises ends the search.
        """
        centred_ND = self._w_ND - mean_of(self._w_ND)
        found = candidates(centred_ND, self._styles())
        probe_NLD = probes(self.mapping, self.mean_D, z_dim=self.facts.z)[:NUM_PROBES]
        num_done = 0

        def change(one: Found) -> float:
            nonlocal num_done
            num_done += 1
            progress(num_done / len(found))
            if not self.draws_small:
                return UNIT_CHANGE  # a scale of 1
            layers = zone_layers(one.zones, self.facts.layers, firsts=self.zones)
            return seen_change(
                one, lambda w: self._draw(w, MEASURED_PX), probe_NLD=probe_NLD, layers=layers
            )

        return by_visibility(found, centred_ND, mean_D=self.mean_D, change=change)

    def sheet(self, progress: Callable[[float], None]) -> Picture:
        """Gives a contact sheet of seeds 0, 1, … at psi 0.7."""
        columns = SHEET_COLUMNS if self.draws_small else FEW_COLUMNS
        side = self.synthesis.previews[-1] if self.draws_small else self.facts.resolution
        mean = torch.from_numpy(self.mean_D)
        pictures = []
        for seed in range(columns * columns):
            z_NZ = torch.from_numpy(z_from_seeds([seed], self.facts.z))
            with torch.no_grad():
                w_NLD = mean + SHEET_PSI * (self.mapping(z_NZ) - mean)
                pictures.append(picture_from_tensor(self._draw(w_NLD, side).numpy()))
            progress((seed + 1) / (columns * columns))
        return tile(np.concatenate(pictures), columns)

    def _draw(self, w_NLD: Tensor, side: int) -> Tensor:
        """Gives pictures [N, 3, R, R]: of this side where they can be made by themselves."""
        if isinstance(self.synthesis, StyleGAN2Synthesis) and self.draws_small:
            return self.synthesis.upto(w_NLD, side)[side]
        whole: Tensor = self.synthesis(w_NLD)[0]
        return whole

    def _styles(self) -> dict[str, FloatArray]:
        """Gives, per zone, the weights from w to all that its layers steer [S, D]."""
        found: dict[str, list[FloatArray]] = {}
        medium, fine = self.zones
        for layer, weight in enumerate(self.synthesis.styles()):
            zone = ZONE_NAMES[(layer >= medium) + (layer >= fine)]
            found.setdefault(zone, []).append(weight.detach().numpy())
        return {zone: np.concatenate(group) for zone, group in found.items()}
