"""What `studio doctor` looks at, one function per topic; each gives findings and changes nothing."""

import os
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

import msgspec

from studio import __version__
from studio.cli.machine import (
    Machine,
    free_disk_mib,
    is_writable,
    parse_version,
)

State = Literal["ok", "remark", "missing"]

# Distribution → lowest release without a known fault (pyproject.toml has the same floors and why).
FLOORS: Final = {
    "pyside6-essentials": (6, 12),
    "numpy": (2, 1),
    "pillow": (13, 0),
    "msgspec": (0, 20),
    "platformdirs": (4, 3),
    "safetensors": (0, 8),
    "onnx": (1, 22),
    "torch": (2, 11),
    "torchvision": (0, 26),
    "protobuf": (6, 33, 5),
    "psd-tools": (1, 17, 4),
    "tifffile": (2025, 5, 10),
}
RUNTIMES: Final = ("onnxruntime-gpu", "onnxruntime")
RUNTIME_FLOOR: Final = (1, 31)
# What a first hour keeps and exports, with room for the cache of graphs.
_MIN_FREE_MIB: Final = 1024
_SETUP: Final = "Run `bash packaging/run.sh` again: it brings what is missing."


class Finding(msgspec.Struct, frozen=True):
    """One thing the doctor looked at.

    Attributes:
        topic: Heading it stands under.
        name: What was looked at.
        value: What was found, for people.
        state: "ok", "remark" (works, but good to know) or "missing" (something needed is not there).
        way_out: What to do, "" when nothing.
    """

    topic: str
    name: str
    value: str
    state: State = "ok"
    way_out: str = ""


VersionOf = Callable[[str], str | None]


def installed_version(name: str) -> str | None:
    """Give the version of an installed distribution without importing it; None when it is absent."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_program(python: str, version_of: VersionOf = installed_version) -> list[Finding]:
    """Look at the program, Python and every library with its floor."""
    found = [
        Finding("Program", "Latent Studio", __version__),
        Finding("Program", "Python", python),
    ]
    found += [_library(name, floor, version=version_of(name)) for name, floor in FLOORS.items()]
    return [*found, _runtime({name: version_of(name) for name in RUNTIMES})]


def _library(name: str, floor: tuple[int, ...], *, version: str | None) -> Finding:
    if version is None:
        return Finding("Program", name, "not installed", "missing", _SETUP)
    if parse_version(version) < floor:
        lowest = ".".join(map(str, floor))
        return Finding("Program", name, f"{version}, needed is {lowest}", "missing", _SETUP)
    return Finding("Program", name, version)


def _runtime(versions: dict[str, str | None]) -> Finding:
    here = {name: version for name, version in versions.items() if version is not None}
    text = ", ".join(f"{name} {version}" for name, version in here.items())
    if not here:
        return Finding("Program", "onnxruntime", "not installed", "missing", _SETUP)
    if len(here) > 1:
        way_out = (
            "Two of them share one folder and break each other: uninstall both, then set up again."
        )
        return Finding("Program", "onnxruntime", text, "missing", way_out)
    if parse_version(next(iter(here.values()))) < RUNTIME_FLOOR:
        return Finding("Program", "onnxruntime", f"{text}, needed is 1.31", "missing", _SETUP)
    return Finding("Program", "onnxruntime", text)


def check_machine(machine: Machine) -> list[Finding]:
    """Look at the processor, memory and graphics cards."""
    found = [
        Finding("Machine", "system", machine.system),
        Finding("Machine", "processor", f"{machine.processor}, {machine.num_threads} threads"),
    ]
    if machine.memory_mib is not None and machine.free_memory_mib is not None:
        text = f"{_gib(machine.memory_mib)}, {_gib(machine.free_memory_mib)} free"
        is_low = machine.free_memory_mib < 1024
        way_out = "Close other programs: a model and the window take about 1 GiB." if is_low else ""
        found.append(Finding("Machine", "memory", text, "remark" if is_low else "ok", way_out))
    for card in machine.cards:
        text = f"{card.name}, {_gib(card.memory_mib)}, driver {card.driver or 'unknown'}"
        found.append(Finding("Machine", "graphics", text))
    return found


def check_folders(folders: Iterable[tuple[str, Path, bool]]) -> list[Finding]:
    """Look at folders: name, place, and whether the program must be able to write there."""
    found = []
    for name, folder, must_write in folders:
        if must_write and not is_writable(folder):
            way_out = "Allow writing there, or set STUDIO_HOME to another folder."
            found.append(
                Finding("Folders", name, f"{folder} cannot be written to", "missing", way_out)
            )
        elif not must_write and not folder.is_dir():
            found.append(Finding("Folders", name, f"{folder} is not there", "missing", _SETUP))
        else:
            found.append(Finding("Folders", name, f"{folder}{_free(folder, must_write)}"))
        if must_write and (free := free_disk_mib(folder)) is not None and free < _MIN_FREE_MIB:
            text = f"only {free} MiB free on this disk"
            found.append(Finding("Folders", "disk", text, "missing", "Free 1 GiB or more."))
    return found


def _free(folder: Path, must_write: bool) -> str:
    free = free_disk_mib(folder) if must_write else None
    return "" if free is None else f" ({_gib(free)} free)"


def check_window(fonts: Path, *, display: str, missing: tuple[str, ...]) -> list[Finding]:
    """Look at what a window needs.

    Args:
        fonts: The folder of our own fonts.
        display: See `machine.display_name`.
        missing: See `machine.list_missing_qt_libraries`.
    """
    found = []
    if display:
        found.append(Finding("Window", "display", display))
    else:
        way_out = "Commands work without one; the window needs a desktop or X forwarding."
        found.append(Finding("Window", "display", "none", "remark", way_out))
    if missing:
        line = f"Run: sudo apt-get install -y {' '.join(missing)}"
        state: State = "missing" if display else "remark"
        names = f"missing: {', '.join(missing)}"
        found.append(Finding("Window", "system libraries", names, state, line))
    else:
        found.append(Finding("Window", "system libraries", "all there"))
    num_fonts = len([path for path in fonts.glob("*") if path.suffix in {".ttf", ".otf"}])
    if num_fonts:
        found.append(Finding("Window", "fonts", f"{num_fonts} of our own"))
    else:
        way_out = "The system's fonts are used; Chinese may show as boxes."
        found.append(Finding("Window", "fonts", "our own are missing", "remark", way_out))
    return found


def check_privacy() -> list[Finding]:
    """Look at whether the runtime's telemetry is off."""
    if os.environ.get("ORT_DISABLE_TELEMETRY") == "1":
        return [Finding("Privacy", "telemetry", "off; nothing is ever sent anywhere")]
    return [Finding("Privacy", "telemetry", "on", "missing", "Start the program as `studio`.")]


def _gib(mib: int) -> str:
    return f"{mib / 1024:.1f} GiB"
