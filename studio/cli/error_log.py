"""Where the details of an unexpected failure are kept: one file, the newest failure only."""

from pathlib import Path

from studio.core.errors import StorageError
from studio.files.atomic import write_bytes_atomic
from studio.files.places import studio_home


def keep_traceback(text: str) -> Path | None:
    """Write the details without the name of the person's home; None when nothing can be written."""
    path = studio_home() / "logs" / "command-error.txt"
    private = str(Path.home())
    if len(private) > 1:
        text = text.replace(private, "~")
    try:
        write_bytes_atomic(path, text.encode("utf-8", "replace"))
    except StorageError:
        return None
    return path
