"""The bench's answer: what was not measured is null, never a guess."""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from studio.cli import bench
from studio.cli.bench_plot import bench_plot
from studio.cli.bench_report import (
    FIGURES,
    GOALS,
    MEMORY,
    RATIOS,
    SAMPLED,
    Report,
    merge_window,
)
from studio.cli.bench_timing import Ratio, Samples
from studio.cli.energy import energy_j
from studio.cli.machine import Machine
from studio.cli.memory import memory_mib


def _report() -> Report:
    return Report(Machine("Linux", "A processor", 2, 16_000, 8_000, "3.11.9"))


def test_nothing_measured_is_null_everywhere() -> None:
    fields = json.loads(json.dumps(_report().fields(), allow_nan=False))
    assert fields["schema"] == 2
    assert set(fields["ratios"]) == set(RATIOS)
    assert set(fields["memory_mib"]) == set(MEMORY)
    assert set(fields["figures"]) == set(FIGURES)
    for part in ("ratios", "times_ms", "memory_mib", "figures"):
        assert set(fields[part].values()) == {None}


def test_every_goal_belongs_to_a_figure() -> None:
    fields = _report().fields()
    known = {*fields["ratios"], *fields["times_ms"], *fields["memory_mib"], *fields["figures"]}
    assert set(GOALS) <= known


def test_a_ratio_is_told_with_its_spread_and_its_goal() -> None:
    report = _report()
    report.add_ratio("engine_over_bare_256_cpu", Ratio(1.3, 1.2, 1.4))
    line = next(line for line in report.text().splitlines() if line.startswith("engine_over_bare"))
    assert line.split() == [
        "engine_over_bare_256_cpu",
        "1.300",
        "1.200",
        "…",
        "1.400",
        "≤",
        "1.1",
        "missed",
    ]


def test_the_windows_figures_are_taken_over_and_what_it_does_not_tell_stays_null() -> None:
    report = _report()
    told = {"slider_preview_ms": [10, 20, 30], "window_shown_ms": 900.04, "app_rss_mib": 180}
    merge_window(report, told)
    fields = report.fields()
    assert fields["times_ms"]["slider_preview_p50"] == 20
    assert fields["times_ms"]["window_shown"] == 900.0
    assert fields["times_ms"]["slider_full_p95"] is None
    assert fields["memory_mib"] == {
        "app_rss": 180,
        "app_pss": None,
        "engine_256_rss": None,
        "engine_256_pss": None,
        "engine_starter_rss": None,
        "engine_starter_pss": None,
    }


def test_a_part_that_failed_is_named_with_its_reason() -> None:
    report = _report()
    report.skip("window", "There is no display.")
    assert "window: There is no display." in report.text()
    assert report.fields()["not_measured"] == {"window": "There is no display."}


def test_the_memory_of_this_very_process_is_found() -> None:
    found = memory_mib(os.getpid())
    assert found is None or found[0] >= found[1] > 1


def test_all_that_is_measured_is_reported() -> None:
    folder = Path(bench.__file__).parent
    source = "\n".join(path.read_text() for path in sorted(folder.glob("bench*.py")))
    for call, names in (("add_ratio", RATIOS), ("add_samples", SAMPLED)):
        found = set(re.findall(rf'{call}\("([a-z0-9_]+)"', source))
        assert found
        assert found <= set(names)


def test_sizes_batches_and_growth_are_told_and_drawn() -> None:
    report = _report()
    found = {"floor": Samples(((40.0,), (44.0,))), "engine": Samples(((84.0,), (84.0,)))}
    report.add_cell(256, 4, found=found)
    report.growth["kept pictures"] = [(10, 1.0), (100, 30.0)]
    assert report.fields()["ms_per_picture"] == {"256 px × 4": {"floor": 10.5, "engine": 21.0}}
    text = report.text()
    assert "256 px × 4" in text
    assert "3.00 × linear" in text
    root = ElementTree.fromstring(bench_plot(report))
    drawn = "".join(root.itertext())
    assert "256 px × 4" in drawn
    assert "2.00 × (21.0 ms)" in drawn
    lengths = [float(bar.get("width", "0").rstrip("%")) for bar in root.iter() if "rect" in bar.tag]
    assert len(lengths) == 3
    assert lengths[1] == pytest.approx(lengths[2] / 2**0.5, abs=0.1), "the floor comes first"


def test_energy_is_the_sum_of_the_packages_and_none_where_it_may_not_be_read(
    tmp_path: Path,
) -> None:
    assert energy_j(tmp_path) is None
    for name, value in (("intel-rapl:0", "1500000"), ("intel-rapl:1", "500000")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text(value + "\n")
    (tmp_path / "intel-rapl:0:0").mkdir()  # a part of the first, counted there already
    assert energy_j(tmp_path) == 2.0
    (tmp_path / "intel-rapl:1" / "energy_uj").unlink()
    assert energy_j(tmp_path) is None
