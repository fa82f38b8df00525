"""The opener child: reads one stranger's file from its input, under limits, and ends.

The file is its standard input, opened read-only by the parent: no path is ever seen here. Whatever
happens in a decoder happens to this process alone.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from studio.core.errors import PictureError, StudioError
from studio.core.recipe_json import recipe_to_json
from studio.files.images import MAX_FILE_BYTES
from studio.opener.answer import Answer, ModelAnswer, PicturesAnswer, Refusal
from studio.opener.credentials_reader import read_credentials
from studio.opener.merged_preview import unwrapped
from studio.opener.model_reader import ModelZip
from studio.opener.picture_reader import read_strangers_picture
from studio.opener.pictures_reader import PicturesZip
from studio.opener.recipe_reader import read_recipe_text
from studio.opener.weights_host import (
    MAX_WEIGHTS_CPU_S,
    MAX_WEIGHTS_MEMORY_BYTES,
    give_weights,
)

MAX_CPU_S: Final = 10
# reliability.md §2.2 I5: decoding may take 1.5 GiB beyond what the program itself has.
MAX_MEMORY_BYTES: Final = 1536 * 1024 * 1024
MAX_OPEN_FILES: Final = 64
# The largest graph of a model, its bytes and the views of its parts, and some to spare.
MAX_MODEL_MEMORY_BYTES: Final = 3 * 1024 * 1024 * 1024
MAX_MODEL_CPU_S: Final = 120
MAX_PICTURES_CPU_S: Final = 600


def run_opener(words: Sequence[str]) -> int:
    """Read standard input, write the answer to standard output; gives the exit status.

    Args:
        words: Nothing for a picture; "model" for a zip that should hold a model; "weights" and
            "look" or "read" for a file of a published network's weights.
    """
    if words == ["model"]:
        limit_process(max_memory_bytes=MAX_MODEL_MEMORY_BYTES, max_cpu_s=MAX_MODEL_CPU_S)
        return _unpack_model()
    if words in (["weights", "look"], ["weights", "read"]):
        limit_process(
            max_memory_bytes=os.fstat(0).st_size + MAX_WEIGHTS_MEMORY_BYTES,
            max_cpu_s=MAX_WEIGHTS_CPU_S,
        )
        return give_weights(with_numbers=words[1] == "read")
    if words == ["pictures"]:
        limit_process(max_cpu_s=MAX_PICTURES_CPU_S)
        return _unpack_pictures()
    if words:
        return 2
    limit_process()
    content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    answer, pixels = answer_for(content)
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n" + pixels)
    sys.stdout.buffer.flush()
    return 0


def _unpack_model() -> int:
    """Write what was found, then the model's files, one after the other."""
    output = sys.stdout.buffer
    try:
        model = ModelZip(sys.stdin.buffer)
    except StudioError as error:
        output.write(msgspec.json.encode(ModelAnswer(refused=_refusal(error))) + b"\n")
        return 0
    sizes = tuple(model.sizes.items())
    output.write(msgspec.json.encode(ModelAnswer(card=model.card, files=sizes)) + b"\n")
    for name, _ in sizes:
        for block in model.blocks(name):
            output.write(block)
    output.flush()
    return 0


def _unpack_pictures() -> int:
    """Write what was found, then the pictures, one after the other."""
    output = sys.stdout.buffer
    try:
        pictures = PicturesZip(sys.stdin.buffer)
    except StudioError as error:
        output.write(msgspec.json.encode(PicturesAnswer(refused=_refusal(error))) + b"\n")
        return 0
    output.write(msgspec.json.encode(PicturesAnswer(pictures=pictures.pictures)) + b"\n")
    for block in pictures.blocks():
        output.write(block)
    output.flush()
    return 0


def answer_for(content: bytes) -> tuple[Answer, bytes]:
    """Give the answer for these bytes, and the bytes of the picture."""
    try:
        content = unwrapped(content)
    except PictureError as error:
        return Answer(picture_refused=_refusal(error)), b""
    texts = read_recipe_text(content)
    read = read_strangers_picture(content)
    picture = read.picture
    answer = Answer(
        recipe="" if texts.recipe is None else recipe_to_json(texts.recipe.recipe),
        unknown_fields=() if texts.recipe is None else texts.recipe.unknown_fields,
        pixel_hash=texts.pixel_hash,
        parameters=texts.parameters,
        made_with=texts.made_with,
        recipe_refused=_refusal(texts.refused),
        picture_refused=_refusal(read.refused),
        width=read.width,
        height=read.height,
        shape=(0, 0) if picture is None else (picture.shape[0], picture.shape[1]),
        is_whole=read.is_whole,
        credentials=read_credentials(content),
    )
    return answer, b"" if picture is None else np.ascontiguousarray(picture).tobytes()


def _refusal(error: StudioError | None) -> Refusal | None:
    return None if error is None else Refusal(error.what, error.way_out)


if sys.platform == "win32":

    def limit_process(
        *, max_memory_bytes: int = MAX_MEMORY_BYTES, max_cpu_s: int = MAX_CPU_S
    ) -> None:
        """Do nothing: this system has no such limits; the parent's clock is the limit."""
else:
    import resource

    def limit_process(
        *, max_memory_bytes: int = MAX_MEMORY_BYTES, max_cpu_s: int = MAX_CPU_S
    ) -> None:
        """Take away what reading a file never needs: memory, time, files to write.

        Args:
            max_memory_bytes: Beyond what the process has now.
            max_cpu_s: Processor time of all threads together.
        """
        memory = _memory_bytes() + max_memory_bytes
        for limit, value in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, max_cpu_s),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        ):
            _, hard = resource.getrlimit(limit)
            highest = value if hard == resource.RLIM_INFINITY else min(value, hard)
            try:
                resource.setrlimit(limit, (highest, highest))
            except (ValueError, OSError):
                continue  # macOS refuses RLIMIT_AS; the others hold

    def _memory_bytes() -> int:
        """Give how much address space this process has now; 2 GiB where nobody says."""
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
        except (OSError, ValueError):
            return 2 * 1024 * 1024 * 1024
        return pages * resource.getpagesize()
