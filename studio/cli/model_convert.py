"""A StyleGAN file is made a model by a trainer; the command line shows how far it is."""

import tempfile
from pathlib import Path

from studio.cli.progress import Progress
from studio.cli.trainer import do_job
from studio.core.errors import TrainingError
from studio.protocol.convert_messages import Converting, ConvertJob
from studio.protocol.training_messages import Exported, TrainerEvent

_STEPS = 100


def convert_weights(job: ConvertJob, *, is_silent: bool = False) -> Path:
    """Make a model of a StyleGAN2, StyleGAN2-ADA or StyleGAN3 file; gives its folder.

    Args:
        job: What to make of which file.
        is_silent: Show no progress.

    Raises:
        TrainingError: It cannot be used, with the sentence why.
    """
    with (
        tempfile.TemporaryDirectory() as place,
        Progress("% made", _STEPS, is_silent=is_silent) as progress,
    ):

        def show(event: TrainerEvent) -> None:
            if isinstance(event, Converting):
                progress.advance(max(0, int(event.share * _STEPS) - progress.num_done))

        made = do_job(Path(place), job, name="convert", show=show)
    if not isinstance(made, Exported):
        raise TrainingError("The model was not made.", "Try again.")
    return Path(made.folder)
