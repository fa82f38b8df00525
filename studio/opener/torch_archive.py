"""The files that torch writes, and pickles that hold them: read as inert values.

Three forms: a plain pickle (NVIDIA's `.pkl`), in which each row of numbers is a small file of
torch's older form; that older form itself (`.pt` up to torch 1.5); and a zip of stored members
(`.pt` since). Nothing is unpacked: numbers stay views of the file.

Source: `torch/serialization.py` (the order of the parts), PKWARE's APPNOTE (the zip directory).
"""

import struct
from typing import Final

from studio.opener.inert import STORAGES, Global, Storage
from studio.opener.pickle_globals import ProgramError, RefusedError
from studio.opener.pickle_reader import Budget, PickleReader
from studio.opener.stored_zip import is_zip, read_stored_zip

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_VERSION: Final = 1001
_PICKLE: Final = "data.pkl"
MAX_STORAGES: Final = 20_000


def read_weights_file(content: memoryview) -> object:
    """Give what a file of weights holds, as inert values.

    Args:
        content: The whole file; the values keep views of it.

    Raises:
        ValueError: Cut off, damaged, or something inside is not on the list (`RefusedError`).
    """
    budget = Budget()
    if is_zip(content):
        return _read_zip(content, budget)
    stream = _Stream(content, budget, is_inside=False)
    return stream.read()


class _Storages:
    """The rows of numbers that a stream names, by their keys."""

    def __init__(self) -> None:
        self.by_key: dict[str, Storage] = {}

    def find(self, named: object) -> Storage:
        """Give the storage of a persistent id: "storage", class, key, device, count."""
        if not isinstance(named, tuple) or not 5 <= len(named) <= 6 or named[0] != "storage":
            raise RefusedError("it refers to something outside of it")
        _, kind, key, _, count = named[:5]
        if not isinstance(kind, Global) or kind.name not in STORAGES:
            raise RefusedError("it holds numbers of an unknown kind")
        if not isinstance(key, str) or type(count) is not int or count < 0:
            raise RefusedError("it holds numbers in an unknown order")
        if len(named) == 6 and named[5] is not None:
            raise RefusedError("it holds numbers in an unknown order")
        known = self.by_key.get(key)
        if known is None:
            if len(self.by_key) >= MAX_STORAGES:
                raise RefusedError("it is far more complicated than a picture model")
            known = self.by_key[key] = Storage(kind.name, count)
        if known.kind != kind.name or known.count != count:
            raise RefusedError("the same numbers are named in two ways")
        return known


class _Stream:
    """A pickle, or torch's older form: a few pickles, then the numbers."""

    def __init__(self, content: memoryview, budget: Budget, *, is_inside: bool) -> None:
        self._content, self._budget = content, budget
        self._storages = _Storages()
        self._reader = PickleReader(
            content,
            budget,
            find_storage=self._storages.find,
            load_bytes=None if is_inside else self._load_inside,
        )

    def read(self) -> object:
        first = self._reader.read()
        if first != _MAGIC:
            return first
        version, system = self._reader.read(), self._reader.read()
        if version != _VERSION or not isinstance(system, dict):
            raise RefusedError("it was written by an unknown version of torch")
        if system.get("little_endian") is not True:
            raise RefusedError("its numbers are written in another byte order")
        value = self._reader.read()
        self._bind(self._reader.read())
        return value

    def _bind(self, keys: object) -> None:
        place = self._reader.place
        if not isinstance(keys, list):
            raise ValueError("its table of numbers is damaged")
        waiting = dict(self._storages.by_key)
        for key in keys:
            storage = waiting.pop(key, None) if isinstance(key, str) else None
            if storage is None or place + 8 > len(self._content):
                raise ValueError("its table of numbers is damaged")
            (count,) = struct.unpack("<q", self._content[place : place + 8])
            if count != storage.count:
                raise ValueError("a table of numbers is shorter or longer than it says")
            place += 8
            end = place + count * storage.item_bytes
            storage.bind(self._content[place:end])
            place = end
        if waiting:
            raise ValueError("a table of numbers is missing")

    def _load_inside(self, content: memoryview) -> object:
        return _Stream(content, self._budget, is_inside=True).read()


def _read_zip(content: memoryview, budget: Budget) -> object:
    members = read_stored_zip(content)
    names = [name for name in members if name.rpartition("/")[2] == _PICKLE]
    if len(names) != 1:
        raise RefusedError("it is a zip without torch's table of weights")
    root = names[0].removesuffix(_PICKLE)
    order = members.get(f"{root}byteorder")
    if order is not None and bytes(order) != b"little":
        raise RefusedError("its numbers are written in another byte order")
    if any(name.startswith(f"{root}code/") for name in members):
        raise ProgramError("it holds a program of torch’s own")
    storages = _Storages()
    value = PickleReader(members[names[0]], budget, find_storage=storages.find).read()
    for key, storage in storages.by_key.items():
        member = members.get(f"{root}data/{key}")
        if member is None:
            raise ValueError("a table of numbers is missing")
        storage.bind(member)
    return value
