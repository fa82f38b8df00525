"""The floor counts what the network really multiplies."""

import itertools
from pathlib import Path

from studio.core.model_card import SYNTHESIS_FILE
from studio.core.training_spec import CHANNELS
from studio.engine.floor import MatrixRate, multiply_adds
from studio.files.model_folder import read_card
from studio.files.places import shipped_models
from studio.opener.onnx_walk import walk_graph
from tests.fakes.tiny_model import make_tiny_model


def counted_by_hand() -> int:
    """The sketch network at 128 px, level by level."""
    channels, sizes, width, fields = CHANNELS["sketch"], (4, 8, 16, 32, 64, 128), 256, 16
    total = channels[4] * 16 * width  # the start
    convs = [(channels[4], channels[4], 4, 4)]  # in, out, side that is computed, side of the grain
    for before, size in itertools.pairwise(sizes):
        convs.append((channels[before], channels[size], before, size))
        convs.append((channels[size], channels[size], size, size))
    for num_in, num_out, side, grain_px in convs:
        total += num_in * num_out * 9 * side * side
        total += num_in * width + num_in * num_out + width * fields + fields * grain_px * grain_px
    for size in sizes:
        total += 3 * channels[size] * size * size + channels[size] * width
    return total


def test_a_starters_multiply_adds_are_those_of_its_layers() -> None:
    folder = shipped_models() / "landscapes"
    graph = walk_graph((folder / SYNTHESIS_FILE).read_bytes(), file_name="x")
    assert multiply_adds(graph, read_card(folder)) == counted_by_hand()


def test_a_graph_of_another_kind_has_no_known_floor(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path, resolution=16, channels=2)
    graph = walk_graph((folder / SYNTHESIS_FILE).read_bytes(), file_name="x")
    assert multiply_adds(graph, read_card(folder)) is None


def test_the_rate_scales_with_the_work() -> None:
    rate = MatrixRate(1)
    assert len(rate.floor_ms(10**9, 2)) == 2
    assert rate.floor_ms(0, 1) == [0.0]
    assert min(rate.floor_ms(10**9, 3)) > 0
