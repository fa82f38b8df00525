"""The trial child: runs a stranger's graph under limits, and says what it is.

`studio trial graph` reads an ONNX file from standard input and gives the files of a model;
`studio trial folder PATH` opens a model of our own layout and makes one picture. Nothing can be
written and nothing asked for beyond the limits; whatever happens in the runtime happens here.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import ModelError, StudioError
from studio.core.recipe import new_recipe
from studio.opener.host import limit_process
from studio.opener.kinds import HEAD_BYTES, kind_of, no_model
from studio.opener.onnx_walk import walk_graph
from studio.protocol.trial_messages import (
    TrialAsked,
    TrialEvent,
    TrialRefused,
    TrialStep,
    TrialWishes,
    Tried,
)

MAX_GRAPH_BYTES: Final = 1536 * 1024 * 1024
# The graph four times (the file, its parts, ours, the runtime's) and what one picture may take.
_MEMORY_BYTES: Final = 6 * 1024 * 1024 * 1024
_CPU_S: Final = 1800


def run_trial(words: Sequence[str]) -> int:
    """Do one trial; gives the exit status."""
    try:
        match list(words):
            case ["graph", wishes]:
                _try_graph(msgspec.json.decode(wishes, type=TrialWishes))
            case ["folder", folder]:
                _try_folder(Path(folder))
            case _:
                return 2
    except StudioError as error:
        _say(TrialRefused(error.what, error.way_out))
    except MemoryError:
        _say(
            TrialRefused(
                "The graph asked for more memory than a model may have.", "Choose another model."
            )
        )
    except msgspec.DecodeError:
        return 2
    return 0


def _try_graph(wishes: TrialWishes) -> None:
    limit_process(max_memory_bytes=_MEMORY_BYTES, max_cpu_s=_CPU_S)
    raw = sys.stdin.buffer.read(MAX_GRAPH_BYTES + 1)
    kind = kind_of(raw[:HEAD_BYTES])
    if kind != "graph":
        raise no_model(kind)
    walk_graph(raw, file_name="")  # before a library sees it, and before one is loaded
    from studio.engine.foreign_import import import_graph  # noqa: PLC0415
    from studio.engine.foreign_inputs import AskedError  # noqa: PLC0415

    try:
        made = import_graph(
            raw, wishes=wishes, tell=lambda share, what: _say(TrialStep(share, what))
        )
    except AskedError as error:
        _say(TrialAsked(error.questions))
        return
    sizes = tuple((name, len(content)) for name, content in made.files.items())
    _say(Tried(made.card, sizes))
    for content in made.files.values():
        sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _try_folder(folder: Path) -> None:
    limit_process(max_memory_bytes=_MEMORY_BYTES, max_cpu_s=_CPU_S)
    from studio.engine.graph_cost import check_cost  # noqa: PLC0415
    from studio.engine.session import GeneratorModel  # noqa: PLC0415
    from studio.files.model_folder import read_card, read_model_file  # noqa: PLC0415

    card = read_card(folder)
    for name in sorted(card.graphs):
        if name.endswith(".onnx"):
            raw = read_model_file(folder, card, name=name)
            walk_graph(raw, file_name=name)
            check_cost(raw)
    _say(TrialStep(0.3, "the first picture"))
    model = GeneratorModel.open(folder, wish="cpu")
    _say(TrialStep(0.6, "the first picture"))
    try:
        model.render(new_recipe(card.model, 0, psi=1.0), size=1)
    except StudioError as error:
        raise ModelError(
            "The model was opened, but it makes no picture.", "Choose another model."
        ) from error
    _say(Tried())


def _say(event: TrialEvent) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
    sys.stdout.buffer.flush()
