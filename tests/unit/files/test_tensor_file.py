"""Safetensors are read as they were written, and what lies about itself is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from studio.files.tensor_file import parse_tensors


def test_safetensors_come_out_as_they_went_in() -> None:
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(0, np.float32)}
    read, metadata = parse_tensors(save(tensors, metadata={"k": "v"}))
    assert metadata == {"k": "v"}
    assert set(read) == {"a", "b"}
    assert (read["a"] == tensors["a"]).all()


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 800]}},
        {"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}},
        {"a": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}},
        {"a": 7},
        {"__metadata__": {"k": 1}},
        [],
    ],
)
def test_safetensors_that_lie(header: object) -> None:
    text = json.dumps(header).encode()
    with pytest.raises(ValueError, match=r"header|tensor"):
        parse_tensors(len(text).to_bytes(8, "little") + text + bytes(8))


@given(st.binary(max_size=120))
def test_random_bytes_are_no_safetensors(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason
        parse_tensors(raw)


def test_only_the_wished_kinds_of_numbers_are_read() -> None:
    raw = save({"half": np.array([0.5, 2], np.float16), "levels": np.arange(6, dtype=np.uint8)})
    read, _ = parse_tensors(raw, kinds=("F16", "U8"))
    assert read["half"].dtype == np.float16
    assert read["levels"].tolist() == list(range(6))
    for kinds in (("F32",), ("F16",), ("U8", "F32")):
        with pytest.raises(ValueError, match="not of the type"):
            parse_tensors(raw, kinds=kinds)
