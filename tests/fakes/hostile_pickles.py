"""Pickles that would run something, read somewhere or fill the memory, if anything executed them.

Each would leave a file of the name `CANARY` in the working folder, or needs far more than it has.
"""

import io
import pickle  # noqa: TID251 - written here, to be refused or read as data
import struct
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import torch

from tests.fakes.stylegan_files import SOURCE

CANARY = "executed"
_SHELL = f"touch {CANARY}".encode()
_SCRIPT = f"open('{CANARY}','w')".encode()
_CALLS = (
    ("os", "system"),
    ("posix", "system"),
    ("nt", "system"),
    ("subprocess", "Popen"),
    ("subprocess", "check_output"),
    ("pty", "spawn"),
    ("webbrowser", "open"),
    ("shutil", "rmtree"),
    ("socket", "create_connection"),
    ("urllib.request", "urlopen"),
    ("runpy", "run_path"),
    ("importlib", "import_module"),
    ("pickle", "loads"),
    ("marshal", "loads"),
    ("ctypes", "CDLL"),
    ("torch", "load"),
    ("torch.hub", "load"),
    ("torch.jit", "load"),
    ("torch.storage", "UntypedStorage.from_file"),
    ("numpy", "load"),
    ("numpy.testing._private.utils", "runstring"),
    ("torch_utils.persistence", "_src_to_module"),
    ("dnnlib.util", "open_url"),
    ("dnnlib.util", "call_func_by_name"),
    ("dnnlib.tflib.network", "Network"),
    ("timeit", "timeit"),
    ("code", "InteractiveInterpreter"),
    ("functools", "partial"),
    ("operator", "methodcaller"),
    ("operator", "attrgetter"),
    ("types", "FunctionType"),
    ("copyreg", "_reconstructor"),
    ("collections", "namedtuple"),
)
_BUILTINS = ("eval", "exec", "compile", "open", "getattr", "setattr", "__import__", "input", "map")


def hostile_pickles() -> Iterator[tuple[str, bytes]]:
    """Give names and contents of files that must be refused."""
    for module, name in (*_CALLS, *(("builtins", one) for one in _BUILTINS)):
        for kind, content in _ways_to_call(module, name):
            yield f"{kind} {module}.{name}", content
    yield from _allowed_names_misused()
    yield from _oversized()
    yield from _wrong_numbers()
    yield from _wrapped()


