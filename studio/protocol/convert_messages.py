"""What a trainer is asked to make of a StyleGAN file from elsewhere, and what it tells."""

from typing import Literal

from studio.protocol.codec import Message

Doing = Literal[
    "reading the weights",
    "writing the graphs",
    "looking for sliders",
    "drawing its sheet",
    "comparing",
]


class ConvertJob(Message, frozen=True, tag="convert"):
    """Make a model of a stranger's file, proved by the engine; `Exported` tells that it is there.

    Attributes:
        file: The file, only read, by the opener.
        folder: Empty; the model's files and its card, without id, name and rights, go into it.
        class_index: Which class the pictures show, where the network knows classes.
    """

    file: str
    folder: str
    class_index: int = 0


class Converting(Message, frozen=True, tag="converting"):
    """What is done at the moment, and how far the whole is, 0…1."""

    what: Doing
    share: float
