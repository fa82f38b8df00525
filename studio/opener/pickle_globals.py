"""The names that a pickle of a StyleGAN may use, and what is put in the place of calling them.

Every entry is a function of ours that looks at its arguments and gives an inert value. A name that
is not here ends the reading. Classes of torch's modules and of the networks themselves are only
names; the source texts that NVIDIA's files carry (`module_src`) are dropped unread.

Sources: what `torch.save` (legacy and zip), `pickle.dump` of torch 1.7–2.15 and numpy 1.19–2.4
write, seen by `pickletools`; the record of NVIDIA's `torch_utils.persistence`.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from studio.opener.inert import (
    MAX_RANK,
    STORAGES,
    Array,
    Global,
    NumberKind,
    Record,
    Storage,
    Tensor,
)

Call = Callable[..., Any]
_NUMPY_STORAGES: Final = {
    "f8": "DoubleStorage",
    "f4": "FloatStorage",
    "f2": "HalfStorage",
    "i8": "LongStorage",
    "i4": "IntStorage",
    "i2": "ShortStorage",
    "i1": "CharStorage",
    "u1": "ByteStorage",
    "b1": "BoolStorage",
}


class RefusedError(ValueError):
    """Something in a pickle is not on the list; the text says what, as a part of a sentence."""


class ProgramError(RefusedError):
    """A pickle names or calls something: whoever executed it would run a program."""


def make_mapping(*given: object) -> dict[Any, Any]:
    """Stand in for OrderedDict, which may come with a list of pairs."""
    if not given:
        return {}
    (pairs,) = given
    if isinstance(pairs, dict):
        return pairs
    if not isinstance(pairs, list | tuple):
        raise RefusedError("it makes a dictionary of something else")
    found: dict[Any, Any] = {}
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise RefusedError("it makes a dictionary of something else")
        found[checked_key(pair[0])] = pair[1]
    return found


def checked_key(key: object) -> object:
    """Give a key that a dictionary or set can take at no cost: a text, number or None."""
    if key is None or isinstance(key, str | int | float | bytes):
        return key
    raise RefusedError("it uses something other than names and numbers as a key")


def make_set(items: object = ()) -> set[Any]:
    """Stand in for set."""
    if not isinstance(items, list | tuple):
        raise RefusedError("it makes a set of something else")
    return {checked_key(item) for item in items}


def make_tensor(storage: object, offset: object, *given: object) -> Tensor:
    """Stand in for `torch._utils._rebuild_tensor_v2`; shape and strides come next."""
    if not isinstance(storage, Storage) or len(given) < 2:
        raise RefusedError("a tensor is made of something else than numbers")
    if type(offset) is not int:
        raise RefusedError("a tensor has an impossible place")
    return Tensor(storage, offset, _sides(given[0]), _sides(given[1]))


def _sides(given: object) -> tuple[int, ...]:
    if not isinstance(given, tuple) or not all(type(side) is int for side in given):
        raise RefusedError("a tensor has an impossible shape")
    return given


def make_parameter(data: object, *_rest: object) -> Tensor:
    """Stand in for `torch._utils._rebuild_parameter`."""
    if not isinstance(data, Tensor):
        raise RefusedError("a parameter is something else than a tensor")
    return data


def make_persistent(meta: object) -> Record:
    """Stand in for NVIDIA's persistent objects: their class's name and state; never their source."""
    if not isinstance(meta, dict) or meta.get("type") != "class":
        raise RefusedError("it holds an object of an unknown kind")
    name, state = meta.get("class_name"), meta.get("state")
    if not isinstance(name, str) or not isinstance(state, dict):
        raise RefusedError("it holds an object of an unknown kind")
    return Record(name, state)


def make_kind(code: object, *_rest: object) -> NumberKind:
    """Stand in for `numpy.dtype`."""
    if not isinstance(code, str) or code.lstrip("<|=") not in _NUMPY_STORAGES:
        raise RefusedError("it holds an array of something else than numbers")
    return NumberKind(code.lstrip("<|="))


def make_array(*_given: object) -> Array:
    """Stand in for numpy's empty array, whose state comes next."""
    return Array()


def make_filled_array(content: object, kind: object, *given: object) -> Array:
    """Stand in for numpy's array of given bytes, as protocol 5 writes it: shape and order follow."""
    if len(given) != 2:
        raise RefusedError("an array has an unknown state")
    return Array(_array_tensor((1, given[0], kind, given[1] == "F", content)))


def make_scalar(kind: object, content: object) -> float | int | bool:
    """Stand in for a numpy number."""
    if not isinstance(kind, NumberKind) or kind.is_swapped:
        raise RefusedError("it holds a number of an unknown kind")
    if not isinstance(content, bytes | memoryview) or len(content) > 8:
        raise RefusedError("it holds a number of an unknown kind")
    value = np.frombuffer(content, f"<{kind.code}" if kind.code != "b1" else "?")
    if value.size != 1:
        raise RefusedError("it holds a number of an unknown kind")
    number: float | int | bool = value[0].item()
    return number


