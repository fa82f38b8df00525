"""The trial run of a stranger's graph: what it really gives is looked at, not what it says.

Shape legend: N pictures, L layers, D width of w, Z numbers of the latent.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ModelError
from studio.core.latent import FloatArray, z_from_seeds
from studio.engine.foreign_graph import ForeignModel, PictureOutput
from studio.engine.foreign_inputs import AskedError, shape_text
from studio.engine.graph_cost import asked_for, check_cost
from studio.engine.providers import open_session
from studio.opener.onnx_walk import WalkedGraph
from studio.protocol.trial_messages import Question, TrialWishes

_NUM_DRAWS: Final = 12
_MIN_SIDE: Final = 4
_MAX_SIDE: Final = 8192
_NAMED_PICTURE: Final = re.compile(
    r"(image|img|picture|rgb|sample|out|fake|x_?hat|recon)", re.IGNORECASE
)
# Share of the values below 0 by which −1…1 and 0…1 are told apart when the last operation does not.
_SURE_BELOW: Final = 0.08
_MAYBE_BELOW: Final = 0.01
# −1…1 and 0…1 run over their ends by less than this, 0…255 by far more.
_FEW: Final = 12.0
_SAME: Final = 1e-3
_OTHER: Final = "Choose another model."
_ALLOCATION: Final = re.compile(r"requested buffer of size (\d+)|allocate (\d+) bytes")

Run = Callable[[FloatArray], list[NDArray[np.float32]]]
Tell = Callable[[str], None]


class Found(msgspec.Struct, frozen=True):
    """What the trial found.

    Attributes:
        picture: The output that is the picture.
        is_single: Whether the graph makes one picture at a time only.
    """

    picture: PictureOutput
    is_single: bool


def try_graph(model: ForeignModel, graph: WalkedGraph, *, wishes: TrialWishes, tell: Tell) -> Found:
    """Run a graph and look at what it gives.

    Args:
        model: The graph.
        graph: The same, walked.
        wishes: What the artist said.
        tell: Called before each run.

    Raises:
        ModelError: It is too costly, cannot be run, or gives no picture.
        AskedError: It is not clear what it gives.
    """
    if not model.outputs:
        raise _no_picture("nothing that is made of numbers")
    check_cost(model.raw_model())
    tell("the first picture")
    everything = _run_once(model.raw_model(), w_of(model, [0]))
    name, drawn = _choose(dict(zip(model.outputs, everything, strict=True)))
    run = _runner(model.raw_model(name))
    draws = []
    for seed in range(_NUM_DRAWS):
        tell("looking at its colours")
        draws.append(run(w_of(model, [seed]))[0][:1])
        if not np.isfinite(draws[-1]).all():
            raise ModelError("The graph gives numbers that are no picture.", _OTHER)
    _check_varies(draws)
    shape = drawn.shape[1:] if drawn.ndim == 4 else drawn.shape
    layout = wishes.layout or _layout_of(shape)
    colours = wishes.colours or _colours_of(draws, name=name, graph=graph)
    picture = PictureOutput(name, shape, layout, colours)
    tell("looking at several at once")
    return Found(picture, _is_single(model, run, draws=draws))


def w_of(model: ForeignModel, seeds: Sequence[int]) -> FloatArray:
    """Give w [N, L, D] of seeds, as mapping.onnx gives it."""
    z_NZ = z_from_seeds(seeds, model.num_z)
    w_NLD = np.repeat(z_NZ[:, None], model.layers, axis=1)
    if model.classes:
        row = np.zeros((len(z_NZ), 1, len(model.classes)), dtype=np.float32)
        row[:, :, 0] = 1
        w_NLD = np.concatenate([w_NLD, row], axis=2)
    return np.ascontiguousarray(w_NLD, dtype=np.float32)


def _runner(raw: bytes) -> Run:
    try:
        session: Any = open_session(raw, "cpu").session
    except Exception as error:
        raise _runtime_error(error) from error

    def run(w_NLD: FloatArray) -> list[NDArray[np.float32]]:
        made: list[NDArray[np.float32]] = session.run(None, {"w": w_NLD})
        return made

    return run


def _run_once(raw: bytes, w_NLD: FloatArray) -> list[NDArray[np.float32]]:
    run = _runner(raw)
    try:
        return run(w_NLD)
    except Exception as error:
        raise _runtime_error(error) from error


def _runtime_error(error: Exception) -> ModelError:
    """Give a sentence for what the runtime says, which is for developers."""
    text = str(error)
    if found := _ALLOCATION.search(text):
        return asked_for(float(found[1] or found[2]))
    if isinstance(error, MemoryError) or "bad_alloc" in text or "Failed to allocate" in text:
        return ModelError("The graph asked for more memory than a model may have.", _OTHER)
    return ModelError(
        "The graph cannot be run: its parts do not fit together.",
        "Ask its maker for another export.",
    )


def _choose(made: dict[str, NDArray[np.float32]]) -> tuple[str, NDArray[np.float32]]:
    """Give the output that is a picture: the one called so, else the largest."""
    fitting = {name: table for name, table in made.items() if _planes(table.shape)}
    if not fitting:
        found = ", ".join(shape_text(table.shape) for table in list(made.values())[:4])
        raise _no_picture(found)

    def rank(name: str) -> tuple[int, bool]:
        return fitting[name].size, _NAMED_PICTURE.search(name) is not None

    best = max(fitting, key=rank)
    return best, fitting[best]


def _planes(shape: tuple[int, ...]) -> bool:
    """Say whether a shape is a picture's."""
    sides = shape[1:] if len(shape) == 4 else shape
    if len(sides) != 3:
        return False
    return any(
        channels in (1, 3, 4) and min(rest) >= _MIN_SIDE and max(rest) <= _MAX_SIDE
        for channels, *rest in ((sides[0], *sides[1:]), (sides[2], *sides[:2]))
    )


