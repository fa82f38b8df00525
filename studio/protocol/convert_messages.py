"""What a trainer is asked to make of a StyleGAN file from elsewhere, and what it tells."""

from typing import Literal

from studio.core.model_card import Right
from studio.protocol.codec import Message


class ConvertJob(Message, frozen=True, tag="convert"):
    """Make a model of a stranger's file, proved by the engine; `Exported` tells its folder.

    Attributes:
        file: The file, only read, by the opener.
        name: What to call the model.
        rights: What its keeper says about its rights.
        credit: The line that every export carries.
        models: Folder of models.
        taken: Ids that are in use in other folders of models.
        class_index: Which class the pictures show, where the network knows classes.
    """

    file: str
    name: str
    models: str
    rights: tuple[Right, ...] = ()
    credit: str = ""
    taken: tuple[str, ...] = ()
    class_index: int = 0


class Converting(Message, frozen=True, tag="converting"):
    """What is done at the moment, and how far the whole is, 0…1."""

    what: Literal["reading", "graphs", "directions", "pictures", "proof"]
    share: float
