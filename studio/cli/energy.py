"""How much energy the processor has used, where the machine tells."""

from pathlib import Path
from typing import Final

_POWERCAP: Final = Path("/sys/class/powercap")


def energy_j(root: Path = _POWERCAP) -> float | None:
    """Give the energy in joules that all processors have used since some moment; None if untold.

    It needs the right to read the counters, which many systems give to the administrator alone. They
    begin again at 0 after some hours.

    Source: the kernel's powercap interface, intel-rapl (AMD's processors count there, too).
    """
    total, num_read = 0.0, 0
    for package in sorted(root.glob("intel-rapl:*")):
        if package.name.count(":") != 1:  # a part of a package
            continue
        try:
            total += int((package / "energy_uj").read_text(encoding="ascii")) / 1e6
        except (OSError, ValueError):
            return None
        num_read += 1
    return total if num_read else None
