"""The merged picture inside an OpenRaster or Krita file: the one member of the zip that is read.

No XML is parsed and nothing is unpacked to a disk. The PNG that comes out is a stranger's picture
like any other, with a recipe where we wrote the file.

Source: OpenRaster specification, "File Layout"; reliability.md §2.2 I7 and I8.
"""

import io
import zipfile
import zlib
from typing import Final

from studio.core.errors import PictureError
from studio.opener.kinds import HEAD_BYTES, is_layered

MAX_MEMBERS: Final = 20_000
MAX_DIRECTORY_BYTES: Final = 4 * 1024 * 1024
MAX_MERGED_BYTES: Final = 256 * 1024 * 1024
MAX_RATIO: Final = 100
MERGED_NAME: Final = "mergedimage.png"
_LOCAL: Final = b"PK\3\4"
_END: Final = b"PK\5\6"
_END_BYTES: Final = 22
_WAY_OUT: Final = "Save it anew in the program that made it, or export a PNG from there."


def unwrapped(content: bytes) -> bytes:
    """Give the merged picture's file where these bytes are layers in a zip; else the bytes as they are.

    Raises:
        PictureError: Beyond the limits, damaged, or without a merged picture.
    """
    if content[:4] != _LOCAL or not is_layered(content[:HEAD_BYTES]):
        return content
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [one for one in archive.infolist() if one.filename == MERGED_NAME]
            if not found:
                raise PictureError("This file of layers holds no merged picture.", _WAY_OUT)
            if len(found) > 1:
                raise _damaged()
            return _read(archive, found[0])
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise _damaged() from error
    except (EOFError, RuntimeError, OverflowError) as error:  # cut off; encrypted; impossible sizes
        raise _damaged() from error


def _check_directory(content: bytes) -> None:
    """Refuse before the list of members is read, when it says that it is too long."""
    end = content.rfind(_END, max(0, len(content) - _END_BYTES - 0xFFFF))
    if end < 0 or end + _END_BYTES > len(content):
        raise _damaged()
    num_members = int.from_bytes(content[end + 10 : end + 12], "little")
    num_bytes = int.from_bytes(content[end + 12 : end + 16], "little")
    if num_members > MAX_MEMBERS or num_bytes > MAX_DIRECTORY_BYTES:
        raise PictureError(
            f"This file of layers lists more than {MAX_MEMBERS:,} pieces, so it was not opened.",
            _WAY_OUT,
        )


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Give a member, counted while it is inflated: what its header says is not believed."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _damaged()
    limit = min(MAX_MERGED_BYTES, MAX_RATIO * max(entry.compress_size, 1))
    with archive.open(entry) as member:
        inflated = member.read(limit + 1)
    if len(inflated) > limit:
        raise PictureError("The merged picture in this file is too large.", _WAY_OUT)
    return inflated


def _damaged() -> PictureError:
    return PictureError("This file of layers is damaged.", _WAY_OUT)
