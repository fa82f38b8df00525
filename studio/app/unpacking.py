"""Zips of pictures on their way to a folder of ours, on a thread of their own."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.app.background import Background


class Unpacking(QObject):
    """Unpacks one zip at a time; the newest wish wins.

    Signals:
        unpacked: Folder that the pictures lie in now.
        failed: `StudioError`.
    """

    unpacked = Signal(object)
    failed = Signal(object)

    def __init__(self, home: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._disk = Background(self)
        self._wanted: Path | None = None

    def begin(self, path: Path) -> None:
        """Unpack a zip; `unpacked` or `failed` tells."""
        self._wanted = path

        def work() -> Path:
            from studio.dataset.packed import folder_of  # noqa: PLC0415 - only for zips

            return folder_of(path, self._home, is_stopping=lambda: self._wanted is not path)

        def done(folder: Path) -> None:
            if self._wanted is path:
                self.unpacked.emit(folder)

        self._disk.run(work, done, failed=self.failed.emit)

    def finish(self) -> None:
        """Stop what is under way; for the end of the program."""
        self._wanted = None
        self._disk.finish()
