"""Pickles read as data: an interpreter of the opcodes that calls nothing.

A pickle is a program for a small stack machine. This machine builds only the inert values of
`opener.inert`; names are looked up in the list of `opener.pickle_globals` and nowhere else. An
opcode or a name that is not known ends the reading. Large byte strings stay views of the file.

Source: Python's `Lib/pickletools.py` (the opcodes of protocols 2 to 5 and their arguments).
"""

import struct
from collections.abc import Callable, Iterable
from typing import Any, Final

from studio.opener.inert import Global, Record
from studio.opener.pickle_globals import (
    CALLS,
    LOAD_FROM_BYTES,
    MAPPINGS,
    OBJECTS,
    ProgramError,
    RefusedError,
    apply_state,
    checked_global,
    checked_key,
)

# NVIDIA's layout at 1024 px, with both generators, critic and augmentation, needs some 30,000.
MAX_OPCODES: Final = 200_000
MAX_TEXT_BYTES: Final = 1024 * 1024  # the sources that NVIDIA's files carry have some 40 KB each
MAX_ALL_TEXT_BYTES: Final = 64 * 1024 * 1024
MAX_NAME_BYTES: Final = 200
MAX_INTEGER_BYTES: Final = 16
MAX_DEPTH: Final = 200  # of marks that are open at once
MAX_HANDED: Final = 16 * 1024 * 1024  # letters and items that calls look at, all together
_STOP: Final = ord(".")


class Budget:
    """What all streams of one file may use together."""

    def __init__(self) -> None:
        self.num_opcodes = 0
        self.num_text_bytes = 0
        self.num_handed = 0

    def take_opcode(self) -> None:
        """Count one opcode."""
        self.num_opcodes += 1
        if self.num_opcodes > MAX_OPCODES:
            raise RefusedError("it is far more complicated than a picture model")

    def take_text(self, num_bytes: int) -> None:
        """Count a text."""
        self.num_text_bytes += num_bytes
        if num_bytes > MAX_TEXT_BYTES or self.num_text_bytes > MAX_ALL_TEXT_BYTES:
            raise RefusedError("it holds far more text than a picture model")

    def take_handed(self, values: Iterable[Any]) -> None:
        """Count what a call will look at: the same long value may be handed over many times."""
        for value in values:
            if isinstance(value, str | bytes | list | tuple | dict | set):
                self.num_handed += len(value)
        if self.num_handed > MAX_HANDED:
            raise RefusedError("it is far more complicated than a picture model")


