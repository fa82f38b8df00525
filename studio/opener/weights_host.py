"""The opener child's second task: a file of weights on its input, its tensors on its output.

The file is mapped, not read, so 300 MB of weights cost no memory of the child's own; what it finds
leaves through the pipe that it was given. It writes no file and calls nothing.
"""

import gc
import mmap
import sys
from typing import Final

import msgspec

from studio.opener.answer import Refusal
from studio.opener.generator_state import GeneratorState, find_generator
from studio.opener.pickle_globals import ProgramError
from studio.opener.torch_archive import read_weights_file
from studio.opener.weights_answer import WeightsAnswer

# Beside the mapped file: the values of the pickle, and one tensor at a time.
MAX_WEIGHTS_MEMORY_BYTES: Final = 384 * 1024 * 1024
MAX_WEIGHTS_BYTES: Final = 1536 * 1024 * 1024
MAX_WEIGHTS_CPU_S: Final = 20
_PROGRAM: Final = "This file could run programs on your computer, so it was not opened"  # LOOK.md
_UNUSABLE: Final = "This file cannot be used"
_WAY_OUT: Final = (
    "Ask its maker for an ONNX file, or for the original file of StyleGAN2-ADA or StyleGAN3."
)


def give_weights(*, with_numbers: bool) -> int:
    """Read standard input, write the answer to standard output; gives the exit status."""
    gc.disable()  # many small values that live to the end
    output = sys.stdout.buffer
    content = memoryview(mmap.mmap(sys.stdin.fileno(), 0, access=mmap.ACCESS_READ))
    try:
        state = find_generator(read_weights_file(content))
        answer = _answer(state, with_numbers=with_numbers)
    except ProgramError as error:
        output.write(_refusal(f"{_PROGRAM}: {error}."))
    except ValueError as error:
        output.write(_refusal(f"{_UNUSABLE}: {error}."))
    except (MemoryError, RecursionError):
        output.write(_refusal(f"{_UNUSABLE}: it is far more complicated than a picture model."))
    else:
        output.write(msgspec.json.encode(answer) + b"\n")
        for tensor in state.tensors.values() if with_numbers else ():
            output.write(tensor.values().data)
    output.flush()
    return 0


def _answer(state: GeneratorState, *, with_numbers: bool) -> WeightsAnswer:
    if with_numbers:
        for tensor in state.tensors.values():
            tensor.values()  # so that what is not finite is told before anything is given
    return WeightsAnswer(
        facts=state.facts,
        layout=state.layout,
        settings=state.settings,
        tensors=tuple((name, tensor.shape) for name, tensor in state.tensors.items()),
    )


def _refusal(what: str) -> bytes:
    return msgspec.json.encode(WeightsAnswer(refused=Refusal(what, _WAY_OUT))) + b"\n"