def make_bytes(text: object, coding: object) -> bytes:
    """Stand in for `_codecs.encode`, by which older pickles write bytes."""
    if not isinstance(text, str) or coding not in ("latin1", "latin-1"):
        raise RefusedError("it encodes a text in an unknown way")
    return text.encode("latin-1")


def first_of(value: object = (), *_rest: object) -> object:
    """Stand in for what only wraps one plain value (`torch.Size`, `torch.device`)."""
    if not isinstance(value, str | int | tuple | list):
        raise RefusedError("it wraps an unknown value")
    return tuple(value) if isinstance(value, list) else value


CALLS: Final[dict[str, Call]] = {
    "_codecs.encode": make_bytes,
    "builtins.set": make_set,
    "__builtin__.set": make_set,
    "collections.OrderedDict": make_mapping,
    "dnnlib.util.EasyDict": make_mapping,
    "numpy.dtype": make_kind,
    "numpy.core.multiarray._reconstruct": make_array,
    "numpy._core.multiarray._reconstruct": make_array,
    "numpy.core.numeric._frombuffer": make_filled_array,
    "numpy._core.numeric._frombuffer": make_filled_array,
    "numpy.core.multiarray.scalar": make_scalar,
    "numpy._core.multiarray.scalar": make_scalar,
    "torch.Size": first_of,
    "torch.device": first_of,
    "torch._utils._rebuild_tensor": make_tensor,
    "torch._utils._rebuild_tensor_v2": make_tensor,
    "torch._utils._rebuild_parameter": make_parameter,
    "torch._utils._rebuild_parameter_with_state": make_parameter,
    "torch_utils.persistence._reconstruct_persistent_obj": make_persistent,
}
LOAD_FROM_BYTES: Final = "torch.storage._load_from_bytes"  # needs the reader itself
MAPPINGS: Final = ("collections.OrderedDict", "dnnlib.util.EasyDict")
# Made empty and then given their state: they become a Record.
OBJECTS: Final = frozenset(
    {"argparse.Namespace"}
    | {f"torch.nn.modules.container.{name}" for name in ("ModuleList", "Sequential", "ModuleDict")}
    | {f"torch.nn.modules.linear.{name}" for name in ("Identity", "Linear")}
    | {f"torch.nn.modules.activation.{name}" for name in ("LeakyReLU", "ReLU")}
)
# Only ever named, never called.
NAMES: Final = frozenset(
    {"numpy.ndarray", "torch.UntypedStorage", "torch.storage.UntypedStorage"}
    | {f"torch.{name}" for name in STORAGES}
    | {f"torch.{name}" for name in ("float16", "float32", "float64", "int64", "uint8", "bool")}
    | {f"torch.{name}" for name in ("contiguous_format", "channels_last", "preserve_format")}
)
ALLOWED: Final = frozenset(CALLS) | OBJECTS | NAMES | {LOAD_FROM_BYTES}


def checked_global(module: str, name: str) -> Global:
    """Give a name that is on the list.

    Raises:
        RefusedError: It is not.
    """
    if module.startswith("dnnlib.tflib"):
        raise RefusedError(
            "it is one of the TensorFlow version of StyleGAN; NVIDIA's program converts it"
        )
    if (found := Global(module, name)).path not in ALLOWED:
        shown = "".join(char for char in found.path[:60] if char.isprintable())
        raise ProgramError(f"it refers to “{shown}”")
    return found


def apply_state(value: object, state: object) -> None:
    """Give a made value its state, as BUILD asks.

    Raises:
        RefusedError: Such a value has no state.
    """
    if isinstance(value, Record):
        if not isinstance(state, dict):
            raise RefusedError("an object has an unknown state")
        value.state.update(state)
    elif isinstance(value, NumberKind):
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", "|", "="):
            raise RefusedError("its numbers are written in another byte order")
    elif isinstance(value, Array):
        value.tensor = _array_tensor(state)
    elif not isinstance(value, dict) or not isinstance(state, dict):
        raise RefusedError("it gives a state to something that has none")
    # A dictionary's own attributes (torch writes versions there) are of no use here.


def _array_tensor(state: object) -> Tensor:
    """Give the tensor of numpy's state: version, shape, kind, order, bytes."""
    if not isinstance(state, tuple) or len(state) != 5:
        raise RefusedError("an array has an unknown state")
    _, shape, kind, is_fortran, content = state
    if not isinstance(kind, NumberKind) or not isinstance(content, bytes | memoryview):
        raise RefusedError("an array holds something else than numbers")
    if not isinstance(shape, tuple) or len(shape) > MAX_RANK:
        raise RefusedError("an array has an impossible shape")
    if not all(type(side) is int and side >= 0 for side in shape):
        raise RefusedError("an array has an impossible shape")
    view = memoryview(content)
    item = np.dtype("?" if kind.code == "b1" else kind.code).itemsize
    storage = Storage(_NUMPY_STORAGES[kind.code], len(view) // item)
    storage.bind(view)
    strides: list[int] = []
    step = 1
    for side in shape if is_fortran else reversed(shape):
        strides.append(step)
        step *= side
    return Tensor(storage, 0, shape, tuple(strides if is_fortran else reversed(strides)))
