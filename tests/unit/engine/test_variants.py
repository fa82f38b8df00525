"""A cut graph gives the same numbers as the whole one, and is smaller."""

import numpy as np
import onnx
import onnxruntime
import pytest

from studio.engine.providers import session_options
from studio.engine.variants import cut_graph
from studio.opener.onnx_walk import walk_graph
from tests.fakes.tiny_model import make_tiny_model


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = make_tiny_model(tmp_path_factory.mktemp("models"), resolution=256, channels=4)
    return (folder / "synthesis.onnx").read_bytes()


def run(graph: bytes, w: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(
        graph, session_options(1), providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, {"w": w}))


@pytest.mark.parametrize("output", ["image", "rgb64", "rgb128"])
def test_a_cut_gives_the_same_numbers(raw: bytes, output: str) -> None:
    w = np.random.RandomState(3).randn(2, 14, 16).astype(np.float32)
    names = [value.name for value in walk_graph(raw, file_name="x").outputs]
    whole = dict(zip(names, run(raw, w), strict=True))
    (cut,) = run(cut_graph(walk_graph(raw, file_name="x"), output), w)
    assert (cut == whole[output]).all()


def test_a_cut_is_what_onnx_itself_cuts(raw: bytes) -> None:
    cut = onnx.load_model_from_string(cut_graph(walk_graph(raw, file_name="x"), "rgb64"))
    onnx.checker.check_model(cut, full_check=True)
    theirs = onnx.utils.Extractor(onnx.load_model_from_string(raw)).extract_model(["w"], ["rgb64"])
    assert {node.name or node.output[0] for node in cut.graph.node} == {
        node.name or node.output[0] for node in theirs.graph.node
    }
    assert {one.name for one in cut.graph.initializer} == {
        one.name for one in theirs.graph.initializer
    }
    assert cut.opset_import == theirs.opset_import
    assert len(cut.graph.node) < len(onnx.load_model_from_string(raw).graph.node)


def test_a_cut_can_be_walked_again(raw: bytes) -> None:
    cut = cut_graph(walk_graph(raw, file_name="x"), "rgb128")
    assert [value.name for value in walk_graph(cut, file_name="x").outputs] == ["rgb128"]


def test_an_output_that_is_not_there_is_a_wrong_call(raw: bytes) -> None:
    with pytest.raises(ValueError, match="rgb512"):
        cut_graph(walk_graph(raw, file_name="x"), "rgb512")
