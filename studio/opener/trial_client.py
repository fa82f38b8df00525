"""Has a stranger's graph tried in a child of its own. Blocks: never in the window's thread."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.core.model_card import (
    DIRECTIONS_FILE,
    MAPPING_FILE,
    PREVIEW_AS_DRAWN_FILE,
    PREVIEW_FILE,
    SYNTHESIS_FILE,
    ModelCard,
)
from studio.files.model_stage import ModelStage
from studio.opener.answer import MAX_LINE_BYTES
from studio.opener.limited_child import ChildFailedError, LimitedChild
from studio.opener.open_file import OpenFile
from studio.protocol.trial_messages import (
    Question,
    TrialAsked,
    TrialEvent,
    TrialRefused,
    TrialStep,
    TrialWishes,
    Tried,
)

# From one word of the child to the next: the longest is one picture of a costly graph.
SILENCE_S: Final = 30.0
_OTHER: Final = "Choose another model."
_FILES: Final = frozenset(
    {MAPPING_FILE, SYNTHESIS_FILE, DIRECTIONS_FILE, PREVIEW_FILE, PREVIEW_AS_DRAWN_FILE}
)

Tell = Callable[[float, str], None]


class QuestionsError(Exception):
    """The trial needs answers; `questions` says which."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__(questions)
        self.questions = tuple(questions)


def try_graph(
    file: OpenFile,
    stage: ModelStage,
    *,
    wishes: TrialWishes,
    tell: Tell,
    is_stopping: Callable[[], bool] | None = None,
    silence_s: float = SILENCE_S,
) -> ModelCard:
    """Put the files of the model that a graph makes on a stage, and give its card.

    Args:
        file: The graph, open.
        stage: Where to.
        wishes: What the artist said about it.
        tell: Called with how far it is, 0…1, and a word.
        is_stopping: Asked all the time.
        silence_s: How long it may say nothing.

    Raises:
        ModelError: It is not allowed, or no generator of pictures.
        QuestionsError: Something could not be found out.
        StorageError: It cannot be written.
        StoppedError: It is not wanted any more.
    """
    child = LimitedChild(
        ["trial", "graph", msgspec.json.encode(wishes).decode()],
        descriptor=file.descriptor,
        silence_s=silence_s,
        is_stopping=is_stopping,
    )
    with child:
        tried = _follow(child, tell)
        if tried.card is None or {name for name, _ in tried.files} - _FILES:
            raise _failed()
        for name, size in tried.files:
            stage.put(name, _whole(child, size))
    return tried.card


def try_folder(folder: Path, *, tell: Tell, is_stopping: Callable[[], bool] | None = None) -> None:
    """Make one picture with a model that lies on a stage; raises as `try_graph` does."""
    child = LimitedChild(
        ["trial", "folder", str(folder)],
        descriptor=None,
        silence_s=SILENCE_S,
        is_stopping=is_stopping,
    )
    with child:
        _follow(child, tell)


def _follow(child: LimitedChild, tell: Tell) -> Tried:
    while True:
        try:
            event = msgspec.json.decode(child.line(MAX_LINE_BYTES), type=TrialEvent)
        except ChildFailedError as error:
            raise _ended(error) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _failed() from error
        match event:
            case TrialStep():
                tell(event.share, event.what)
            case TrialAsked():
                raise QuestionsError(event.questions)
            case TrialRefused():
                raise ModelError(event.what, event.way_out)
            case Tried():
                return event


def _whole(child: LimitedChild, size: int) -> Sequence[bytes]:
    try:
        return list(child.blocks(size))
    except ChildFailedError as error:
        raise _ended(error) from error


def _ended(error: ChildFailedError) -> ModelError:
    if error.ending == "late":
        return ModelError(f"The graph did not answer within {SILENCE_S:.0f} s.", _OTHER)
    return _failed()


def _failed() -> ModelError:
    """Give the sentence for a child that died: at its limits, or in the runtime."""
    return ModelError("The graph failed at its trial, so it was not opened.", _OTHER)
