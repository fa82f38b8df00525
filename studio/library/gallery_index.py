"""`index.sqlite`: what the sidecars say, for a quick start. A cache: losing it loses nothing."""

import contextlib
import sqlite3
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from studio.library.kept import Entry

INDEX_FILE: Final = "index.sqlite"
# Raised when `Entry` or `Kept` change; an index of another number is made anew.
INDEX_VERSION: Final = 4
BUSY_TIMEOUT_S: Final = 5.0

_decoder = msgspec.msgpack.Decoder(Entry)


class IndexBrokenError(Exception):
    """The index cannot be read or written, and must be made anew."""


class GalleryIndex:
    """The index as a table id → entry. Any thread may call any method.

    Raises:
        IndexBrokenError: The file is not a healthy index of this version.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None
            )
        except sqlite3.Error as error:
            raise IndexBrokenError(str(error)) from error
        try:
            self._prepare()
        except (sqlite3.Error, IndexBrokenError) as error:
            self.close()
            raise IndexBrokenError(str(error)) from error

    def _prepare(self) -> None:
        run = self._database.execute
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        (version,) = run("PRAGMA user_version").fetchone()
        if version not in (0, INDEX_VERSION):
            raise IndexBrokenError(f"index version {version}")
        run("CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, entry BLOB NOT NULL)")
        if version == 0:
            run(f"PRAGMA user_version={INDEX_VERSION}")

    def read(self) -> dict[str, Entry]:
        """Give every entry.

        Raises:
            IndexBrokenError: The file is damaged.
        """
        try:
            with self._lock:
                rows = self._database.execute("SELECT id, entry FROM items").fetchall()
            found = {name: _unpacked(blob) for name, blob in rows}
        except (sqlite3.Error, msgspec.DecodeError, TypeError, IndexBrokenError) as error:
            raise IndexBrokenError(str(error)) from error
        if any(name != entry.kept.id for name, entry in found.items()):
            raise IndexBrokenError("a row belongs to another picture")
        return found

    def write(self, entries: Iterable[Entry], *, gone: Iterable[str] = ()) -> None:
        """Put entries in, and take others out, all or none; durable when it returns.

        Raises:
            IndexBrokenError: The file is damaged, or the disk is full.
        """
        rows = [(entry.kept.id, _packed(entry)) for entry in entries]
        names = [(name,) for name in gone]
        try:
            with self._lock:
                self._write(rows, names)
        except sqlite3.Error as error:
            raise IndexBrokenError(str(error)) from error

    def _write(self, rows: list[tuple[str, bytes]], names: list[tuple[str]]) -> None:
        run = self._database
        run.execute("BEGIN IMMEDIATE")
        try:
            run.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", rows)
            run.executemany("DELETE FROM items WHERE id = ?", names)
            run.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                run.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()


def _packed(entry: Entry) -> bytes:
    """Give a row: a checksum, since SQLite does not notice a flipped bit in a blob, and the entry."""
    content = msgspec.msgpack.encode(entry)
    return zlib.crc32(content).to_bytes(4, "big") + content


def _unpacked(blob: bytes) -> Entry:
    if zlib.crc32(blob[4:]) != int.from_bytes(blob[:4], "big"):
        raise IndexBrokenError("a row is damaged")
    return _decoder.decode(blob[4:])


def remove_index(home: Path) -> None:
    """Remove the index and what SQLite keeps beside it.

    Raises:
        OSError: It cannot be removed.
    """
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = home / f"{INDEX_FILE}{suffix}"
        if path.is_dir() and not path.is_symlink():
            path.rename(path.with_name(f"{path.name}.not-ours"))
        path.unlink(missing_ok=True)
