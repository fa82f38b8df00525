"""Writes ONNX graphs node by node, byte by byte: what our own few variants need and no library.

Source: onnx.proto (field numbers), onnx 1.22.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.opener.protobuf_wire import (
    write_bytes_field,
    write_bytes_header,
    write_float_field,
    write_number_field,
)

FLOAT: Final = 1
UINT8: Final = 2
_INT64: Final = 7
_ATTRIBUTE_FLOAT: Final = 1
_ATTRIBUTE_INT: Final = 2
_ATTRIBUTE_TEXT: Final = 3
_ATTRIBUTE_FLOATS: Final = 6
_ATTRIBUTE_INTS: Final = 7

Attribute = float | int | str | Sequence[int] | Sequence[float]


class GraphWriter:
    """Collects tables and nodes of one graph. Names of values are made here."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._tables: list[bytes | memoryview] = []
        self._inputs: list[bytes] = []
        self._num_values = 0
        self._name_by_numbers: dict[tuple[int, ...], str] = {}

    def keep_node(self, raw: memoryview) -> None:
        """Take a node of another graph as it is."""
        self._nodes.append(bytes(raw))

    def keep_table(self, raw: memoryview) -> None:
        """Take a table of another graph as it is."""
        self._tables.append(raw)

    def take(self, name: str, *sides: int | None) -> str:
        """Declare a float32 input; a side that may vary is None."""
        self._inputs.append(_value(name, sides))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output and give that output's name."""
        return self._add(operator, inputs, attributes=attributes)[0]

    def split(self, values: str, sizes: Sequence[int], *, axis: int) -> list[str]:
        """Add a node that cuts values into parts of some sizes; gives their names."""
        given = (values, self.numbers(*sizes))
        return self._add("Split", given, attributes={"axis": axis}, count=len(sizes))

    def node_of(self, domain: str, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node of another domain than ONNX's own; see `node`."""
        return self._add(operator, inputs, attributes=attributes, domain=domain)[0]

    def _add(
        self,
        operator: str,
        inputs: Sequence[str],
        *,
        attributes: Mapping[str, Attribute],
        count: int = 1,
        domain: str = "",
    ) -> list[str]:
        """Add a node with `count` outputs and give their names."""
        outputs = [f"value_{self._num_values + i + 1}" for i in range(count)]
        self._num_values += count
        parts = [write_bytes_field(1, name.encode()) for name in inputs]
        parts += [write_bytes_field(2, output.encode()) for output in outputs]
        parts.append(write_bytes_field(4, operator.encode()))
        parts += [write_bytes_field(5, _attribute(*item)) for item in attributes.items()]
        if domain:
            parts.append(write_bytes_field(7, domain.encode()))
        self._nodes.append(_field(1, parts))
        return outputs

    def numbers(self, *numbers: int) -> str:
        """Give the name of a table of whole numbers [N]; equal ones are written once."""
        if numbers not in self._name_by_numbers:
            name = f"numbers_{len(self._name_by_numbers)}"
            self._name_by_numbers[numbers] = name
            values = np.array(numbers, dtype="<i8")
            self._tables += _table(name, values, kind=_INT64)
        return self._name_by_numbers[numbers]

    def table(self, name: str, values: NDArray[np.float32]) -> str:
        """Add a float32 table."""
        self._tables += _table(name, values.astype("<f4", copy=False), kind=FLOAT)
        return name

    def file(
        self,
        model_fields: Iterable[bytes | memoryview],
        results: Mapping[str, Sequence[int | None]],
        *,
        kinds: Mapping[str, int] | None = None,
    ) -> bytes:
        """Give the ONNX file.

        Args:
            model_fields: The fields of the file besides the graph: versions and operator sets.
            results: Each output's name → its sides.
            kinds: What outputs hold that are not float32 (TensorProto.DataType).
        """
        parts: list[bytes | memoryview] = [*self._nodes, write_bytes_field(2, b"variant")]
        parts += self._tables
        parts += [write_bytes_field(11, value) for value in self._inputs]
        for name, sides in results.items():
            value = _value(name, sides, kind=(kinds or {}).get(name, FLOAT))
            parts.append(write_bytes_field(12, value))
        # Joined once: the tables of a large model are 30 MB, and every copy takes new memory.
        num_bytes = sum(map(len, parts))
        return b"".join([*model_fields, write_bytes_header(7, num_bytes), *parts])


def _field(number: int, parts: Iterable[bytes]) -> bytes:
    return write_bytes_field(number, b"".join(parts))


def _value(name: str, sides: Sequence[int | None], *, kind: int = FLOAT) -> bytes:
    # A name for each side that may vary: the runtime shares memory between equal ones.
    dims = [
        write_bytes_field(
            1,
            write_bytes_field(2, f"{name}_{i}".encode())
            if side is None
            else write_number_field(1, side),
        )
        for i, side in enumerate(sides)
    ]
    tensor = write_number_field(1, kind) + _field(2, dims)
    return write_bytes_field(1, name.encode()) + _field(2, [write_bytes_field(1, tensor)])


def _table(name: str, values: NDArray[np.generic], *, kind: int) -> list[bytes | memoryview]:
    head = b"".join(
        [
            *(write_number_field(1, side) for side in values.shape),
            write_number_field(2, kind),
            write_bytes_field(8, name.encode()),
            write_bytes_header(9, values.nbytes),
        ]
    )
    content = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
    return [write_bytes_header(5, len(head) + len(content)) + head, content]


def _attribute(name: str, value: Attribute) -> bytes:
    parts = [write_bytes_field(1, name.encode())]
    if isinstance(value, str):
        parts += [write_bytes_field(4, value.encode()), write_number_field(20, _ATTRIBUTE_TEXT)]
    elif isinstance(value, int):
        parts += [write_number_field(3, value), write_number_field(20, _ATTRIBUTE_INT)]
    elif isinstance(value, float):
        parts += [write_float_field(2, value), write_number_field(20, _ATTRIBUTE_FLOAT)]
    elif any(isinstance(number, float) for number in value):
        parts += [write_float_field(7, number) for number in value]
        parts.append(write_number_field(20, _ATTRIBUTE_FLOATS))
    else:
        parts += [write_number_field(8, int(number)) for number in value]
        parts.append(write_number_field(20, _ATTRIBUTE_INTS))
    return b"".join(parts)
