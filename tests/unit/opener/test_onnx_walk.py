"""Only plain arithmetic passes the walk; anything else is one `ModelError` sentence."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from studio.core.errors import ModelError
from studio.opener.onnx_walk import ALLOWED_OPERATORS, WalkedGraph, walk_graph
from tests.fakes.tiny_model import make_tiny_model


def load(folder: Path, name: str = "synthesis.onnx") -> onnx.ModelProto:
    return onnx.load_model_from_string((folder / name).read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models"), resolution=128, channels=4)


def refusal(model: onnx.ModelProto | bytes) -> str:
    raw = model if isinstance(model, bytes) else model.SerializeToString()
    with pytest.raises(ModelError) as caught:
        walk_graph(raw, file_name="synthesis.onnx")
    assert caught.value.what.startswith("“synthesis.onnx” cannot be used: ")
    return caught.value.what


def test_the_walk_sees_what_onnx_sees(folder: Path) -> None:
    model = load(folder)
    found = walk_graph(model.SerializeToString(), file_name="x")
    assert [node.operator for node in found.nodes] == [node.op_type for node in model.graph.node]
    assert [node.inputs for node in found.nodes] == [tuple(node.input) for node in model.graph.node]
    assert [table.name for table in found.tables] == [one.name for one in model.graph.initializer]
    assert [(one.name, one.shape) for one in found.inputs] == [("w", (None, 12, 16))]
    assert [(one.name, one.shape) for one in found.outputs] == [
        ("image", (None, 3, 128, 128)),
        ("rgb64", (None, 3, 64, 64)),
    ]


def plant_operator(name: str, domain: str = "") -> Callable[[onnx.ModelProto], None]:
    def plant(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node(name, ["w"], ["planted"], domain=domain))

    return plant


def plant_inner_graph(model: onnx.ModelProto) -> None:
    node = helper.make_node("Add", ["w", "w"], ["planted"])
    node.attribute.append(helper.make_attribute("body", helper.make_graph([], "inner", [], [])))
    model.graph.node.append(node)


def plant_outside_file(model: onnx.ModelProto) -> None:
    table = model.graph.initializer[0]
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    entry = table.external_data.add()
    entry.key, entry.value = "location", "../../../../etc/passwd"


def plant_function(model: onnx.ModelProto) -> None:
    model.functions.add().name = "f"


def plant_training(model: onnx.ModelProto) -> None:
    model.training_info.add()


def plant_sparse(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add()


def plant_text(model: onnx.ModelProto) -> None:
    table = model.graph.initializer.add(name="t", data_type=TensorProto.STRING, dims=[1])
    table.string_data.append(b"x")


def plant_huge(model: onnx.ModelProto) -> None:
    model.graph.initializer.add(name="huge", data_type=1, dims=[2**40, 2**40])


def plant_short(model: onnx.ModelProto) -> None:
    table = numpy_helper.from_array(np.zeros(8, dtype=np.float32), "short")
    table.dims[0] = 9
    model.graph.initializer.append(table)


def plant_constant_outside(model: onnx.ModelProto) -> None:
    table = numpy_helper.from_array(np.zeros(8, dtype=np.float32), "t")
    table.data_location = TensorProto.EXTERNAL
    model.graph.node.append(helper.make_node("Constant", [], ["planted"], value=table))


def plant_domain(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def plant_sequence(model: onnx.ModelProto) -> None:
    kind = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, [1])
    model.graph.output.append(kind)


@pytest.mark.parametrize(
    ("plant", "phrase"),
    [
        (plant_operator("Loop"), "“Loop”"),
        (plant_operator("If"), "“If”"),
        (plant_operator("RandomNormal"), "“RandomNormal”"),
        (plant_operator("PyOp", domain="ai.onnx.contrib"), "ai.onnx.contrib"),
        (plant_operator("FusedConv", domain="com.microsoft"), "com.microsoft"),
        (plant_inner_graph, "a loop or a branch"),
        (plant_outside_file, "another file"),
        (plant_constant_outside, "another file"),
        (plant_function, "functions of its own"),
        (plant_training, "training code"),
        (plant_sparse, "sparse"),
        (plant_text, "other than numbers"),
        (plant_huge, "larger than 1 GiB"),
        (plant_short, "shorter or longer"),
        (plant_domain, "com.microsoft"),
        (plant_sequence, "not a table of numbers"),
    ],
)
def test_what_is_not_on_the_list_is_named(
    folder: Path, plant: Callable[[onnx.ModelProto], None], phrase: str
) -> None:
    model = load(folder)
    plant(model)
    assert phrase in refusal(model)


def test_no_operator_on_the_list_can_loop_branch_or_draw() -> None:
    for name in ALLOWED_OPERATORS:
        schema = onnx.defs.get_schema(name)
        kinds = {attribute.type for attribute in schema.attributes.values()}
        assert not kinds & {onnx.defs.OpSchema.AttrType.GRAPH, onnx.defs.OpSchema.AttrType.GRAPHS}
        assert "Random" not in name
        assert "seed" not in schema.attributes, name


@pytest.mark.parametrize("raw", [b"", b"\0", b"PK\x03\x04zip", b"\x89PNG\r\n\x1a\n", b"\xff" * 500])
def test_another_kind_of_file_is_refused(raw: bytes) -> None:
    refusal(raw)


def test_a_file_that_is_cut_off_anywhere_is_refused(folder: Path) -> None:
    raw = (folder / "mapping.onnx").read_bytes()
    last = len(onnx.load_model_from_string(raw).opset_import[0].SerializeToString()) + 2
    for size in range(len(raw) - last):
        refusal(raw[:size])


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_file_gives_a_sentence_or_a_graph_and_nothing_else(data: st.DataObject) -> None:
    raw = bytearray(_damaged_source())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ModelError):
        assert isinstance(walk_graph(bytes(raw), file_name="x"), WalkedGraph)


_source: list[bytes] = []


def _damaged_source() -> bytes:
    """Give a small graph file, made once."""
    if not _source:
        value = helper.make_tensor_value_info("w", TensorProto.FLOAT, ["batch", 3])
        done = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3])
        table = numpy_helper.from_array(np.ones(3, dtype=np.float32), "t")
        node = helper.make_node("LeakyRelu", ["a"], ["image"], alpha=0.2)
        nodes = [helper.make_node("Mul", ["w", "t"], ["a"]), node]
        graph = helper.make_graph(nodes, "small", [value], [done], [table])
        _source.append(helper.make_model(graph).SerializeToString())
    return _source[0]
