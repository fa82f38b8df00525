"""Opens a stranger's picture in a child of its own. Blocks: for a worker thread, never the window.

The file is opened here, once, read-only, without following a link, and handed over as an open
file: what is checked is what is read.
"""

import os
import subprocess
import threading
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from studio.core.arrays import Picture, pixel_hash
from studio.core.credentials import Credentials
from studio.core.errors import PictureError, RecipeError, StudioError
from studio.core.recipe_json import ReadRecipe, recipe_from_json
from studio.files.images import MAX_FILE_BYTES
from studio.files.places import child_command
from studio.opener.answer import MAX_LINE_BYTES, Answer, Refusal
from studio.opener.open_file import OpenFile
from studio.opener.picture_reader import MAX_WHOLE_PIXELS

# Decoding the largest picture allowed takes some 3 s; starting the child on a busy machine 2 s.
TIMEOUT_S: Final = 15.0
_MAX_OUTPUT_BYTES: Final = MAX_LINE_BYTES + 3 * MAX_WHOLE_PIXELS
_OTHER: Final = "Choose another picture."


class OpenedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """What a picture file holds. The picture and the recipe do not depend on each other.

    Attributes:
        recipe: The recipe, checked; None when there is none, or it was refused.
        pixel_hash_in_file: Hash of the pixels as the file says, "" when it says none.
        picture: uint8 [H, W, 3], read-only; None when it was refused.
        is_whole: Whether `picture` has all its pixels; otherwise it was made smaller.
        width: Of the picture in the file.
        height: Of the picture in the file.
        parameters_text: Readable text, as programs of this kind write it; for showing only.
        made_with: "ComfyUI", "InvokeAI" when a recipe of theirs was seen, else "".
        credentials: Content Credentials, compared with the file's bytes; None without any.
        refused: Why recipe or picture are missing; None when nothing was refused.
    """

    recipe: ReadRecipe | None = None
    pixel_hash_in_file: str = ""
    picture: Picture | None = None
    is_whole: bool = False
    width: int = 0
    height: int = 0
    parameters_text: str = ""
    made_with: str = ""
    credentials: Credentials | None = None
    refused: StudioError | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether the pixels are those that were saved with the recipe."""
        return (
            self.picture is not None
            and self.is_whole
            and pixel_hash(self.picture) == self.pixel_hash_in_file
        )


def open_recipe_picture(path: Path, *, timeout_s: float = TIMEOUT_S) -> OpenedPicture:
    """Give picture and recipe of a file from anywhere. Never raises for what is in the file.

    Args:
        path: A regular file; a link, a folder or a pipe is refused.
        timeout_s: When the child is ended.
    """
    try:
        with OpenFile(path, noun="picture", max_bytes=MAX_FILE_BYTES, error=PictureError) as file:
            output = _run_child(file.descriptor, timeout_s)
        return _opened(output)
    except StudioError as error:
        return OpenedPicture(refused=error)


def _run_child(descriptor: int, timeout_s: float) -> bytes:
    """Give what the child writes; it is ended at the limit of time or of bytes."""
    child = subprocess.Popen(
        child_command("opener"),
        stdin=descriptor,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    found: list[bytes] = []
    stream = child.stdout
    assert stream is not None
    reader = threading.Thread(
        target=lambda: found.append(stream.read(_MAX_OUTPUT_BYTES + 1)), daemon=True
    )
    reader.start()
    reader.join(timeout_s)
    is_late = reader.is_alive()
    if is_late or (found and len(found[0]) > _MAX_OUTPUT_BYTES):
        child.kill()
    status = child.wait()
    reader.join()
    stream.close()
    if is_late:
        raise PictureError("The picture took too long to open, so it was given up.", _OTHER)
    if status != 0 or not found or len(found[0]) > _MAX_OUTPUT_BYTES:
        raise PictureError("The picture is damaged: reading it failed.", _OTHER)
    return found[0]


def _opened(output: bytes) -> OpenedPicture:
    """Give what the child found; its words are checked as the file's own would be."""
    line, _, pixels = output.partition(b"\n")
    try:
        answer = msgspec.json.decode(line, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PictureError("The picture is damaged: reading it failed.", _OTHER) from error
    recipe = None
    refused = _error(answer.recipe_refused, RecipeError)
    if answer.recipe:
        read = recipe_from_json(answer.recipe)
        recipe = ReadRecipe(read.recipe, answer.unknown_fields)
    rows, columns = answer.shape
    picture = None
    if rows > 0 and columns > 0 and len(pixels) == rows * columns * 3:
        picture = np.frombuffer(pixels, dtype=np.uint8).reshape(rows, columns, 3)
    return OpenedPicture(
        recipe=recipe,
        pixel_hash_in_file=answer.pixel_hash,
        picture=picture,
        is_whole=answer.is_whole and picture is not None,
        width=answer.width,
        height=answer.height,
        parameters_text=answer.parameters,
        made_with=answer.made_with,
        credentials=answer.credentials,
        refused=refused or _error(answer.picture_refused, PictureError),
    )


def _error(refusal: Refusal | None, kind: type[StudioError]) -> StudioError | None:
    return None if refusal is None else kind(refusal.what, refusal.way_out)
