"""What the trial child says about a stranger's graph, and what may be wished of it.

The child writes lines of these; after `Tried` the bytes of its files follow.
"""

from typing import Final, Literal, TypeAlias

import msgspec

from studio.core.model_card import ModelCard

Colours = Literal["", "-1..1", "0..1", "0..255"]
Layout = Literal["", "NCHW", "NHWC"]
# What an input can be; a number stands for itself.
LATENT: Final = "latent"
CLASS: Final = "class"
NOISE: Final = "noise"


class TrialWishes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the artist said about a graph; what was not said is found out.

    Attributes:
        colours: Range of the picture's numbers.
        layout: Order of its axes.
        inputs: Name of an input → "latent", "class", "noise" or a number.
        classes: Classes that get a slider, the one that is shown first at the front.
    """

    colours: Colours = ""
    layout: Layout = ""
    inputs: dict[str, str] = {}
    classes: tuple[int, ...] = ()


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that could not be found out.

    Attributes:
        key: "colours", "layout", "class", or "input:" and the name of one.
        what: A question for people.
        choices: Answers, the likely one first.
    """

    key: str
    what: str
    choices: tuple[str, ...]


class TrialStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step"):
    """How far the trial is, 0…1, and a word on what is done."""

    share: float
    what: str


class TrialAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="asked"):
    """The trial cannot go on without answers."""

    questions: tuple[Question, ...]


class TrialRefused(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="refused"):
    """A sentence for people and the way out."""

    what: str
    way_out: str


class Tried(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="tried"):
    """It works.

    Attributes:
        card: The card, without name and rights; None for a model folder, which has its own.
        files: Names and sizes of the files whose bytes follow.
    """

    card: ModelCard | None = None
    files: tuple[tuple[str, int], ...] = ()


TrialEvent: TypeAlias = TrialStep | TrialAsked | TrialRefused | Tried


def answered(wishes: TrialWishes, key: str, *, answer: str) -> TrialWishes:
    """Give the wishes with the answer to a question."""
    if key.startswith("input:"):
        inputs = {**wishes.inputs, key.removeprefix("input:"): answer}
        return msgspec.structs.replace(wishes, inputs=inputs)
    if key == "class":
        return msgspec.structs.replace(wishes, classes=(int(answer),))
    return msgspec.convert({**msgspec.to_builtins(wishes), key: answer}, TrialWishes)
