"""Unpacks a stranger's zip with a model in a child of its own. Blocks: never in the window's thread."""

from collections.abc import Callable
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.core.model_card import ModelCard
from studio.files.model_stage import ModelStage
from studio.opener.answer import MAX_LINE_BYTES, ModelAnswer
from studio.opener.limited_child import ChildFailedError, LimitedChild
from studio.opener.model_reader import LISTED_FILES, SMALL_FILES
from studio.opener.open_file import OpenFile

MAX_ZIP_BYTES: Final = 1536 * 1024 * 1024
# Hashing and walking the largest model takes some 20 s; nothing is said meanwhile.
_SILENCE_S: Final = 60.0
_ASK: Final = "Ask its maker for another copy."


def unpack_model(
    file: OpenFile, stage: ModelStage, *, is_stopping: Callable[[], bool] | None = None
) -> ModelCard:
    """Put the files of a model's zip on a stage, without its card, which is given.

    Args:
        file: The zip, open.
        stage: Where to; half of the model may lie there when it fails.
        is_stopping: Asked all the time.

    Raises:
        ModelError: There is no model in it, or one that is not allowed.
        StorageError: It cannot be written.
        StoppedError: It is not wanted any more.
    """
    child = LimitedChild(
        ["opener", "model"],
        descriptor=file.descriptor,
        silence_s=_SILENCE_S,
        is_stopping=is_stopping,
    )
    try:
        with child:
            answer = _answer(child.line(MAX_LINE_BYTES))
            if answer.card is None:
                refused = answer.refused
                raise ModelError(refused.what, refused.way_out) if refused else _failed()
            for name, size in answer.files:
                if name not in LISTED_FILES and name not in SMALL_FILES:
                    raise _failed()
                stage.put(name, child.blocks(size))
    except ChildFailedError as error:
        if error.ending == "late":
            raise ModelError("The model took too long to open, so it was given up.", _ASK) from None
        raise _failed() from error
    return answer.card


def _answer(line: bytes) -> ModelAnswer:
    """Give what the child says; its words are checked as a stranger's would be."""
    try:
        return msgspec.json.decode(line, type=ModelAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _failed() from error


def _failed() -> ModelError:
    return ModelError("The model is damaged: reading it failed.", _ASK)
