"""What the inputs of a stranger's graph are for: found by their names, shapes and types.

Shape legend: N pictures, L layers, D width of a layer, C classes.
"""

import math
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.opener.onnx_walk import GraphValue, WalkedGraph
from studio.protocol.trial_messages import CLASS, LATENT, NOISE, Question, TrialWishes

_FLOATS: Final = (1, 10, 11)
_INTEGERS: Final = (2, 3, 5, 6, 7)
_BOOLEAN: Final = 9
MAX_LATENT: Final = 65_536
_MAX_NOISE: Final = 4 * 1024 * 1024
_NAMED_LATENT: Final = re.compile(r"^(z|w|ws|w_plus|d?latents?|codes?|styles?|latent_.*|z_.*)$")
_NAMED_CLASS: Final = re.compile(
    r"(^|_)(c|y|cls|class(es)?|class_?ids?|labels?|category|categories)$"
)
_NAMED_NOISE: Final = re.compile(r"(noise|grain|eps(ilon)?)")
_NAMED_ONE: Final = re.compile(r"(trunc|psi|temperature|strength|scale)")
_OTHER: Final = "Ask its maker what the graph takes, or choose another model."


class AskedError(Exception):
    """Something could not be found out; `questions` says what."""

    def __init__(self, *questions: Question) -> None:
        super().__init__(questions)
        self.questions = questions


class LatentInput(msgspec.Struct, frozen=True):
    """The input that a picture comes from.

    Attributes:
        name: Of the input.
        element_type: ONNX's number of its type.
        shape: As the file says; the first side counts pictures, unless there is only one.
        layers: L, 1 when it has one row of numbers.
        width: D.
    """

    name: str
    element_type: int
    shape: tuple[int | None, ...]
    layers: int
    width: int

    @property
    def batch(self) -> int:
        """How many pictures the graph makes at once, 0 for any number."""
        return (self.shape[0] or 0) if len(self.shape) > 1 else 1


class ClassInput(msgspec.Struct, frozen=True):
    """The input that says which class; it is a number, or one weight per class.

    Attributes:
        name: Of the input.
        element_type: ONNX's number of its type.
        shape: As the file says.
        count: C, 0 when nothing says it.
        is_weights: Whether it takes one weight for each class.
    """

    name: str
    element_type: int
    shape: tuple[int | None, ...]
    count: int
    is_weights: bool


class FixedInput(msgspec.Struct, frozen=True):
    """An input that always gets the same: a number, or (None) noise that is drawn once."""

    name: str
    element_type: int
    shape: tuple[int | None, ...]
    value: float | None


class Inputs(msgspec.Struct, frozen=True):
    """All inputs of a graph."""

    latent: LatentInput
    classes: ClassInput | None
    fixed: tuple[FixedInput, ...]


def read_inputs(graph: WalkedGraph, wishes: TrialWishes) -> Inputs:
    """Give what each input is for.

    Raises:
        ModelError: There is no latent, or one that cannot be fed.
        AskedError: It is not clear.
    """
    roles = {value.name: wishes.inputs.get(value.name) or _role(value) for value in graph.inputs}
    by_name = {value.name: value for value in graph.inputs}
    if unknown := sorted(set(wishes.inputs) - set(by_name)):
        raise ModelError(f"The graph has no input “{unknown[0]}”.", _names(by_name))
    _settle(roles, by_name)
    latents = [by_name[name] for name, role in roles.items() if role == LATENT]
    if len(latents) > 1:
        raise ModelError("More than one input was said to be the latent.", _names(by_name))
    if not latents:
        raise ModelError(
            "This graph takes no latent, so it is no generator of pictures from chance.", _OTHER
        )
    classes = [by_name[name] for name, role in roles.items() if role == CLASS]
    if len(classes) > 1:
        raise ModelError("More than one input was said to be the class.", _names(by_name))
    rest = [(by_name[name], role) for name, role in roles.items() if role not in (LATENT, CLASS)]
    return Inputs(
        _latent(latents[0]),
        _class(classes[0], graph) if classes else None,
        tuple(_fixed(value, role) for value, role in rest),
    )


def _role(value: GraphValue) -> str:
    """Give what an input is by its name and type; "" when it may be the latent."""
    name = value.name.lower()
    is_one = _size(value.shape) == 1 and None not in value.shape[1:]
    if value.element_type == _BOOLEAN:
        return "0"
    if value.element_type in _INTEGERS:
        return CLASS if _NAMED_CLASS.search(name) else "?"
    if value.element_type not in _FLOATS:
        raise ModelError(f"Its input “{value.name[:60]}” takes no numbers.", _OTHER)
    if _NAMED_CLASS.search(name) and not is_one:
        return CLASS
    if is_one:
        return "1" if _NAMED_ONE.search(name) else "?"
    return ""


