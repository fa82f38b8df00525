"""The doctor's findings: what counts as missing, and that each missing thing has a way out."""

import re
import tomllib
from pathlib import Path

import pytest

from studio.cli.checks import (
    FLOORS,
    RUNTIME_FLOOR,
    RUNTIMES,
    Finding,
    check_folders,
    check_machine,
    check_privacy,
    check_program,
    check_window,
    installed_version,
)
from studio.cli.doctor import SelfTest, check_engine, report_text
from studio.cli.machine import Machine, parse_version

GOOD = dict.fromkeys(FLOORS, "9999.0") | {"onnxruntime": "9999.0"}


def _missing(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings if finding.state == "missing"}


def test_a_complete_program_misses_nothing() -> None:
    assert not _missing(check_program("3.11.9", GOOD.get))


@pytest.mark.parametrize("name", [*FLOORS, "onnxruntime"])
def test_each_library_is_missed(name: str) -> None:
    versions = {key: value for key, value in GOOD.items() if key != name}
    assert _missing(check_program("3.11.9", versions.get))[name].way_out


@pytest.mark.parametrize("name", [*FLOORS, "onnxruntime"])
def test_a_release_with_a_known_fault_is_not_enough(name: str) -> None:
    assert _missing(check_program("3.11.9", (GOOD | {name: "0.0.1"}).get))[name].way_out


def test_two_runtimes_in_one_folder_are_a_fault() -> None:
    versions = GOOD | {"onnxruntime-gpu": "9999.0"}
    assert (
        "uninstall both" in _missing(check_program("3.11.9", versions.get))["onnxruntime"].way_out
    )


def test_the_floors_are_those_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    wanted = {
        match[1].lower(): parse_version(match[2])
        for line in project["dependencies"]
        if (match := re.match(r"([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)", line))
    }
    assert {name: wanted[name] for name in FLOORS} == FLOORS
    assert {wanted[name] for name in RUNTIMES} == {RUNTIME_FLOOR}


def test_what_is_installed_here_is_found_without_importing_it() -> None:
    assert installed_version("numpy")
    assert installed_version("no-such-distribution") is None


def _machine(free_mib: int) -> Machine:
    return Machine("Linux", "A processor", 2, 16_000, free_mib, "3.11.9")


def test_no_graphics_card_is_a_remark_and_nothing_more() -> None:
    findings = check_machine(_machine(8_000))
    assert not _missing(findings)
    assert all(finding.state in {"ok", "remark"} for finding in findings)


def test_little_memory_is_said() -> None:
    states = {finding.name: finding.state for finding in check_machine(_machine(500))}
    assert states["memory"] == "remark"


def test_a_folder_that_cannot_be_written_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = _missing(check_folders([("your pictures", tmp_path / "file" / "home", True)]))
    assert "STUDIO_HOME" in found["your pictures"].way_out


def test_a_shipped_folder_that_is_gone_is_missing(tmp_path: Path) -> None:
    assert _missing(check_folders([("resources", tmp_path / "gone", False)]))


def test_missing_libraries_matter_only_where_a_window_can_open(tmp_path: Path) -> None:
    assert not _missing(check_window(tmp_path, display="", missing=("libegl1",)))
    found = _missing(check_window(tmp_path, display="X11 :0", missing=("libegl1",)))
    assert "libegl1" in found["system libraries"].way_out


def test_telemetry_that_is_on_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _missing(check_privacy())
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    assert _missing(check_privacy())


def test_an_engine_that_makes_no_picture_is_missing_with_its_way_out() -> None:
    found = _missing(check_engine(SelfTest(problem="No model is installed.", way_out="Add one.")))
    assert [finding.way_out for finding in found.values()] == ["Add one."]


def test_a_fallback_is_told_with_its_reason_and_is_no_fault() -> None:
    test = SelfTest(
        way="as it was exported",
        runtime="1.31.1",
        provider="CPU",
        fallback_reason="On the CPU: no driver.",
        model="m",
        picture_ms=40.0,
    )
    findings = check_engine(test)
    assert not _missing(findings)
    values = [finding.value for finding in findings]
    assert "On the CPU: no driver." in values
    assert "ONNX Runtime 1.31.1" in values
    assert "as it was exported" in values


def test_the_report_ends_with_what_to_do() -> None:
    good = Finding("Program", "Python", "3.11")
    bad = Finding("Program", "torch", "not installed", "missing", "Set up again.")
    assert report_text([good]).endswith("Everything needed is there.")
    text = report_text([good, bad])
    assert "Everything needed is there." not in text
    assert text.endswith("torch: Set up again.")