def _layout_of(shape: tuple[int, ...]) -> str:
    is_first, is_last = shape[0] in (1, 3, 4), shape[2] in (1, 3, 4)
    if is_first and is_last:
        raise AskedError(
            Question("layout", "In which order are the axes of its picture?", ("NCHW", "NHWC"))
        )
    rows, columns = shape[1:] if is_first else shape[:2]
    if rows != columns:
        raise ModelError(
            f"Its pictures are {columns} × {rows} px; only square ones can be used here.", _OTHER
        )
    return "NCHW" if is_first else "NHWC"


def _colours_of(draws: Sequence[NDArray[np.float32]], *, name: str, graph: WalkedGraph) -> str:
    """Give the range of the numbers: by the last operation, else by what was drawn."""
    values = np.concatenate([draw.ravel() for draw in draws])
    last = _last_operator(graph, name)
    if last == "Tanh":
        return "-1..1"
    if last == "Sigmoid":
        return "0..1"
    lowest, highest = float(values.min()), float(values.max())
    if highest > _FEW and lowest > -_FEW * 4:
        return "0..255"
    if highest > _FEW or lowest < -_FEW:
        raise ModelError(
            f"The numbers of its pictures run from {lowest:.3g} to {highest:.3g}, which are no "
            "colours.",
            _OTHER,
        )
    below = float((values < 0).mean())
    if lowest >= 0:
        return "0..1"
    if below > _SURE_BELOW or lowest < -0.5:
        return "-1..1"
    if below < _MAYBE_BELOW and highest > 0.5:
        return "0..1"
    raise AskedError(
        Question("colours", "Which numbers are black and white?", ("-1..1", "0..1", "0..255"))
    )


def _last_operator(graph: WalkedGraph, output: str) -> str:
    """Give the last operation that changes values on the way to an output."""
    by_output = {made: node for node in graph.nodes for made in node.outputs}
    wanted = output
    while (node := by_output.get(wanted)) is not None:
        if node.operator not in (
            "Identity",
            "Cast",
            "Transpose",
            "Reshape",
            "Squeeze",
            "Unsqueeze",
        ):
            return node.operator
        if not node.inputs:
            return ""
        by_output.pop(wanted)  # a ring ends here
        wanted = node.inputs[0]
    return ""


def _check_varies(draws: Sequence[NDArray[np.float32]]) -> None:
    if all(np.array_equal(draw, draws[0]) for draw in draws[1:]):
        raise ModelError("The graph gives the same picture for every seed.", _OTHER)


def _is_single(model: ForeignModel, run: Run, *, draws: Sequence[NDArray[np.float32]]) -> bool:
    """Say whether two pictures at once are refused, or are not the two that were drawn alone."""
    if model.inputs.latent.batch > 1 or len(model.inputs.latent.shape) == 1:
        return True
    try:
        both = run(w_of(model, [0, 1]))[0]
    except Exception:  # noqa: BLE001 - the runtime raises classes of its own
        return True
    alone = np.concatenate(draws[:2])
    if both.shape != alone.shape:
        return True
    reach = max(float(np.abs(alone).max()), 1.0)
    return float(np.abs(both - alone).max()) > _SAME * reach * 10


def _no_picture(found: str) -> ModelError:
    return ModelError(f"The graph gives no picture: it gives {found}.", _OTHER)
