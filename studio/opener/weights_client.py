"""Looks at a stranger's file of weights, or takes its tensors, through a child of its own.

Blocks: for a worker thread or a trainer, never the window.
"""

import hashlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ModelError
from studio.opener.answer import MAX_LINE_BYTES
from studio.opener.generator_state import MAX_VALUES
from studio.opener.limited_child import ChildFailedError, LimitedChild
from studio.opener.open_file import OpenFile
from studio.opener.weights_answer import Layout, Setting, WeightsAnswer, WeightsFacts
from studio.opener.weights_host import MAX_WEIGHTS_BYTES

SILENCE_S: Final = 30.0  # the largest file, on a busy machine
_OTHER: Final = "Choose another file."
_BLOCK_BYTES: Final = 1024 * 1024


class Weights(msgspec.Struct, frozen=True):
    """A generator's weights, out of a stranger's file.

    Attributes:
        facts: What they are.
        layout: Whose way of naming and storing it is.
        settings: By module, the plain values that it remembers; "" is the whole network.
        tensors: float32, read-only, by NVIDIA's names.
        sha256: Of the whole file, hex; "" when it was only looked at.
    """

    facts: WeightsFacts
    layout: Layout
    settings: dict[str, dict[str, Setting]]
    tensors: dict[str, NDArray[np.float32]]
    sha256: str = ""


def look_at_weights(path: Path, *, is_stopping: Callable[[], bool] | None = None) -> WeightsFacts:
    """Give what a file of weights is.

    Args:
        path: A regular file; a link, a folder or a pipe is refused.
        is_stopping: Asked all the time; once it says yes, `StoppedError` is raised.

    Raises:
        ModelError: It holds nothing that this program knows, or something that it must not.
    """
    return _ask(path, "look", is_stopping=is_stopping).facts


def read_weights(path: Path, *, is_stopping: Callable[[], bool] | None = None) -> Weights:
    """Give the weights in a file; arguments and errors as of `look_at_weights`."""
    return _ask(path, "read", is_stopping=is_stopping)


def _ask(path: Path, word: str, *, is_stopping: Callable[[], bool] | None) -> Weights:
    with (
        OpenFile(path, noun="model", max_bytes=MAX_WEIGHTS_BYTES, error=ModelError) as file,
        LimitedChild(
            ("opener", "weights", word),
            descriptor=file.descriptor,
            silence_s=SILENCE_S,
            is_stopping=is_stopping,
        ) as child,
    ):
        try:
            answer = _answer(child.line(MAX_LINE_BYTES))
            facts = answer.facts
            assert facts is not None  # `_answer` raises otherwise
            tensors = _tensors(child, answer) if word == "read" else {}
        except ChildFailedError as error:
            how = "took too long to read" if error.ending == "late" else "is damaged"
            raise ModelError(f"This file {how}, so it was given up.", _OTHER) from error
        sha256 = _hash_of(file) if word == "read" else ""
    return Weights(facts, answer.layout, answer.settings, tensors, sha256)


def _answer(line: bytes) -> WeightsAnswer:
    """Give the child's words; they are checked as the file's own would be."""
    try:
        answer = msgspec.json.decode(line, type=WeightsAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("This file is damaged, so it was given up.", _OTHER) from error
    if answer.refused is not None:
        raise ModelError(answer.refused.what, answer.refused.way_out)
    sizes = [math.prod(shape) for _, shape in answer.tensors]
    if answer.facts is None or min(sizes, default=-1) < 0 or sum(sizes) > MAX_VALUES:
        raise ModelError("This file is damaged, so it was given up.", _OTHER)
    return answer


def _tensors(child: LimitedChild, answer: WeightsAnswer) -> dict[str, NDArray[np.float32]]:
    found: dict[str, NDArray[np.float32]] = {}
    for name, shape in answer.tensors:
        raw = b"".join(child.blocks(4 * math.prod(shape)))
        found[name] = np.frombuffer(raw, "<f4").reshape(shape)
    return found


def _hash_of(file: OpenFile) -> str:
    """Give the SHA-256 of the open file: the child has read the very same bytes."""
    digest = hashlib.sha256()
    os.lseek(file.descriptor, 0, os.SEEK_SET)
    while block := os.read(file.descriptor, _BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()
