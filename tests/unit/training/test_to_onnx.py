import functools
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

from studio.core.recipe import Frame
from studio.core.training_spec import Symmetry, TrainingSpec, make_spec
from studio.engine.spread import Spread, feeds_of, shape_of
from studio.engine.spread_graph import recognise, write_spread
from studio.opener.onnx_walk import walk_graph
from studio.training.grain import steady_grain
from studio.training.networks import Generator
from studio.training.to_onnx import bake, mapping_graph, preview_sizes, refill, synthesis_graph
from tests.unit.training.small import small_spec

pytestmark = pytest.mark.slow  # the exporter alone takes seconds


def random_generator(spec: TrainingSpec) -> Generator:
    torch.manual_seed(3)
    generator = Generator(spec).requires_grad_(False)
    for parameter in generator.synthesis.parameters():
        if parameter.ndim == 1:
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return generator


@functools.cache
def random_graph(symmetry: Symmetry = "none") -> bytes:
    """Give the synthesis graph of the random generator: the exporter is slow."""
    spec = msgspec.structs.replace(small_spec(), symmetry=symmetry)
    return synthesis_graph(bake(random_generator(spec), spec)[1], spec)


@pytest.mark.parametrize("symmetry", ["none", "square"])
def test_the_graphs_hold_what_the_network_does(symmetry: Symmetry) -> None:
    spec = msgspec.structs.replace(small_spec(), symmetry=symmetry)
    generator = random_generator(spec)
    mapping, synthesis = bake(generator, spec)
    first = mapping_graph(mapping, spec)
    second = random_graph(symmetry)

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


@pytest.mark.parametrize("symmetry", ["none", "square"])
def test_the_engine_can_write_every_exported_graph_anew(symmetry: Symmetry) -> None:
    """Tiles, wide pictures and mixes rest on the names of the tables and on the order of the sums."""
    graph = random_graph(symmetry)
    spec = small_spec()
    parts = recognise(walk_graph(graph, file_name="x"), resolution=16, width=spec.w_dim)
    assert parts is not None
    assert parts.symmetric == (symmetry == "square")
    w_LD = np.random.RandomState(3).randn(spec.num_layers, spec.w_dim).astype(np.float32)
    one = Spread((w_LD,), (), Frame())
    shape = shape_of(one, 16)
    raw = write_spread(walk_graph(graph, file_name="x"), parts, shape=shape)
    written = onnx.load_model_from_string(raw)
    onnx.checker.check_model(written, full_check=True)
    feeds = feeds_of(one, shape, is_symmetric=parts.symmetric)
    found: Any
    expected: Any
    (found,) = ReferenceEvaluator(written).run(None, feeds)
    model = ReferenceEvaluator(onnx.load_model_from_string(graph))
    (expected,) = model.run(["image"], {"w": w_LD[None]})
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_graph_names_nothing_of_the_machine_that_made_it() -> None:
    content = random_graph()
    for trace in (b"site-packages", b".py", b"/home", b"studio/training"):
        assert trace not in content
    model = onnx.load_model_from_string(content)
    assert not any(node.metadata_props for node in model.graph.node)
    assert not any(node.op_type.startswith("Random") for node in model.graph.node)


def test_weights_are_stored_in_half_and_biases_whole() -> None:
    tables = onnx.load_model_from_string(random_graph()).graph.initializer
    halved = {t.name for t in tables if t.data_type == TensorProto.FLOAT16}
    whole = {t.name for t in tables if t.data_type == TensorProto.FLOAT}
    assert {"start_fp16", "convs.0.weight_fp16", "convs.3.affine_fp16"} <= halved
    assert {"start_bias", "convs.0.bias", "convs.0.grain", "mean"} <= whole
    for table in tables:
        assert np.isfinite(numpy_helper.to_array(table).astype(np.float32)).all()


def test_another_networks_graph_refilled_is_the_graph_itself() -> None:
    spec = small_spec()
    fresh = bake(Generator(spec).requires_grad_(False), spec)[1]  # all its biases are 0
    trained = bake(random_generator(spec), spec)[1]
    template = synthesis_graph(fresh, spec)
    assert refill(template, trained) == random_graph()
    with pytest.raises(ValueError, match="template"):
        refill(template, bake(random_generator(small_spec(resolution=32)), spec)[1])
    with pytest.raises(ValueError, match="no ONNX graph"):
        refill(b"something else", trained)


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
