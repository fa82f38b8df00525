"""A stranger's file is opened here, once, read-only, without following a link."""

import errno
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from studio.core.errors import StudioError

_MIB: Final = 1024 * 1024


class OpenFile:
    """A regular file, opened for reading only, checked after opening: what is checked is read.

    Attributes:
        descriptor: Of the open file; closed by `close`.
        num_bytes: Its size when it was opened.

    Raises:
        StudioError: Of the kind asked for: no regular file, empty, too large, or unreadable.
    """

    def __init__(
        self, path: Path, *, noun: str, max_bytes: int, error: type[StudioError] = StudioError
    ) -> None:
        """Open a file.

        Args:
            path: Of the file.
            noun: What sentences call it: "picture", "model".
            max_bytes: The largest that is read.
            error: Class of what is raised.
        """
        self._noun, self._error = noun, error
        # O_NONBLOCK: a pipe without a writer must not hold us up.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        if os.name == "nt":
            flags |= os.O_BINARY  # type: ignore[attr-defined]  # only there
            if path.is_symlink():
                raise self._not_a_file("a link to another file")
        try:
            self.descriptor = os.open(path, flags)
        except OSError as problem:
            raise self._open_error(problem) from problem
        try:
            self.num_bytes = self._check(os.fstat(self.descriptor), max_bytes)
        except StudioError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        os.close(self.descriptor)

    def head(self, count: int) -> bytes:
        """Give the first bytes; whoever reads the descriptor next starts at the beginning."""
        head = os.read(self.descriptor, count)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        return head

    def _check(self, status: os.stat_result, max_bytes: int) -> int:
        if stat.S_ISDIR(status.st_mode):
            raise self._not_a_file("a folder")
        if not stat.S_ISREG(status.st_mode):
            raise self._not_a_file("not a file but a pipe or device")
        if status.st_size == 0:
            raise self._error(f"The {self._file} is empty.", self._other)
        if status.st_size > max_bytes:
            raise self._error(
                f"The {self._file} is larger than {max_bytes // _MIB} MiB.", self._other
            )
        return status.st_size

    @property
    def _file(self) -> str:
        return "file" if self._noun == "file" else f"{self._noun} file"

    @property
    def _other(self) -> str:
        return f"Choose another {self._noun}."

    def _not_a_file(self, what: str) -> StudioError:
        return self._error(
            f"This is {what}, so it was not opened.", f"Choose the {self._noun} itself."
        )

    def _open_error(self, problem: OSError) -> StudioError:
        if problem.errno == errno.ELOOP:
            return self._not_a_file("a link to another file")
        if problem.errno == errno.ENOENT:
            return self._error(f"The {self._noun} is not there any more.", self._other)
        if problem.errno == errno.ENXIO:
            return self._not_a_file("not a file but a pipe or device")
        reason = problem.strerror or type(problem).__name__
        return self._error(f"The {self._noun} cannot be opened ({reason}).", self._other)
