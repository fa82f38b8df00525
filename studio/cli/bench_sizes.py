"""The part of the bench about one network: floor, bare runtime, engine and torch, in turn."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from studio.cli.bench_children import EngineChild, TorchChild
from studio.cli.bench_recipes import moving_recipes
from studio.cli.bench_report import Report
from studio.cli.bench_timing import Measure, Samples, interleave, ratio_of, timed
from studio.cli.energy import energy_j
from studio.cli.memory import memory_mib
from studio.core.errors import StudioError
from studio.core.model_card import SYNTHESIS_FILE
from studio.engine.bare_run import BareRun
from studio.engine.floor import MatrixRate, multiply_adds
from studio.engine.session import GeneratorModel
from studio.opener.onnx_walk import walk_graph

CONFIG: Final = "xs"
MAIN_PX: Final = 256
FULL_SIZES: Final = (64, 128, 256, 512)
FULL_BATCHES: Final = (1, 4, 9)
_PUBLISHED: Final = "published.onnx"
# Ratios of the main size at batch 1: name → what is over what.
_MAIN_RATIOS: Final = {
    "bare_over_floor_256_cpu": ("bare", "floor"),
    "engine_over_floor_256_cpu": ("engine", "floor"),
    "engine_over_bare_256_cpu": ("engine", "bare"),
    "process_over_bare_256_cpu": ("process", "bare"),
    "bare_over_torch_eager_256_cpu": ("bare", "torch_eager"),
    "engine_over_torch_eager_256_cpu": ("engine", "torch_eager"),
    "engine_over_torch_channels_last_256_cpu": ("engine", "torch_channels_last"),
    "engine_over_torch_compiled_256_cpu": ("engine", "torch_compiled"),
    "engine_over_stylegan2_torch_256_cpu": ("engine", "stylegan2_torch"),
    "stylegan2_engine_over_torch_256_cpu": ("stylegan2_engine", "stylegan2_torch"),
}


class SizeBench:
    """Measures networks with fixed random weights of some sizes and batches."""

    def __init__(self, report: Report, *, num_threads: int, is_full: bool) -> None:
        self._report = report
        self._num_threads = num_threads
        self._is_full = is_full
        self._rate = MatrixRate(num_threads)

    def measure(self, resolution: int, *, budget_s: float) -> None:
        """Measure one size at batch 1, and at the others in a full run.

        Args:
            resolution: Side in px.
            budget_s: How long the rounds of each batch go on.
        """
        with (
            tempfile.TemporaryDirectory(prefix="studio-bench-") as place,
            self._torch(Path(place), resolution) as torch,
        ):
            self._report.facts["torch"] = torch.wait_ready()["torch"]
            folder = Path(place) / "model"
            engine = GeneratorModel.open(folder, wish="cpu")
            for batch in FULL_BATCHES if self._is_full else (1,):
                measures = self._measures(engine, torch, batch=batch)
                with self._process(engine, is_measured=(resolution, batch) == (MAIN_PX, 1)) as more:
                    before_j = energy_j()
                    found = interleave({**measures, **more}, budget_s=budget_s)
                    self._report.facts["energy_j"] = _spent(before_j, energy_j())
                self._take(found, resolution, batch=batch)

    def _torch(self, place: Path, resolution: int) -> TorchChild:
        graph = place / _PUBLISHED if self._is_full else None
        return TorchChild(
            place / "model",
            config=CONFIG,
            resolution=resolution,
            num_threads=self._num_threads,
            published=graph,
        )

    def _measures(
        self, engine: GeneratorModel, torch: TorchChild, *, batch: int
    ) -> dict[str, Measure]:
        """Give what is measured in this process and in torch's; each gives ms for the whole batch."""
        folder, card = engine.folder, engine.card
        bare = BareRun(folder / SYNTHESIS_FILE, num_threads=self._num_threads)
        recipes = moving_recipes(card.model, engine.directions)
        w_NLD = np.stack([engine.generator.w_of(next(recipes)) for _ in range(batch)])
        graph = walk_graph((folder / SYNTHESIS_FILE).read_bytes(), file_name=SYNTHESIS_FILE)
        cost = (multiply_adds(graph, card) or 0) * batch
        measures: dict[str, Measure] = {
            "floor": lambda count: self._rate.floor_ms(cost, count),
            "bare": timed(lambda: bare.run(w_NLD)),
            "engine": timed(lambda: engine.render_many([next(recipes) for _ in range(batch)])),
            "torch_eager": torch.measure("default", batch=batch),
            "torch_channels_last": torch.measure("channels_last", batch=batch),
            "stylegan2_torch": torch.measure("stylegan2", batch=batch),
        }
        if self._is_full:
            measures |= self._published(folder.parent / _PUBLISHED, batch)
            measures |= self._compiled(torch, card.resolution, batch=batch)
        return measures

    def _published(self, graph: Path, batch: int) -> dict[str, Measure]:
        run = BareRun(graph, num_threads=self._num_threads)
        w_NLD = np.random.default_rng(1).standard_normal((batch, *run.latent_shape))
        given = w_NLD.astype(np.float32)
        return {"stylegan2_engine": timed(lambda: run.run(given))}

    def _compiled(self, torch: TorchChild, resolution: int, *, batch: int) -> dict[str, Measure]:
        """Give the measure of `torch.compile`; none, with its reason, where it does not work."""
        measure = torch.measure("compiled", batch=batch)
        try:
            measure(1)
        except StudioError as error:
            self._report.skip(f"torch.compile, {resolution} px", error.what)
            return {}
        return {"torch_compiled": measure}

    @contextmanager
    def _process(
        self, engine: GeneratorModel, *, is_measured: bool
    ) -> Iterator[Mapping[str, Measure]]:
        """Give the measure of the engine's own process, and what its start takes."""
        if not is_measured:
            yield {}
            return
        recipes = moving_recipes(engine.card.model, engine.directions)
        with EngineChild(engine.folder, engine.card) as child:
            self._report.add_time("engine_ready", child.ready_ms)
            self._report.add_time("engine_model_opened", child.opened_ms)
            self._report.add_time("engine_first_picture", child.picture_ms(next(recipes)))
            self._report.add_time("engine_model_switched", child.switch_ms(next(recipes)))
            yield {"process": child.measure(lambda: next(recipes))}
            if found := memory_mib(child.pid):
                self._report.add_memory("engine_256_rss", found[0])
                self._report.add_memory("engine_256_pss", found[1])

    def _take(self, found: Mapping[str, Samples], resolution: int, *, batch: int) -> None:
        self._report.add_cell(resolution, batch, found=found)
        if (resolution, batch) != (MAIN_PX, 1):
            return
        for name, samples in found.items():
            self._report.add_samples(f"{name}_256_cpu", samples)
        for name, (upper, lower) in _MAIN_RATIOS.items():
            if upper in found and lower in found:
                self._report.add_ratio(name, ratio_of(found[upper], found[lower]))
        self._report.facts["rounds"] = len(found["bare"].rounds)


def _spent(before_j: float | None, after_j: float | None) -> float | None:
    if before_j is None or after_j is None or after_j < before_j:
        return None
    return round(after_j - before_j, 1)
