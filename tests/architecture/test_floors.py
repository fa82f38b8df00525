"""No library with a known fault in what we use of it: asked for, and really installed."""

import re
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.architecture import rules

# Library → lowest safe release and why. Checked on 2026-11-23; look again when one is raised.
FLOORS = {
    "torch": ("2.11", "CVE-2026-24747 (heap corruption in torch.load), CVE-2026-4538"),
    "onnx": ("1.22", "CVE-2026-27489, -34445, -34446, -34447, -28500"),
    "onnxruntime-gpu": ("1.31", "memory-safety repairs of October 2026"),
    "onnxruntime": ("1.31", "memory-safety repairs of October 2026"),
    "pillow": ("13.0", "CVE-2026-40192, -42311, -59197 to -59200, -96641"),
    "pyside6-essentials": ("6.11.3", "CVE-2026-105923, -79616, -6210 (SVG), CVE-2025-5683"),
    "protobuf": ("6.33.5", "CVE-2026-0994"),
    "safetensors": ("0.8", "what the reader's limits were measured with"),
    "psd-tools": ("1.17.4", "GHSA-8q6g-vjhf-jp8m"),
    "c2pa-python": ("0.38", "repairs of September and October 2026"),
}
LIBPNG_FLOOR = Version("1.6.56")  # CVE-2026-25646, -33416, -33636


def _list_requirements() -> dict[str, list[Requirement]]:
    config = tomllib.loads((rules.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *config["dependencies"],
        *(line for extra in config["optional-dependencies"].values() for line in extra),
    ]
    found: dict[str, list[Requirement]] = {}
    for requirement in map(Requirement, lines):
        found.setdefault(requirement.name.lower(), []).append(requirement)
    return found


def _find_low(installed: dict[str, str]) -> list[str]:
    return [
        f"{name} {version} is below {FLOORS[name][0]}: {FLOORS[name][1]}"
        for name, version in installed.items()
        if name in FLOORS and Version(version) < Version(FLOORS[name][0])
    ]


def _list_installed() -> dict[str, str]:
    found = {}
    for name in FLOORS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def test_installed_libraries_are_above_their_floors() -> None:
    installed = _list_installed()
    assert {
        "torch",
        "onnx",
        "pillow",
        "pyside6-essentials",
        "protobuf",
        "safetensors",
    } <= installed.keys()
    assert _find_low(installed) == []


def test_old_library_is_found() -> None:
    assert _find_low({"pillow": "12.2.0", "torch": "2.15.0", "numpy": "1.0"}) == [
        "pillow 12.2.0 is below 13.0: CVE-2026-40192, -42311, -59197 to -59200, -96641"
    ]


@pytest.mark.parametrize("name", FLOORS)
def test_pyproject_asks_for_the_floor(name: str) -> None:
    for requirement in _list_requirements()[name]:
        floors = [
            Version(part.version)
            for part in requirement.specifier
            if part.operator in {">=", "==", "~="}
        ]
        assert floors, f"{name} has no floor"
        assert max(floors) >= Version(FLOORS[name][0])


def test_exactly_one_onnxruntime_is_installed() -> None:
    names = {dist.metadata["Name"].lower() for dist in metadata.distributions()}
    assert len({name for name in names if re.fullmatch(r"onnxruntime(-\w+)?", name)}) == 1


@pytest.mark.parametrize(
    ("platform", "machine", "name"),
    [
        ("linux", "x86_64", "onnxruntime-gpu"),
        ("win32", "AMD64", "onnxruntime-gpu"),
        ("linux", "aarch64", "onnxruntime"),
        ("win32", "ARM64", "onnxruntime"),
        ("darwin", "arm64", "onnxruntime"),
    ],
)
def test_each_platform_gets_one_onnxruntime(platform: str, machine: str, name: str) -> None:
    place = {"sys_platform": platform, "platform_machine": machine}
    chosen = [
        requirement.name
        for requirements in _list_requirements().values()
        for requirement in requirements
        if requirement.name.startswith("onnxruntime")
        and (not requirement.marker or requirement.marker.evaluate(place))
    ]
    assert chosen == [name]


def _read_libpng_versions(folder: Path) -> dict[str, Version]:
    """Read the version that each libpng built into a library of `folder` says of itself."""
    found = {}
    for path in [*folder.rglob("*Qt6Gui*"), *folder.rglob("libpng*")]:
        if path.is_file() and (
            match := re.search(rb"libpng version (\d+\.\d+\.\d+)", path.read_bytes())
        ):
            found[path.name] = Version(match[1].decode())
    return found


@pytest.mark.skipif(
    sys.platform != "linux", reason="the wheels of other systems use the system's libpng or none"
)
def test_built_in_libpng_is_above_its_floor() -> None:
    spec = find_spec("PySide6")
    assert spec is not None
    assert spec.origin is not None
    qt = Path(spec.origin).parent
    versions = _read_libpng_versions(qt / "Qt" / "lib") | _read_libpng_versions(
        qt.parent / "pillow.libs"
    )
    assert versions, "no libpng found: where does the wheel keep it now?"
    assert {name: version for name, version in versions.items() if version < LIBPNG_FLOOR} == {}


def test_old_libpng_is_found(tmp_path: Path) -> None:
    (tmp_path / "libQt6Gui.so.6").write_bytes(b"\0 libpng version 1.6.40 - \0")
    assert _read_libpng_versions(tmp_path) == {"libQt6Gui.so.6": Version("1.6.40")}
