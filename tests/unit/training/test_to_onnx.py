from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

from studio.core.training_spec import TrainingSpec, make_spec
from studio.training import to_onnx
from studio.training.grain import steady_grain
from studio.training.networks import Generator
from studio.training.to_onnx import bake, mapping_graph, preview_sizes, synthesis_graph
from tests.unit.training.small import small_spec

pytestmark = pytest.mark.slow  # the exporter alone takes seconds


def random_generator(spec: TrainingSpec) -> Generator:
    torch.manual_seed(3)
    generator = Generator(spec).requires_grad_(False)
    for parameter in generator.synthesis.parameters():
        if parameter.ndim == 1:
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return generator


def test_the_graphs_hold_what_the_network_does() -> None:
    spec = small_spec()
    generator = random_generator(spec)
    mapping, synthesis = bake(generator, spec)
    first = mapping_graph(mapping, spec)
    second = synthesis_graph(synthesis, spec)

    z = torch.randn(3, spec.z_dim)  # another batch than the exporter saw
    w = mapping(z)
    found_w: Any
    image: Any
    (found_w,) = ReferenceEvaluator(onnx.load_model_from_string(first)).run(None, {"z": z.numpy()})
    np.testing.assert_allclose(found_w, w.numpy(), atol=1e-5)
    model = onnx.load_model_from_string(second)
    (image,) = ReferenceEvaluator(model).run(None, {"w": w.contiguous().numpy()})
    np.testing.assert_allclose(image, synthesis(w)[0].numpy(), atol=1e-4)

    # Rounding the weights to fp16 is all that baking may change.
    w_NLD = generator.mapping(z)[:, None].expand(-1, spec.num_layers, -1)
    trained = generator.synthesis(w_NLD, 16, grain=steady_grain(synthesis.mean))
    assert (synthesis(w)[0] - trained[16]).abs().max() < 0.02

    batch = model.graph.input[0].type.tensor_type.shape.dim[0]
    assert batch.dim_param == "batch"
    assert model.opset_import[0].version == 20


def test_a_graph_names_nothing_of_the_machine_that_made_it() -> None:
    spec = small_spec()
    content = synthesis_graph(bake(random_generator(spec), spec)[1], spec)
    for trace in (b"site-packages", b".py", b"/home", b"studio/training"):
        assert trace not in content
    model = onnx.load_model_from_string(content)
    assert not any(node.metadata_props for node in model.graph.node)
    assert not any(node.op_type.startswith("Random") for node in model.graph.node)


def test_weights_are_stored_in_half_and_biases_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_onnx, "MIN_HALVED", 8)
    spec = small_spec()
    content = synthesis_graph(bake(random_generator(spec), spec)[1], spec)
    tables = onnx.load_model_from_string(content).graph.initializer
    halved = {t.name for t in tables if t.data_type == TensorProto.FLOAT16}
    whole = {t.name for t in tables if t.data_type == TensorProto.FLOAT}
    assert any("weight" in name for name in halved)
    assert not any(name.endswith("weight") for name in whole)
    assert any("bias" in name for name in whole)
    for table in tables:
        assert np.isfinite(numpy_helper.to_array(table).astype(np.float32)).all()


def test_the_same_network_gives_the_same_bytes() -> None:
    spec = small_spec()
    first, second = (mapping_graph(bake(random_generator(spec), spec)[0], spec) for _ in range(2))
    assert first == second


def test_previews_are_the_smaller_ones() -> None:
    assert preview_sizes(32) == ()
    assert preview_sizes(128) == (64,)
    assert preview_sizes(256) == (64, 128)


@pytest.mark.parametrize(("config", "resolution"), [("s", 256), ("xs", 512), ("sketch", 512)])
def test_the_usual_generators_fit_into_sixteen_megabytes(config: str, resolution: int) -> None:
    spec = make_spec(resolution=resolution, config=config, kimg=1)
    _, synthesis = bake(Generator(spec), spec)
    num_bytes = sum(2 * buffer.numel() for buffer in synthesis.buffers())
    assert num_bytes < 15.9 * 2**20
