"""What the bench found, for programs and for people. What was not measured is null, with its reason."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from studio.cli.bench_timing import Ratio, Samples, percentile, steepest
from studio.cli.machine import Machine
from studio.cli.output import table

RATIOS: Final = (
    "bare_over_floor_256_cpu",
    "engine_over_floor_256_cpu",
    "engine_over_bare_256_cpu",
    "process_over_bare_256_cpu",
    "bare_over_torch_eager_256_cpu",
    "engine_over_torch_eager_256_cpu",
    "engine_over_torch_channels_last_256_cpu",
    "engine_over_torch_compiled_256_cpu",
    "engine_over_stylegan2_torch_256_cpu",
    "stylegan2_engine_over_torch_256_cpu",
    "enlarge_1024_over_starter_cpu",
    "walk_film_over_bare",
    "keep_over_plain",
    "mix_over_plain",
    "tile_over_plain",
    "wide_over_plain",
)
# Levels of 255, and a step across a seam over those inside.
FIGURES: Final = ("kept_largest_change", "tile_seam")
# Each has a median and a 95th percentile.
SAMPLED: Final = (
    "floor_256_cpu",
    "bare_256_cpu",
    "engine_256_cpu",
    "process_256_cpu",
    "torch_eager_256_cpu",
    "torch_channels_last_256_cpu",
    "torch_compiled_256_cpu",
    "stylegan2_torch_256_cpu",
    "stylegan2_engine_256_cpu",
    "starter_engine_cpu",
    "strip_of_seven_64",
    "enlarge_1024_cpu",
    "walk_bare_cpu",
    "walk_film_cpu",
    "slider_preview",
    "slider_full",
    "keep_full",
    "mix_full",
    "hand_slow_drag",
    "hand_wheel",
    "hand_seed_storm",
    "sheet_first",
    "sheet_nine",
)
# From the hand to the screen: the 99th percentile counts, too.
HANDS: Final = ("slider_preview", "hand_slow_drag", "hand_wheel", "hand_seed_storm")
SINGLE: Final = (
    "help_command",
    "engine_ready",
    "engine_model_opened",
    "engine_first_picture",
    "engine_model_switched",
    "window_shown",
    "window_shown_cpu",
    "window_first_picture",
    "window_longest_block",
)
WINDOW: Final = tuple(name for name in SINGLE if name.startswith("window_"))
MEMORY: Final = (
    "app_rss",
    "app_pss",
    "engine_256_rss",
    "engine_256_pss",
    "engine_starter_rss",
    "engine_starter_pss",
)

# Name → (largest allowed value, whether the value itself is allowed). Source: DESIGN §10 and the
# figures of the first issue.
GOALS: Final = {
    "bare_over_floor_256_cpu": 1.5,
    "engine_over_bare_256_cpu": 1.1,
    "engine_over_torch_eager_256_cpu": 0.667,
    "engine_over_stylegan2_torch_256_cpu": 0.333,
    "engine_256_rss": 400.0,
    "kept_largest_change": 0.0,
    "tile_seam": 1.0,
    "slider_preview_p95": 33.0,
    "hand_wheel_p95": 33.0,
    "hand_seed_storm_p95": 33.0,
    "sheet_first_p95": 500.0,
    "strip_of_seven_64_p95": 400.0,
    "window_shown": 1500.0,
    "window_first_picture": 3000.0,
    "window_longest_block": 50.0,
    "app_rss": 250.0,
}


class Report:
    """Collects figures; every name that is known and was not measured stays null."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.ratios: dict[str, float | None] = dict.fromkeys(RATIOS)
        self.spreads: dict[str, tuple[float, float]] = {}
        self.times_ms: dict[str, float | None] = {
            **{f"{name}_{kind}": None for name in SAMPLED for kind in ("p50", "p95")},
            **{f"{name}_p99": None for name in HANDS},
            **dict.fromkeys(SINGLE),
        }
        self.memory_mib: dict[str, float | None] = dict.fromkeys(MEMORY)
        self.figures: dict[str, float | None] = dict.fromkeys(FIGURES)
        self.reasons: dict[str, str] = {}
        # "256 px × 4" → what was measured → ms for each picture.
        self.matrix: dict[str, dict[str, float]] = {}
        # What grows → [(how many, ms)], rising.
        self.growth: dict[str, list[tuple[int, float]]] = {}
        self.facts: dict[str, Any] = {}

    def add_samples(self, name: str, samples: Samples) -> None:
        """Take the median and the 95th percentile of all runs."""
        self.add_times(name, samples.times_ms)

    def add_times(self, name: str, times_ms: list[float]) -> None:
        """Take the median and the 95th percentile; no times leave it unmeasured."""
        if times_ms:
            self.times_ms[f"{name}_p50"] = round(percentile(times_ms, 50), 2)
            self.times_ms[f"{name}_p95"] = round(percentile(times_ms, 95), 2)
            if name in HANDS:
                self.times_ms[f"{name}_p99"] = round(percentile(times_ms, 99), 2)

    def add_ratio(self, name: str, ratio: Ratio) -> None:
        """Take a ratio and its spread."""
        self.ratios[name] = ratio.value
        self.spreads[name] = (ratio.low, ratio.high)

    def add_cell(self, resolution: int, batch: int, *, found: Mapping[str, Samples]) -> None:
        """Take what was measured of one size and batch; the samples are of whole batches."""
        self.matrix[f"{resolution} px × {batch}"] = {
            name: round(percentile(samples.times_ms, 50) / batch, 2)
            for name, samples in found.items()
        }

    def add_time(self, name: str, time_ms: float | None) -> None:
        """Take a single time."""
        if time_ms is not None:
            self.times_ms[name] = round(time_ms, 1)

    def add_memory(self, name: str, mib: float | None) -> None:
        """Take an amount of memory."""
        if mib is not None:
            self.memory_mib[name] = round(mib, 1)

    def add_figure(self, name: str, value: float) -> None:
        """Take a figure that is neither a time nor a ratio of times."""
        self.figures[name] = round(value, 3)

    def skip(self, part: str, reason: str) -> None:
        """Say why a part was not measured."""
        self.reasons[part] = reason

    def fields(self) -> dict[str, Any]:
        """Give the whole report for programs."""
        return {
            "schema": 2,
            "machine": msgspec.to_builtins(self.machine),
            "ratios": self.ratios,
            "times_ms": self.times_ms,
            "memory_mib": self.memory_mib,
            "figures": self.figures,
            "ms_per_picture": self.matrix,
            "growth": self.growth,
            "spreads": {name: list(pair) for name, pair in self.spreads.items()},
            "facts": self.facts,
            "not_measured": self.reasons,
        }

    def text(self) -> str:
        """Give the whole report for people."""
        parts = [
            ("Ratios", self.ratios, "{:.3f}"),
            ("Times in ms", self.times_ms, "{:.1f}"),
            ("Memory in MiB", self.memory_mib, "{:.0f}"),
            ("Figures", self.figures, "{:.2f}"),
        ]
        lines = [_machine_text(self.machine)]
        for heading, values, pattern in parts:
            rows = [self._row(name, value, pattern=pattern) for name, value in values.items()]
            lines += ["", table((heading, "value", "spread", "goal", ""), rows)]
        lines += ["", *self._matrix_text(), *self._growth_text()]
        load = self.facts.get("load_before") or 0.0
        if load > self.machine.num_threads / 2:
            lines.append(
                f"\nThe machine was busy before the start ({load:g} programs at once on "
                f"{self.machine.num_threads} threads): everything is slower than it need be, and "
                "torch suffers most. Close other programs and run again, or use --threads 1."
            )
        lines += [f"\nNot measured – {part}: {why}" for part, why in self.reasons.items()]
        return "\n".join(lines)

    def _matrix_text(self) -> list[str]:
        """Give ms for each picture: a row for each way, a column for each size and batch."""
        names = list(dict.fromkeys(name for cell in self.matrix.values() for name in cell))
        rows = [
            (name, *(f"{cell[name]:.1f}" if name in cell else "–" for cell in self.matrix.values()))
            for name in names
        ]
        return [table(("ms for each picture", *self.matrix), rows)] if rows else []

    def _growth_text(self) -> list[str]:
        rows = [
            (
                name,
                f"{steepest(points):.2f} × linear",
                *(f"{count:,}: {took_ms:.2f}" for count, took_ms in points),
            )
            for name, points in self.growth.items()
        ]
        width = max((len(row) for row in rows), default=0)
        padded = [(*row, *[""] * (width - len(row))) for row in rows]
        return ["", table(("Growth: how many: ms", *[""] * (width - 1)), padded)] if rows else []

    def _row(self, name: str, value: float | None, *, pattern: str) -> tuple[str, ...]:
        goal = GOALS.get(name)
        spread = self.spreads.get(name)
        verdict = ""
        if goal is not None and value is not None:
            verdict = "reached" if value <= goal else "missed"
        return (
            name,
            "–" if value is None else pattern.format(value),
            "" if spread is None else f"{spread[0]:.3f} … {spread[1]:.3f}",
            "" if goal is None else f"≤ {goal:g}",
            verdict,
        )


def _machine_text(machine: Machine) -> str:
    memory = "" if machine.memory_mib is None else f", {machine.memory_mib / 1024:.0f} GiB"
    cards = ", ".join(card.name for card in machine.cards) or "no graphics card"
    return f"{machine.processor}, {machine.num_threads} threads{memory}, {cards}, {machine.system}"


def merge_window(report: Report, told: Mapping[str, Any]) -> None:
    """Take what the window's own measurement told."""
    for name in ("slider_full", "keep_full", "mix_full", "sheet_first", "sheet_nine", *HANDS):
        report.add_times(name, [float(value) for value in told.get(f"{name}_ms", ())])
    report.facts["moves_shown"] = {
        name: f"{told[f'{name}_shown']} of {told[f'{name}_moves']}"
        for name in HANDS
        if f"{name}_shown" in told
    }
    for name in WINDOW:
        report.add_time(name, told.get(f"{name}_ms"))
    for name in MEMORY:
        report.add_memory(name, told.get(f"{name}_mib"))
    report.facts["app_imports"] = told.get("heavy_imports")
    report.facts["display"] = told.get("display")
