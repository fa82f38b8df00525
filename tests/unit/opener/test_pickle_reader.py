"""Stranger's pickles are read as data: torch's own files come out right, all else is refused."""

import argparse
import io
import pickle  # noqa: TID251 - written here, to be refused or read as data
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.opener.generator_state import find_generator
from studio.opener.inert import Array, Global, NumberKind, Record, Storage, Tensor
from studio.opener.torch_archive import read_weights_file
from tests.fakes.hostile_pickles import CANARY, all_values, hostile_pickles
from tests.fakes.stylegan_files import stylegan2_arrays, write_pickle, write_port

INERT = (Array, Global, NumberKind, Record, Storage, Tensor)
PLAIN = (int, float, str, bytes, memoryview, list, tuple, dict, set, type(None))


def read(content: bytes) -> Any:  # noqa: ANN401 - a file holds anything
    return read_weights_file(memoryview(content))


def refusal(content: bytes) -> str:
    """Give the sentence that a file is refused with; "" when all its numbers can be had."""
    try:
        for tensor in find_generator(read(content)).tensors.values():
            tensor.values()
    except ValueError as error:
        return str(error) or "without a word"
    return ""


@pytest.mark.parametrize("is_zip", [True, False])
def test_what_torch_saves_comes_out_as_it_was(is_zip: bool) -> None:
    values = {
        "turned": torch.arange(6.0).reshape(2, 3).t(),
        "part": torch.arange(24.0)[5:17:2],
        "half": torch.randn(5).half(),
        "brain": torch.randn(5).bfloat16(),
        "long": torch.tensor([1, -7]),
        "scalar": torch.tensor(2.5),
    }
    others = {"args": argparse.Namespace(size=256), "step": 3, "where": torch.device("cpu")}
    held = io.BytesIO()
    torch.save(values | others, held, _use_new_zipfile_serialization=is_zip)
    found = read(held.getvalue())
    for name, tensor in values.items():
        np.testing.assert_array_equal(found[name].values(), tensor.float().numpy())
    assert found["args"].state == {"size": 256}
    assert found["step"] == 3


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_of_whole_objects_is_read(tmp_path: Path, protocol: int) -> None:
    arrays = stylegan2_arrays(resolution=16, channels=4)
    file = write_pickle(tmp_path / "G.pkl", arrays, protocol=protocol)
    state = find_generator(read(file.read_bytes()))
    assert set(state.tensors) == set(arrays)
    for name, tensor in state.tensors.items():
        np.testing.assert_array_equal(tensor.values(), arrays[name])


def test_numpy_arrays_and_numbers_are_read() -> None:
    square = np.arange(6.0).reshape(2, 3)
    for protocol in (2, 4, 5):
        found = read(pickle.dumps([square, square.T, np.float64(0.5)], protocol=protocol))
        np.testing.assert_array_equal(found[0].tensor.values(), square)
        np.testing.assert_array_equal(found[1].tensor.values(), square.T)
        assert found[2] == 0.5


def test_every_hostile_file_is_refused_and_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    num_files = 0
    for name, content in hostile_pickles():
        num_files += 1
        assert refusal(content), name
    assert num_files >= 150
    assert not (tmp_path / CANARY).exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("STACK_GLOBAL REDUCE os.system", "it refers to “os.system”"),
        ("INST builtins.eval", "the instruction “i”"),
        ("two million opcodes", "far more complicated"),
        ("a list a thousand times", "far more complicated"),
        ("a text a thousand times", "far more complicated"),
        ("marks without end", "nested too deeply"),
        ("far stride", "reaches beyond its numbers"),
        ("no stride", "larger than its numbers"),
        ("a source of a module", "an unknown kind"),
        ("packed zip", "packed or locked"),
    ],
)
def test_each_limit_has_its_sentence(name: str, words: str) -> None:
    assert words in refusal(dict(hostile_pickles())[name])


def test_numbers_that_are_not_finite_are_refused() -> None:
    for value in (float("nan"), float("inf"), 1e300):
        held = io.BytesIO()
        torch.save(torch.tensor([1.0, value], dtype=torch.float64), held)
        with pytest.raises(ValueError, match="not finite"):
            read(held.getvalue()).values()


def test_numbers_that_are_fewer_than_said_are_refused() -> None:
    held = io.BytesIO()
    torch.save(torch.arange(6.0), held, _use_new_zipfile_serialization=False)
    content = bytearray(held.getvalue())
    place = content.rindex((6).to_bytes(8, "little"))  # how many numbers follow
    content[place] = 5
    with pytest.raises(ValueError, match="shorter or longer"):
        read(bytes(content))


def test_the_corpus_is_hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that executes leaves the trace that the test above looks for."""
    monkeypatch.chdir(tmp_path)
    found = dict(hostile_pickles())
    pickle.loads(found["GLOBAL REDUCE os.system"])
    assert (tmp_path / CANARY).exists()


def test_damaged_files_give_inert_values_or_a_sentence(
    tmp_path: Path, rounds: Callable[[int], int]
) -> None:
    arrays = stylegan2_arrays(resolution=8, channels=4, width=4)
    whole = write_pickle(tmp_path / "G.pkl", arrays).read_bytes()
    port = write_port(tmp_path / "g.pt", arrays).read_bytes()
    random = np.random.RandomState(1)
    for _ in range(rounds(20_000)):
        content = bytearray(whole if random.rand() < 0.7 else port)
        for _ in range(random.randint(1, 6)):
            content[random.randint(len(content))] = random.randint(256)
        if random.rand() < 0.2:
            del content[random.randint(len(content)) :]
        if not refusal(bytes(content)):
            for value in all_values(read(bytes(content))):
                assert isinstance(value, (*INERT, *PLAIN)), type(value)