class PickleReader:
    """Reads one stream after another from a file.

    Args:
        content: The file.
        budget: What may be used.
        find_storage: Gives the value of a persistent id; None refuses them.
        load_bytes: Gives the value of a torch stream inside the pickle; None refuses it.
    """

    def __init__(
        self,
        content: memoryview,
        budget: Budget,
        *,
        find_storage: Callable[[Any], Any] | None = None,
        load_bytes: Callable[[memoryview], Any] | None = None,
    ) -> None:
        self._content = content
        self._budget = budget
        self._find_storage = find_storage
        self._load_bytes = load_bytes
        self.place = 0
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def read(self) -> object:
        """Give the next value; `place` is then behind it.

        Raises:
            ValueError: Cut off, damaged, or something is not on the list (`RefusedError`).
        """
        self._stack, self._marks, self._memo = [], [], {}
        while True:
            self._budget.take_opcode()
            opcode = self._take(1)[0]
            if opcode == _STOP:
                value = self._pop()
                if self._stack or self._marks:
                    raise ValueError("its pickle is damaged")
                return value
            action = _ACTIONS.get(opcode)
            if action is None:
                raise ProgramError(f"it uses the instruction {_shown(opcode)}")
            action(self)

    # ------------------------------------------------------------------------ bytes and stack

    def _take(self, count: int) -> memoryview:
        begin, self.place = self.place, self.place + count
        if self.place > len(self._content):
            raise ValueError("it is cut off")
        return self._content[begin : self.place]

    def _number(self, form: str) -> int:
        (value,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return int(value)

    def _line(self) -> str:
        """Give the text up to the end of a line."""
        window = bytes(self._content[self.place : self.place + MAX_NAME_BYTES + 1])
        end = window.find(b"\n")
        if end < 0:
            raise ValueError("a name in it does not end")
        self.place += end + 1
        return window[:end].decode("ascii", "replace")

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _pop(self) -> object:
        if not self._stack:
            raise ValueError("its pickle is damaged")
        return self._stack.pop()

    def _top(self) -> object:
        if not self._stack:
            raise ValueError("its pickle is damaged")
        return self._stack[-1]

    def _pop_mark(self) -> list[Any]:
        """Give all since the last mark."""
        if not self._marks:
            raise ValueError("its pickle is damaged")
        items, self._stack = self._stack, self._marks.pop()
        return items

    # ---------------------------------------------------------------------------- the opcodes

    def _protocol(self) -> None:
        if not 2 <= self._number("B") <= 5:
            raise RefusedError("its pickle is of an unknown protocol")

    def _frame(self) -> None:
        self._number("<Q")  # a hint for reading ahead

    def _mark(self) -> None:
        if len(self._marks) >= MAX_DEPTH:
            raise RefusedError("it is nested too deeply")
        self._marks.append(self._stack)
        self._stack = []

    def _text(self, form: str) -> None:
        count = self._number(form)
        self._budget.take_text(count)
        try:
            self._push(str(self._take(count), "utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError("a text in it is damaged") from error

    def _long_integer(self) -> None:
        count = self._number("B")
        if count > MAX_INTEGER_BYTES:
            raise RefusedError("it holds an impossibly large number")
        self._push(int.from_bytes(self._take(count), "little", signed=True))

    def _real(self) -> None:
        self._push(struct.unpack(">d", self._take(8))[0])

    def _tuple_of(self, count: int) -> None:
        items = [self._pop() for _ in range(count)]
        self._push(tuple(reversed(items)))

    def _append_one(self) -> None:
        item, target = self._pop(), self._top()
        self._append(target, [item])

    def _append_marked(self) -> None:
        items = self._pop_mark()
        self._append(self._top(), items)

    def _append(self, target: object, items: list[Any]) -> None:
        if not isinstance(target, list):
            raise ValueError("its pickle is damaged")
        target.extend(items)

    def _add_to_set(self) -> None:
        items, target = self._pop_mark(), self._top()
        if not isinstance(target, set):
            raise ValueError("its pickle is damaged")
        target.update(checked_key(item) for item in items)

    def _put_one(self) -> None:
        value, key, target = self._pop(), self._pop(), self._top()
        self._put(target, [key, value])

    def _put_marked(self) -> None:
        items = self._pop_mark()
        self._put(self._top(), items)

    def _put(self, target: object, items: list[Any]) -> None:
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("its pickle is damaged")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[checked_key(key)] = value

    def _marked_dictionary(self) -> None:
        items = self._pop_mark()
        self._push({})
        self._put(self._top(), items)

    def _remember(self, form: str | None) -> None:
        key = len(self._memo) if form is None else self._number(form)
        self._memo[key] = self._top()

    def _recall(self, form: str) -> None:
        key = self._number(form)
        if key not in self._memo:
            raise ValueError("its pickle is damaged")
        self._push(self._memo[key])

    def _name_in_text(self) -> None:
        module = self._line()
        self._push(checked_global(module, self._line()))

    def _name_on_stack(self) -> None:
        name, module = self._pop(), self._pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise ProgramError("it refers to something without a name")
        self._push(checked_global(module, name))

    def _call(self) -> None:
        given, function = self._pop(), self._pop()
        if not isinstance(function, Global) or not isinstance(given, tuple):
            raise ProgramError("it calls something without a name")
        self._budget.take_handed(given)
        if function.path == LOAD_FROM_BYTES:
            if self._load_bytes is None or len(given) != 1:
                raise RefusedError("it holds a pickle in a pickle in a pickle")
            if not isinstance(given[0], bytes | memoryview):
                raise RefusedError("it reads numbers from something else than bytes")
            self._push(self._load_bytes(memoryview(given[0])))
            return
        action = CALLS.get(function.path)
        if action is None:
            raise ProgramError(f"it calls “{function.path}”")
        try:
            self._push(action(*given))
        except TypeError as error:
            raise RefusedError(f"it uses “{function.path}” in an unknown way") from error

    def _make_object(self) -> None:
        given, kind = self._pop(), self._pop()
        if not isinstance(kind, Global) or given != ():
            raise RefusedError("it makes an object of an unknown kind")
        if kind.path in MAPPINGS:
            self._push({})
        elif kind.path in OBJECTS:
            self._push(Record(kind.name, {}))
        else:
            raise ProgramError(f"it makes an object of “{kind.path}”")

    def _set_state(self) -> None:
        state = self._pop()
        self._budget.take_handed((state, *(state if isinstance(state, tuple) else ())))
        apply_state(self._top(), state)

    def _persistent(self) -> None:
        if self._find_storage is None:
            raise RefusedError("it refers to something outside of it")
        self._push(self._find_storage(self._pop()))


def _shown(opcode: int) -> str:
    return f"“{chr(opcode)}”" if 33 <= opcode < 127 else f"0x{opcode:02x}"


# Left out on purpose: what only protocols 0 and 1 write (texts in quotes, INST, OBJ), registered
# extensions, out-of-band buffers and objects with keyword arguments.
_ACTIONS: Final[dict[int, Callable[[PickleReader], None]]] = {
    0x80: PickleReader._protocol,
    0x95: PickleReader._frame,
    ord("("): PickleReader._mark,
    ord("0"): lambda self: (self._pop(), None)[1],
    ord("1"): lambda self: (self._pop_mark(), None)[1],
    ord("2"): lambda self: self._push(self._top()),
    ord("N"): lambda self: self._push(None),
    0x88: lambda self: self._push(True),
    0x89: lambda self: self._push(False),
    ord("J"): lambda self: self._push(self._number("<i")),
    ord("K"): lambda self: self._push(self._number("B")),
    ord("M"): lambda self: self._push(self._number("<H")),
    0x8A: PickleReader._long_integer,
    ord("G"): PickleReader._real,
    ord("X"): lambda self: self._text("<I"),
    0x8C: lambda self: self._text("B"),
    0x8D: lambda self: self._text("<Q"),
    ord("B"): lambda self: self._push(self._take(self._number("<I"))),
    ord("C"): lambda self: self._push(self._take(self._number("B"))),
    0x8E: lambda self: self._push(self._take(self._number("<Q"))),
    0x96: lambda self: self._push(self._take(self._number("<Q"))),
    ord("]"): lambda self: self._push([]),
    ord(")"): lambda self: self._push(()),
    ord("}"): lambda self: self._push({}),
    0x8F: lambda self: self._push(set()),
    ord("l"): lambda self: self._push(self._pop_mark()),
    ord("t"): lambda self: self._push(tuple(self._pop_mark())),
    ord("d"): PickleReader._marked_dictionary,
    0x85: lambda self: self._tuple_of(1),
    0x86: lambda self: self._tuple_of(2),
    0x87: lambda self: self._tuple_of(3),
    ord("a"): PickleReader._append_one,
    ord("e"): PickleReader._append_marked,
    0x90: PickleReader._add_to_set,
    ord("s"): PickleReader._put_one,
    ord("u"): PickleReader._put_marked,
    ord("q"): lambda self: self._remember("B"),
    ord("r"): lambda self: self._remember("<I"),
    0x94: lambda self: self._remember(None),
    ord("h"): lambda self: self._recall("B"),
    ord("j"): lambda self: self._recall("<I"),
    ord("c"): PickleReader._name_in_text,
    0x93: PickleReader._name_on_stack,
    ord("R"): PickleReader._call,
    0x81: PickleReader._make_object,
    ord("b"): PickleReader._set_state,
    ord("Q"): PickleReader._persistent,
}
