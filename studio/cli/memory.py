"""How much memory a process takes."""

from pathlib import Path


def memory_mib(pid: int) -> tuple[float, float] | None:
    """Give RSS and PSS of a process in MiB; None where the system does not tell.

    PSS divides pages that several processes share, so that it may be added up.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return kib["Rss"] / 1024, kib["Pss"] / 1024
