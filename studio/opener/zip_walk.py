"""A zip from a stranger: what may be inside is decided before anything is unpacked.

Names are only ever looked at: nothing is written under a name that a zip says. What is inflated is
counted as it comes, because the sizes in the headers are only claims.

Sources: PKWARE APPNOTE 6.3.10 §4.3 and §4.5.3; reliability.md §2.2 I7.
"""

import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

MAX_MEMBERS: Final = 20_000
MAX_TOTAL_BYTES: Final = 8 * 1024 * 1024 * 1024
MAX_RATIO: Final = 100
# Below this a member may be packed as tightly as it likes: an empty table is.
_FREE_BYTES: Final = 64 * 1024
_MAX_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
_BLOCK_BYTES: Final = 256 * 1024
_END_BYTES: Final = 22 + 0xFFFF
_ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".tar", ".bz2", ".xz")
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
)
_ENCRYPTED: Final = 0x1
_UNIX: Final = 3


class ZipWalk:
    """A zip whose directory was checked; one thread at a time.

    Attributes:
        members: Its files by name, in the order of the file. Folders are left out.

    Raises:
        ValueError: Something in it is not allowed; the text is a phrase for people.
    """

    def __init__(self, file: BinaryIO, *, max_members: int = MAX_MEMBERS) -> None:
        """Check the directory of an open file.

        Args:
            file: Can be read at any place; stays open.
            max_members: How many files may be inside.
        """
        _check_directory(file, max_members)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, struct.error, UnicodeError) as error:
            raise ValueError("it is damaged, or no zip") from error
        infos = self._zip.infolist()
        if len(infos) > max_members:
            raise ValueError(f"it holds more than {max_members:,} files")
        _check_names(infos)
        _check_overlaps(infos)
        for info in infos:
            _check_member(info)
        if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
            raise ValueError(f"it would unpack to {_gigabytes(infos):.0f} GB")
        self.members = {info.filename: info for info in infos if not info.is_dir()}

    def blocks(self, name: str, *, max_bytes: int) -> Iterator[bytes]:
        """Give a member piece by piece.

        Args:
            name: Of a member.
            max_bytes: The most that it may unpack to.

        Raises:
            ValueError: It is larger, packed too tightly, damaged, or not what its header says.
        """
        info = self.members[name]
        limit = min(max_bytes, max(_FREE_BYTES, info.compress_size * MAX_RATIO))
        num_bytes = 0
        try:
            with self._zip.open(info) as stream:
                while block := stream.read(_BLOCK_BYTES):
                    num_bytes += len(block)
                    if num_bytes > limit:
                        raise ValueError("a file in it unpacks to far more than it may")
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise ValueError("a file in it is damaged") from error

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Give a whole member; raises as `blocks` does."""
        return b"".join(self.blocks(name, max_bytes=max_bytes))


def _check_directory(file: BinaryIO, max_members: int) -> None:
    """Refuse a directory that would be large in memory, before it is read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES))
    tail = file.read(_END_BYTES)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or place + 22 > len(tail):
        raise ValueError("it is damaged, or no zip")
    count, num_bytes = struct.unpack_from("<HI", tail, place + 10)
    if num_bytes != 0xFFFFFFFF and num_bytes > _MAX_DIRECTORY_BYTES:
        raise ValueError(f"it holds more than {max_members:,} files")
    if num_bytes == 0xFFFFFFFF or count == 0xFFFF:  # zip64 says it elsewhere
        wide = tail.rfind(b"PK\6\6", 0, place)
        if wide < 0 or wide + 56 > len(tail):
            raise ValueError("it is damaged, or no zip")
        count, num_bytes = struct.unpack_from("<QQ", tail, wide + 32)
    if count > max_members or num_bytes > _MAX_DIRECTORY_BYTES:
        raise ValueError(f"it holds more than {max_members:,} files")


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        # `orig_filename` is what stands in the file: `filename` ends at a NUL.
        if is_unsafe_name(info.orig_filename):
            raise ValueError("its file names try to leave the folder")
        key = unicodedata.normalize("NFC", info.filename).casefold().rstrip("/")
        if key in seen:
            raise ValueError("two of its files have the same name")
        seen.add(key)


def is_unsafe_name(name: str) -> bool:
    """Say whether a name could mean something outside a folder, on any system."""
    if "\0" in name or "\\" in name or ":" in name or name.startswith("/"):
        return True
    parts = name.rstrip("/").split("/")
    return any(
        part in ("", ".", "..") or part.split(".")[0].rstrip(" ").lower() in _RESERVED
        for part in parts
    )


def _check_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise ValueError("its files lie over one another")
        end = info.header_offset + 30 + len(info.orig_filename) + info.compress_size


def _check_member(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise ValueError("it is locked with a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("it is packed in a way that is not read here")
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ValueError("it holds a link or a device")
    if info.filename.lower().endswith(_ARCHIVES):
        raise ValueError("it holds an archive inside the archive")
    if info.file_size > max(_FREE_BYTES, info.compress_size * MAX_RATIO):
        raise ValueError("a file in it unpacks to far more than it may")


def _gigabytes(infos: list[zipfile.ZipInfo]) -> float:
    return sum(info.file_size for info in infos) / 1e9
