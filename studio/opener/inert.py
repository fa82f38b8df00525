"""What a pickle becomes here: values that can do nothing.

Numbers, texts, lists, tuples and dictionaries stay what they are; all else is one of these records.
Nothing of a file is ever called, and no name of a file is ever imported.
"""

import math
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

# Kinds of torch's storages, by the ending of their class's name, as numpy's types.
STORAGES: Final = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": "bf16",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
MAX_RANK: Final = 8


class Global(msgspec.Struct, frozen=True):
    """A name in another program; it is on the list of `opener.pickle_globals`."""

    module: str
    name: str

    @property
    def path(self) -> str:
        """The whole name."""
        return f"{self.module}.{self.name}"


class Record(msgspec.Struct, eq=False):
    """An object of another program: its class's name and what it remembers."""

    kind: str
    state: dict[Any, Any]


class NumberKind(msgspec.Struct, eq=False):
    """A numpy type of numbers, such as "f4"; `is_swapped` is known once its state came."""

    code: str
    is_swapped: bool = False


class Storage(msgspec.Struct, eq=False):
    """A row of numbers that tensors look into; its bytes may come after the tensors do.

    Attributes:
        kind: A key of `STORAGES`.
        count: How many numbers there are.
        content: Their bytes, a view of the file; None until they were found.
    """

    kind: str
    count: int
    content: memoryview | None = None

    @property
    def item_bytes(self) -> int:
        """Bytes of one number."""
        return 2 if STORAGES[self.kind] == "bf16" else np.dtype(STORAGES[self.kind]).itemsize

    def bind(self, content: memoryview) -> None:
        """Take the bytes.

        Raises:
            ValueError: They are fewer or more than the numbers need.
        """
        if len(content) != self.count * self.item_bytes:
            raise ValueError("a table of numbers is shorter or longer than it says")
        self.content = content


class Tensor(msgspec.Struct, eq=False):
    """Numbers in a shape: a view of a storage, or of bytes of its own (numpy's arrays)."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check that every number lies inside the storage, and that none is counted twice over."""
        shape, strides = self.shape, self.strides
        if len(shape) > MAX_RANK or len(shape) != len(strides):
            raise ValueError("a tensor has an impossible shape")
        if self.offset < 0 or min(shape, default=0) < 0 or min(strides, default=0) < 0:
            raise ValueError("a tensor has an impossible shape")
        num_values = math.prod(shape)
        last = sum((side - 1) * step for side, step in zip(shape, strides, strict=True))
        if num_values and self.offset + last >= self.storage.count:
            raise ValueError("a tensor reaches beyond its numbers")
        if num_values > self.storage.count:
            raise ValueError("a tensor is larger than its numbers")

    def values(self) -> NDArray[np.float32]:
        """Give the numbers, float32, in order and without gaps.

        Raises:
            ValueError: The bytes are missing, or a number is not finite.
        """
        content = self.storage.content
        if content is None:
            raise ValueError("a tensor's numbers are missing")
        code, item = STORAGES[self.storage.kind], self.storage.item_bytes
        kind = np.dtype("<u2" if code == "bf16" else code)
        found: NDArray[Any] = np.ndarray(
            self.shape,
            kind,
            buffer=content,
            offset=self.offset * item if math.prod(self.shape) else 0,
            strides=tuple(step * item for step in self.strides),
        )
        if code == "bf16":
            found = (found.astype("<u4") << 16).view("<f4")
        with np.errstate(over="ignore"):
            values = np.ascontiguousarray(found, "<f4").reshape(self.shape)
        if not np.isfinite(values).all():
            raise ValueError("a tensor holds numbers that are not finite")
        return values


class Array(msgspec.Struct, eq=False):
    """A numpy array before and after its state came."""

    tensor: Tensor | None = None
