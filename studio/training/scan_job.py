"""The trainer's look at a picture folder: beside other work, and gone the moment it is not wanted."""

import contextlib
import os
from pathlib import Path
from typing import Final

from studio.core.errors import EngineError
from studio.core.folder_report import REPORT_FILE
from studio.dataset.scan import Embed, ScanStopped, scan_folder
from studio.engine.features import FeatureNetwork
from studio.protocol.training_messages import Finished, ScanJob, Scanned, Scanning
from studio.training.correspondence import EventLog, Inbox

# The canvas comes first; a scan has time.
_NICE: Final = 10


def run_scan(run: Path, job: ScanJob, *, log: EventLog, inbox: Inbox | None = None) -> bool:
    """Scans a folder into a run folder; gives whether it came to its end.

    Args:
        run: the run folder.
        job: what to look at.
        log: hears how far it is.
        inbox: once it says stop, the scan ends within half a second; None runs to the end.

    Raises:
        StudioError: no such folder, or no room on the disk.
    """
    with contextlib.suppress(OSError):
        os.nice(_NICE)

    def tell(num_found: int, num_read: int) -> None:
        log.tell(Scanning(num_found=num_found, num_read=num_read))

    try:
        scan_folder(
            Path(job.folder),
            run,
            resolution=job.resolution,
            embed=feature_embed(),
            tell=tell,
            is_stopping=None if inbox is None else inbox.is_stopping.is_set,
        )
    except ScanStopped:
        log.tell(Finished(kimg=0.0, reason="stopped"))
        return False
    log.tell(Scanned(file=REPORT_FILE))
    return True


def feature_embed() -> Embed | None:
    """Gives what turns squares into features; None, and no outliers, where it cannot be had."""
    try:
        return FeatureNetwork("phi-1").embed
    except EngineError:
        return None
