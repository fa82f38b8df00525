"""The picture in a stranger's file, whole or made small. Runs in the opener child only."""

from typing import Final

import msgspec

from studio.core.arrays import Picture
from studio.core.errors import PictureError
from studio.files.images import decode_picture, picture_size

# 4 Mpx: every picture of ours is given whole, so that its pixels can be compared; 12 MB on the pipe.
MAX_WHOLE_PIXELS: Final = 4 * 1024 * 1024
FIT_PX: Final = 1024


class ReadPicture(msgspec.Struct, frozen=True):
    """A picture, or why there is none.

    Attributes:
        picture: uint8 [H, W, 3], None when it was refused.
        width: As the file says, 0 when it says nothing.
        height: As the file says.
        is_whole: Whether `picture` has all its pixels; otherwise it fits into 1024 px.
        refused: Why there is no picture.
    """

    picture: Picture | None
    width: int = 0
    height: int = 0
    is_whole: bool = False
    refused: PictureError | None = None


def read_strangers_picture(content: bytes) -> ReadPicture:
    """Give the picture of any bytes. Never raises `PictureError`."""
    width = height = 0
    try:
        width, height = picture_size(content)
        is_whole = width * height <= MAX_WHOLE_PIXELS
        picture = decode_picture(content, fit_px=None if is_whole else FIT_PX)
    except PictureError as error:
        return ReadPicture(None, width, height, refused=error)
    return ReadPicture(picture, width, height, is_whole)