def _settle(roles: dict[str, str], by_name: Mapping[str, GraphValue]) -> None:
    """Choose the latent among those that may be it, and ask about what is left.

    Raises:
        AskedError: It is not clear.
    """
    open_ones = [name for name, role in roles.items() if not role]
    if LATENT not in roles.values() and open_ones:
        named = [name for name in open_ones if _NAMED_LATENT.match(name.lower())]
        quiet = [name for name in open_ones if not _NAMED_NOISE.search(name.lower())]
        sure = next((c for c in (named, quiet, open_ones) if len(c) == 1), None)
        if sure is None:
            raise AskedError(*(_ask(name, by_name[name]) for name in open_ones))
        roles[sure[0]] = LATENT
    for name in open_ones:
        if not roles[name]:
            is_noise = _NAMED_NOISE.search(name.lower()) or len(by_name[name].shape) == 4
            roles[name] = NOISE if is_noise else "?"
    unclear = [name for name, role in roles.items() if role == "?"]
    if unclear:
        raise AskedError(*(_ask(name, by_name[name]) for name in unclear))


def _ask(name: str, value: GraphValue) -> Question:
    choices: tuple[str, ...] = (LATENT, NOISE, CLASS, "0", "1")
    if value.element_type in _INTEGERS:
        choices = (CLASS, "0", "1")
    elif _size(value.shape) == 1:
        choices = ("1", "0")
    what = f"What is the input “{name[:60]}” {shape_text(value.shape)}?"
    return Question(f"input:{name}", what, choices)


def shape_text(shape: tuple[int | None, ...]) -> str:
    """Give a shape as people write it, with N for a side that may vary."""
    return "[" + ", ".join("N" if side is None else str(side) for side in shape) + "]"


def _latent(value: GraphValue) -> LatentInput:
    sides = value.shape[1:] if len(value.shape) > 1 else value.shape
    if not sides or any(side is None or side < 1 for side in sides):
        raise ModelError(
            f"The file does not say how many numbers its input “{value.name[:60]}” takes.",
            "Ask its maker to export it with a fixed width.",
        )
    size = math.prod(side or 0 for side in sides)
    if value.element_type not in _FLOATS or size > MAX_LATENT:
        raise ModelError(
            f"Its input “{value.name[:60]}” takes {size:,} numbers, which is no latent.", _OTHER
        )
    # [N, L, D] is one latent per layer; every other shape is one latent for the whole picture.
    layers = sides[0] or 1 if len(sides) == 2 and (sides[1] or 0) > 1 else 1
    if not 1 <= layers <= 64:
        layers = 1
    return LatentInput(value.name, value.element_type, value.shape, layers, size // layers)


def _class(value: GraphValue, graph: WalkedGraph) -> ClassInput:
    is_weights = value.element_type in _FLOATS
    count = (value.shape[-1] or 0) if is_weights and value.shape else _num_classes(value, graph)
    if is_weights and count < 1:
        raise ModelError("The file does not say how many classes there are.", _OTHER)
    return ClassInput(value.name, value.element_type, value.shape, count, is_weights)


def _num_classes(value: GraphValue, graph: WalkedGraph) -> int:
    """Give the rows of the table that a class number is looked up in, 0 when there is none."""
    followed = {value.name}
    tables = {table.name: table for table in graph.tables}
    for node in graph.nodes:
        if node.operator in ("Cast", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten"):
            if node.inputs and node.inputs[0] in followed:
                followed.update(node.outputs)
        elif node.operator == "Gather" and len(node.inputs) > 1 and node.inputs[1] in followed:
            table = tables.get(node.inputs[0])
            if table is not None and table.shape:
                return table.shape[0]
    return 0


def _fixed(value: GraphValue, role: str) -> FixedInput:
    if _size(value.shape) > _MAX_NOISE:
        raise ModelError(f"Its input “{value.name[:60]}” is too large.", _OTHER)
    if role == NOISE:
        return FixedInput(value.name, value.element_type, value.shape, None)
    try:
        number = float(role)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ModelError(
            f"“{role[:40]}” is nothing that an input can be.",
            "Say latent, class, noise or a number.",
        )
    return FixedInput(value.name, value.element_type, value.shape, number)


def _size(shape: tuple[int | None, ...]) -> int:
    return math.prod(side or 1 for side in shape)


def _names(by_name: Mapping[str, GraphValue]) -> str:
    return "It has these: " + ", ".join(f"“{name[:40]}”" for name in list(by_name)[:8]) + "."