def _ways_to_call(module: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Give every opcode that calls: by GLOBAL, by names on the stack, INST, OBJ, NEWOBJ(_EX)."""
    line = f"c{module}\n{name}\n".encode()
    text = b"X" + struct.pack("<I", len(_SHELL)) + _SHELL
    stacked = _text(module) + _text(name) + b"\x93"
    yield "GLOBAL REDUCE", b"\x80\x02" + line + text + b"\x85R."
    yield "STACK_GLOBAL REDUCE", b"\x80\x04" + stacked + text + b"\x85R."
    yield "INST", b"\x80\x02(" + text + f"i{module}\n{name}\n".encode() + b"."
    yield "OBJ", b"\x80\x02(" + line + text + b"o."
    yield "NEWOBJ", b"\x80\x02" + line + text + b"\x85\x81."
    yield "NEWOBJ_EX", b"\x80\x04" + stacked + text + b"\x85}\x92."
    yield "BUILD", b"\x80\x02}" + line + b"b."
    # An older protocol, before anything that could be told apart by its first byte.
    yield "protocol 0", b"c" + f"{module}\n{name}\n(S'{_SHELL.decode()}'\ntR.".encode()


def _text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def _allowed_names_misused() -> Iterator[tuple[str, bytes]]:
    script = b"X" + struct.pack("<I", len(_SCRIPT)) + _SCRIPT
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"
    yield "a tensor of a text", b"\x80\x02" + rebuild + b"(" + script + b"K\x00))tR."
    yield "a call without a name", b"\x80\x02" + script + b")R."
    yield "a call of a record", b"\x80\x02cargparse\nNamespace\n)\x81)R."
    yield "a state for a tensor", b"\x80\x02ccollections\nOrderedDict\n}b."
    yield "an object of a call", b"\x80\x02ctorch._utils\n_rebuild_parameter\n)\x81."
    yield "registered extension", b"\x80\x02\x82\x01."
    yield "a persistent id", b"\x80\x02" + script + b"Q."
    yield "a text persistent id", b"\x80\x02Ppath/to/file\n."
    yield "out of band", b"\x80\x05\x97."
    meta = {"type": "class", "version": 6, "module_src": SOURCE, "class_name": "G", "state": None}
    record = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n"
    body = pickle.dumps((meta,), protocol=2)[2:-1]
    yield "a source without a state", b"\x80\x02" + record + body + b"R."
    yield "a source of a module", b"\x80\x02" + record + body.replace(b"class", b"other") + b"R."
    inner = b"\x80\x02cos\nsystem\n" + script + b"\x85R."
    yield "a pickle in a storage", b"\x80\x03" + _loaded(inner)
    yield "a pickle in a pickle in a storage", b"\x80\x03" + _loaded(b"\x80\x03" + _loaded(inner))


def _loaded(content: bytes) -> bytes:
    held = b"B" + struct.pack("<I", len(content)) + content
    return b"ctorch.storage\n_load_from_bytes\n" + held + b"\x85R."


def _oversized() -> Iterator[tuple[str, bytes]]:
    end = b"."
    yield "two million opcodes", b"\x80\x02" + b"N0" * 1_000_000 + b"N" + end
    yield "marks without end", b"\x80\x02" + b"(" * 100_000 + end
    yield "lists in lists", b"\x80\x02" + b"]" * 300_000 + b"a" * 299_999 + end
    yield "tuples in tuples", b"\x80\x02)" + b"\x85" * 390_000 + end
    twice = b"\x80\x02]q\x00" + b"".join(
        b"]h" + bytes([i]) + b"ah" + bytes([i]) + b"aq" + bytes([i + 1]) for i in range(60)
    )
    yield "doubled sixty times", twice + end
    pairs = b")q\x00" + b"".join(b"h" + bytes([i]) + b"2\x86q" + bytes([i + 1]) for i in range(60))
    yield "a key doubled sixty times", b"\x80\x02}" + pairs + b"Ns" + end
    yield "itself", b"\x80\x02]q\x00h\x00a" + end
    yield (
        "itself as a module",
        (
            b"\x80\x02}q\x00X\x05\x00\x00\x00G_emacargparse\nNamespace\n)\x81q\x01}"
            b"X\x08\x00\x00\x00_modules}X\x01\x00\x00\x00ah\x01sX\x01\x00\x00\x00bh\x01ssbs" + end
        ),
    )
    yield "a text of 4 GB", b"\x80\x02X\xff\xff\xff\xff" + b"a" * 100
    yield "bytes of an exabyte", b"\x80\x04\x8e" + b"\xff" * 8 + b"a" * 100
    yield "a frame of an exabyte", b"\x80\x04\x95" + b"\xff" * 8 + b"N" * 10
    yield "a number of 2 GB", b"\x80\x02\x8b\xff\xff\xff\x7f" + b"a" * 100
    yield "a number of 255 bytes", b"\x80\x02\x8a\xff" + b"\x7f" * 255 + end
    many = b"(" + b"N" * 100_000 + b"lq\x00" + b"ctorch\nSize\nq\x010"
    yield "a list a thousand times", b"\x80\x02" + many + b"h\x01h\x00\x85R0" * 3000 + b"N" + end
    long = b"X\x00\x00\x10\x00" + b"a" * (1 << 20) + b"q\x00c_codecs\nencode\nq\x01"
    coded = b"h\x01h\x00X\x06\x00\x00\x00latin1\x86R"
    yield "a text a thousand times", b"\x80\x02" + long + coded * 3000 + end


def _wrong_numbers() -> Iterator[tuple[str, bytes]]:
    tensor = torch.arange(12.0).reshape(3, 4)
    plain = _saved(tensor)
    cases = {
        "far offset": ((1 << 40), (3, 4), (4, 1)),
        "negative offset": (-1, (3, 4), (4, 1)),
        "far stride": (0, (3, 4), (1 << 40, 1)),
        "negative stride": (0, (3, 4), (-4, 1)),
        "no stride": (0, (1 << 30, 1 << 10), (0, 0)),
        "too large": (0, (1 << 31, 1 << 31), (1 << 31, 1)),
        "negative side": (0, (-3, 4), (4, 1)),
        "other rank": (0, (3, 4), (4,)),
        "nine sides": (0, (1,) * 9, (1,) * 9),
    }
    for name, (offset, shape, strides) in cases.items():
        yield name, _state(offset, shape, strides)
    yield "cut off at the end", plain[:-1]
    for place in range(2, len(plain), max(1, len(plain) // 40)):
        yield f"cut off at {place}", plain[:place]
    yield "not finite", _saved(torch.tensor([1.0, float("nan")]), key="mapping.fc0.weight")
    yield "endless", _saved(torch.tensor([[float("inf")]]), key="mapping.fc0.weight")


def _state(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> bytes:
    """Give a state dict whose only tensor lies about where its numbers are."""
    storage = b"ctorch.storage\n_load_from_bytes\n"
    held = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather have it saved in another way
        numbers = torch.arange(12.0).storage()  # type: ignore[no-untyped-call]
        torch.save(numbers, held, _use_new_zipfile_serialization=False)
    raw = held.getvalue()
    body = b"B" + struct.pack("<I", len(raw)) + raw + b"\x85R"
    # The three are pushed one by one, so that the tuple of arguments is flat.
    parts = b"".join(pickle.dumps(one, protocol=2)[2:-1] for one in (offset, shape, strides))
    call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + body + parts + b"\x89NtR"
    key = b"X\x12\x00\x00\x00mapping.fc0.weight"
    return b"\x80\x03}" + key + call + b"s."


def _saved(tensor: torch.Tensor, *, key: str = "a", is_legacy: bool = True) -> bytes:
    held = io.BytesIO()
    torch.save({key: tensor}, held, _use_new_zipfile_serialization=not is_legacy)
    return held.getvalue()


def _wrapped() -> Iterator[tuple[str, bytes]]:
    """Give pickles in zips: of torch's own form, under other names, and damaged ones."""
    evil = b"\x80\x02cos\nsystem\nX" + struct.pack("<I", len(_SHELL)) + _SHELL + b"\x85R."
    for name in ("archive/data.pkl", "data.pkl", "a/b/data.pkl", "model.safetensors", "x.onnx"):
        yield f"zip {name}", _zip({name: evil})
    yield "packed zip", _zip({"archive/data.pkl": evil}, method=zipfile.ZIP_DEFLATED)
    yield "a program", _zip({"m/data.pkl": b"\x80\x02}.", "m/code/__torch__.py": b"import os"})
    yield "two roots", _zip({"a/data.pkl": b"\x80\x02}.", "b/data.pkl": evil})
    yield "other byte order", _zip({"a/data.pkl": b"\x80\x02}.", "a/byteorder": b"big"})
    whole = _saved(torch.arange(12.0), is_legacy=False)
    yield "zip cut off", whole[: len(whole) // 2]
    yield "zip without an end", whole[:-10]
    end = whole.rfind(b"PK\x05\x06")
    yield "zip that begins outside", whole[: end + 16] + b"\xff\xff\xff\x7f" + whole[end + 20 :]
    yield "zip of 65,535", whole[: end + 10] + b"\xff\xff" + whole[end + 12 :]
    entry = whole.find(b"PK\x01\x02")
    yield "zip of 4 GB", whole[: entry + 20] + b"\xff\xff\xff\x7f" * 2 + whole[entry + 28 :]


def _zip(members: dict[str, bytes], *, method: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return held.getvalue()


def all_values(value: object) -> Iterator[Any]:
    """Give every value in a read file, each once: nothing of it may be anything but inert."""
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple | set):
            waiting += one
        elif hasattr(one, "__struct_fields__"):
            waiting += [getattr(one, name) for name in one.__struct_fields__]
