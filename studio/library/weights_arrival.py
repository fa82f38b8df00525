"""A StyleGAN file on its way in: looked at, then made into graphs by a trainer of its own.

The trainer reads it through the opener, writes onto the stage and ends when its starter does.
Blocks for a minute or more: for a worker thread or the command line.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from studio.core.errors import ModelError
from studio.core.model_card import ModelCard
from studio.files.atomic import write_bytes_atomic
from studio.files.model_folder import read_card
from studio.files.model_stage import ModelStage
from studio.opener.limited_child import ChildFailedError, LimitedChild
from studio.opener.trial_client import QuestionsError
from studio.opener.weights_client import look_at_weights
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.convert_messages import Converting, ConvertJob
from studio.protocol.training_messages import Exported, Failed, TrainerEvent
from studio.protocol.trial_messages import Question, TrialWishes

_SILENCE_S: Final = 900.0  # writing the graphs of 1024 px is one long call of a library
_MAX_LINE_BYTES: Final = 65_536
_MAX_CHOICES: Final = 1000

Tell = Callable[[float, str], None]


def convert_weights(
    path: Path,
    stage: ModelStage,
    *,
    wishes: TrialWishes,
    tell: Tell,
    is_stopping: Callable[[], bool],
) -> ModelCard:
    """Make a StyleGAN2, StyleGAN2-ADA or StyleGAN3 file a model on a stage.

    Args:
        path: The file; it is only read.
        stage: Where the model's files go.
        wishes: Of these the first class: the one that the pictures show.
        tell: Called with how far it is, 0…1, and a word.
        is_stopping: Asked all the time.

    Raises:
        ModelError: It is no file of these, damaged, or more than data.
        QuestionsError: It knows classes, and none was chosen.
        StoppedError: It is not wanted any more.
    """
    tell(0.0, "reading")
    facts = look_at_weights(path, is_stopping=is_stopping)
    if facts.classes > 1 and not wishes.classes:
        raise QuestionsError([_class_question(facts.classes)])
    network = f"{facts.name}, {facts.resolution} px"
    tell(0.0, f"reading the weights: {network}")
    job = ConvertJob(
        file=str(path.absolute()),
        folder=str(stage.folder),
        class_index=wishes.classes[0] if wishes.classes else 0,
    )
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "convert.json"
        write_bytes_atomic(file, encode_line(job))
        _watch(
            file,
            tell=lambda share, what: tell(share, f"{what}: {network}"),
            is_stopping=is_stopping,
        )
    return read_card(stage.folder)


def _class_question(classes: int) -> Question:
    what = f"This model knows {classes} kinds of pictures, by number. Which one shall it show?"
    return Question("class", what, tuple(str(one) for one in range(min(classes, _MAX_CHOICES))))


def _watch(file: Path, *, tell: Tell, is_stopping: Callable[[], bool]) -> None:
    """Run a trainer on a job until it is done. It leaves when our end of its input closes."""
    theirs, ours = os.pipe()
    try:
        with LimitedChild(
            ("trainer", str(file)),
            descriptor=theirs,
            silence_s=_SILENCE_S,
            is_stopping=is_stopping,
        ) as child:
            decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
            while True:
                event = decoder.decode(child.line(_MAX_LINE_BYTES))
                if isinstance(event, Converting):
                    tell(event.share, event.what)
                elif isinstance(event, Failed):
                    raise ModelError(event.what, event.way_out)
                elif isinstance(event, Exported):
                    return
    except (ChildFailedError, ProtocolError) as error:
        raise ModelError(
            "The file could not be made a model: the work ended unexpectedly.",
            "Close other programs, for it may have lacked memory, then try again.",
        ) from error
    finally:
        os.close(theirs)
        os.close(ours)
