"""`studio bench`: how fast pictures come here, as ratios that hold on any machine."""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from studio.cli.bench_children import EngineChild, run_to_end
from studio.cli.bench_growth import measure_growth
from studio.cli.bench_painting import measure_painting
from studio.cli.bench_plot import bench_plot
from studio.cli.bench_recipes import moving_recipes, moving_strips
from studio.cli.bench_report import Report, merge_window
from studio.cli.bench_sizes import FULL_SIZES, MAIN_PX, SizeBench
from studio.cli.bench_timing import interleave, ratio_of, timed
from studio.cli.bench_walk import measure_walk
from studio.cli.machine import describe_machine, display_name
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import Subparsers, add_command, add_json, whole_number
from studio.core.enlargement import factor_for
from studio.core.errors import StudioError
from studio.core.recipe import Recipe
from studio.engine.enlarging import Enlarger
from studio.engine.providers import num_physical_cores
from studio.engine.session import GeneratorModel
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command

_EXAMPLES: Final = """  studio bench
  studio bench --json > bench.json
  studio bench --full --growth --plot bench.svg
"""
_EXPORT_PX: Final = 1024  # as Export offers
# Three minutes in all on two cores: 35 s to build the network, 50 s for the ratios, 45 s for the
# window, the rest for starting things and for a busy machine.
_RATIO_BUDGET_S: Final = 45.0
_FULL_BUDGET_S: Final = 20.0  # for each of twelve sizes and batches
_STARTER_BUDGET_S: Final = 5.0
_STRIP_BUDGET_S: Final = 4.0
STRIP_PX: Final = 64
_WINDOW_PATIENCE_S: Final = 90.0

# A part of the bench: its name for people, and what it does.
Part = tuple[str, Callable[[], None]]


class Options(msgspec.Struct, frozen=True):
    """What the call asks for."""

    is_full: bool = False
    has_growth: bool = False
    model: str | None = None
    is_silent: bool = False
    threads: int | None = None


