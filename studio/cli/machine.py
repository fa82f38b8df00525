"""What this machine is: processor, memory, disk, graphics driver, window system. Reads, never changes.

Every function gives an answer on every platform; what cannot be known is None or empty.
"""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

# Library that Qt opens → its Debian package (the list of packaging/environment.sh).
QT_LIBRARIES: Final = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}


class GraphicsCard(msgspec.Struct, frozen=True):
    """One NVIDIA card as its driver tells it.

    Attributes:
        name: For example "NVIDIA GeForce RTX 4070".
        driver: Version of the driver, "" when unknown.
        memory_mib: Memory of the card.
        capability: Compute capability, (0, 0) when the driver does not tell.
    """

    name: str
    driver: str
    memory_mib: int
    capability: tuple[int, int] = (0, 0)


class Machine(msgspec.Struct, frozen=True):
    """The machine in numbers, for the doctor and beside every measurement."""

    system: str
    processor: str
    num_threads: int
    memory_mib: int | None
    free_memory_mib: int | None
    python: str
    cards: tuple[GraphicsCard, ...] = ()


def describe_machine() -> Machine:
    """Look at the machine."""
    total, free = _memory_mib()
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        num_threads=num_threads(),
        memory_mib=total,
        free_memory_mib=free,
        python=platform.python_version(),
        cards=list_cards(),
    )


def num_threads() -> int:
    """Give how many threads this process may run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def list_cards() -> tuple[GraphicsCard, ...]:
    """Give the NVIDIA cards, none when there is no driver."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    query = "--query-gpu=name,driver_version,memory.total,compute_cap"
    try:
        told = subprocess.run(
            [tool, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return read_cards(told.stdout) if told.returncode == 0 else ()


def read_cards(text: str) -> tuple[GraphicsCard, ...]:
    """Read the answer of nvidia-smi; lines that make no sense are left out."""
    cards = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != 4:
            continue
        name, driver, memory, capability = cells
        major, _, minor = capability.partition(".")
        cards.append(
            GraphicsCard(
                name=name,
                driver=driver,
                memory_mib=int(memory) if memory.isdigit() else 0,
                capability=(int(major), int(minor))
                if major.isdigit() and minor.isdigit()
                else (0, 0),
            )
        )
    return tuple(cards)


def list_missing_qt_libraries() -> tuple[str, ...]:
    """Give the Debian packages of the libraries that Qt would miss here; empty elsewhere."""
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(package for name, package in QT_LIBRARIES.items() if not _can_open(name))


def display_name() -> str:
    """Give the window system that a window would open on, "" when there is none."""
    platform_wish = os.environ.get("QT_QPA_PLATFORM", "")
    if platform_wish:
        return f"{platform_wish} (QT_QPA_PLATFORM)"
    if sys.platform in {"win32", "darwin"}:
        return "the desktop"
    for name, words in (("WAYLAND_DISPLAY", "Wayland"), ("DISPLAY", "X11")):
        if os.environ.get(name):
            return f"{words} {os.environ[name]}"
    return ""


def free_disk_mib(folder: Path) -> int | None:
    """Give the free space where a folder lies or would be made."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free // 2**20
        except OSError:
            continue
    return None


def is_writable(folder: Path) -> bool:
    """Say whether files can be made in a folder, or the folder itself be made."""
    for place in (folder, *folder.parents):
        if place.exists():
            return place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    return False


def parse_version(text: str) -> tuple[int, ...]:
    """Give the leading numbers of a version: "2.13.0+cu130" gives (2, 13, 0)."""
    numbers: list[int] = []
    for part in text.split("+", maxsplit=1)[0].split("."):
        digits = "".join(letter for letter in part if letter.isdigit())
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def _processor() -> str:
    try:
        for line in (
            Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        ):
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_mib() -> tuple[int | None, int | None]:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None, None
    kib_by_name = {
        line.partition(":")[0]: int(line.split()[1]) for line in lines if len(line.split()) > 1
    }
    total, free = kib_by_name.get("MemTotal"), kib_by_name.get("MemAvailable")
    return (total and total // 1024), (free and free // 1024)


def _can_open(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
