"""What to do when memory runs out."""

from typing import Final

from studio.core.training_spec import BATCH_UNIT, TrainingSpec

MAX_HALVINGS: Final = 3
# torch has a class of its own on a graphics card only; on a processor it is a RuntimeError.
_WORDS: Final = ("out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Gives whether an error says that memory ran out."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)


def smaller_micro_batch(micro_batch: int, spec: TrainingSpec) -> int | None:
    """Gives half of a micro-batch, None when it was halved three times or is the smallest.

    A group of 4 pictures is compared inside the critic, so fewer would change what it sees.
    """
    half = micro_batch // 2 // BATCH_UNIT * BATCH_UNIT
    smallest = (spec.micro_batch or spec.batch) / 2**MAX_HALVINGS
    return half if half >= max(BATCH_UNIT, smallest) else None