def add_parser(subparsers: Subparsers) -> None:
    """Add `bench`."""
    parser = add_command(
        subparsers,
        "bench",
        purpose="measure how fast pictures come on this machine",
        detail="Takes two to three minutes; close other programs first.",
        examples=_EXAMPLES,
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="64 to 512 px, batches of 1, 4 and 9, torch.compile; about half an hour",
    )
    parser.add_argument(
        "--growth",
        action="store_true",
        help="also how cost grows with sliders, a gallery of 100,000 and 500 models; two minutes",
    )
    parser.add_argument("--plot", metavar="FILE.svg", type=Path, help="write the ratios as a plot")
    parser.add_argument("--model", metavar="NAME", help="measure this model besides")
    parser.add_argument(
        "--threads",
        type=whole_number(1, 1024),
        metavar="N",
        help="use this many cores (default: all; fewer on a busy machine)",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Measure part after part; a part that fails is named, the others go on."""
    options = Options(args.full, args.growth, args.model, is_silent=args.json, threads=args.threads)
    report = Bench(options).run()
    if args.plot is not None:
        write_bytes_atomic(args.plot, bench_plot(report).encode())
    if args.json:
        answer_json(report.fields())
    else:
        answer(report.text())
    return 0


class Bench:
    """Runs the parts in order and collects what they find."""

    def __init__(self, options: Options) -> None:
        self._options = options
        if options.threads is not None:
            keep_to_cores(options.threads)
        self._report = Report(describe_machine())
        self._report.facts["load_before"] = load_before()
        self._num_threads = num_physical_cores()

    def run(self) -> Report:
        """Measure everything."""
        begin_s = time.monotonic()
        parts: list[Part] = [
            ("commands", self._measure_commands),
            ("sizes", self._measure_sizes),
            ("starter", self._measure_starter),
            ("painting", self._measure_painting),
            ("walk", self._measure_walk),
            ("window", self._measure_window),
        ]
        if self._options.has_growth:
            parts.append(("growth", lambda: measure_growth(self._report)))
        for name, work in parts:
            with self._named(name):
                work()
        self._report.facts["seconds"] = round(time.monotonic() - begin_s, 1)
        self._report.facts["threads"] = self._num_threads
        return self._report

    @contextmanager
    def _named(self, part: str) -> Iterator[None]:
        if not self._options.is_silent:
            note(f"measuring: {part} …")
        try:
            yield
        except StudioError as error:
            self._report.skip(part, f"{error.what} {error.way_out}")

    def _measure_commands(self) -> None:
        words = child_command("--help")
        samples = timed(lambda: run_to_end(words, patience_s=30.0))(3)
        self._report.add_time("help_command", min(samples))

    def _measure_sizes(self) -> None:
        """Engine, bare runtime and torch in turn, on graphs with fixed random weights."""
        is_full = self._options.is_full
        sizes = SizeBench(self._report, num_threads=self._num_threads, is_full=is_full)
        if not is_full:
            sizes.measure(MAIN_PX, budget_s=_RATIO_BUDGET_S)
            return
        for resolution in FULL_SIZES:
            with self._named(f"{resolution} px"):
                sizes.measure(resolution, budget_s=_FULL_BUDGET_S)

    def _measure_starter(self) -> None:
        model = choose_model(open_library(), self._options.model)
        engine = GeneratorModel.open(model.folder, wish="cpu")
        recipes = moving_recipes(engine.card.model, engine.directions)
        self._measure_enlarging(engine, recipes)
        with EngineChild(model.folder, engine.card) as child:
            strips = moving_strips(engine.card.model, engine.directions)
            found = interleave(
                {
                    "it": lambda count: [
                        child.strip_ms(next(strips), STRIP_PX) for _ in range(count)
                    ]
                },
                budget_s=_STRIP_BUDGET_S,
            )
        self._report.add_samples("strip_of_seven_64", found["it"])
        self._report.facts["starter"] = f"{model.card.id}, {model.card.resolution} px"

    def _measure_enlarging(self, engine: GeneratorModel, recipes: Iterator[Recipe]) -> None:
        """A picture as Export makes it, beside the picture as it is."""
        enlarger, small = Enlarger(), engine.render(next(recipes))
        factor = factor_for(max(small.shape[:2]), _EXPORT_PX)
        measures = {
            "starter_engine_cpu": timed(lambda: engine.render(next(recipes))),
            "enlarge_1024_cpu": timed(lambda: enlarger.enlarge(small, factor)),
        }
        found = interleave(measures, budget_s=_STARTER_BUDGET_S)
        for name, samples in found.items():
            self._report.add_samples(name, samples)
        ratio = ratio_of(found["enlarge_1024_cpu"], found["starter_engine_cpu"])
        self._report.add_ratio("enlarge_1024_over_starter_cpu", ratio)

    def _measure_painting(self) -> None:
        model = choose_model(open_library(), self._options.model)
        engine = GeneratorModel.open(model.folder, wish="cpu")
        recipes = moving_recipes(engine.card.model, engine.directions)
        measure_painting(self._report, engine, next_recipe=lambda: next(recipes))

    def _measure_walk(self) -> None:
        model = choose_model(open_library(), self._options.model)
        found = measure_walk(model.folder, num_threads=self._num_threads)
        self._report.add_samples("walk_bare_cpu", found["bare"])
        self._report.add_samples("walk_film_cpu", found["film"])
        self._report.add_ratio("walk_film_over_bare", ratio_of(found["film"], found["bare"]))

    def _measure_window(self) -> None:
        """Run the real window in a process of its own; see `studio/bench_window.py`."""
        model = choose_model(open_library(), self._options.model)
        words = child_command("bench-window", "--model", str(model.folder))
        if self._options.is_full:
            words.append("--full")
        patience_s = _WINDOW_PATIENCE_S * (3 if self._options.is_full else 1)
        with tempfile.TemporaryDirectory(prefix="studio-bench-home-") as home:
            environment = window_environment(home)
            words += ["--began", str(time.time())]
            told = run_to_end(words, patience_s=patience_s, environment=environment)
        merge_window(self._report, msgspec.json.decode(told, type=dict))


def window_environment(home: str) -> dict[str, str]:
    """Give the surroundings of the measured window: a home of its own, a display if there is none."""
    environment = {**os.environ, "STUDIO_HOME": home}
    if not display_name():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return environment


def keep_to_cores(count: int) -> None:
    """Let this process and its children run on some cores only, so that all take equal threads.

    Raises:
        StudioError: The system cannot do that.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise StudioError("This system cannot keep a program to some cores.", "Omit --threads.")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def load_before() -> float | None:
    """Give how many programs want to run at once, as a mean of the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
