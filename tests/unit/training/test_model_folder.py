import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.model_card import MAPPING_FILE, SPEC_FILE, SYNTHESIS_FILE
from studio.core.training_spec import TuneSpec, make_spec
from studio.files.model_folder import read_card, read_directions
from studio.files.places import shipped_models
from studio.protocol.training_messages import ModelWish
from studio.training import to_onnx
from studio.training.graph_templates import find_templates
from studio.training.model_folder import Making, describe, write_model
from studio.training.model_weights import load_model_weights, tables_of
from studio.training.state import TrainingState

LANDSCAPES = shipped_models() / "landscapes"


@pytest.mark.parametrize(
    ("config", "resolution", "is_sketch"),
    [("s", 256, False), ("s", 128, True), ("xs", 256, True), ("sketch", 256, True)],
)
def test_only_what_is_smaller_than_s_is_called_a_sketch(
    config: str, resolution: int, is_sketch: bool
) -> None:
    card = describe(
        "x",
        ModelWish(name="X"),
        spec=make_spec(resolution=resolution, config=config, kimg=1),
        files={MAPPING_FILE: b"m", SYNTHESIS_FILE: b"s", "preview.webp": b"p"},
        mean_D=np.zeros(256, np.float32),
    )
    assert card.sketch is is_sketch
    assert set(card.graphs) == {MAPPING_FILE, SYNTHESIS_FILE}
    assert card.training is None


def test_a_quick_model_needs_no_exporter_and_keeps_the_directions_of_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise AssertionError("the exporter takes half a minute")

    monkeypatch.setattr(to_onnx, "export_graph", refuse)
    start = read_card(LANDSCAPES)
    average, _, spec = load_model_weights(LANDSCAPES)
    spec = msgspec.structs.replace(spec, tune=TuneSpec(start=start.model))
    state = TrainingState(spec)
    state.average.load_state_dict(average)
    state.average.synthesis.colours[0].get_parameter("bias").add_(0.25)

    making = Making(templates=(tmp_path / "none", shipped_models()), is_quick=True)
    folder = write_model(
        tmp_path / "models", state, wish=ModelWish(name="New"), seconds=1, making=making
    )
    card = read_card(folder)
    directions = read_directions(folder, card)
    assert directions.entries == read_directions(LANDSCAPES, start).entries
    synthesis = tables_of((folder / SYNTHESIS_FILE).read_bytes())
    before = tables_of((LANDSCAPES / SYNTHESIS_FILE).read_bytes())
    np.testing.assert_allclose(synthesis["colours.0.bias"], before["colours.0.bias"] + 0.25)
    np.testing.assert_array_equal(synthesis["convs.3.weight"], before["convs.3.weight"])


def test_a_template_that_is_damaged_or_of_another_size_is_passed_over(tmp_path: Path) -> None:
    spec = make_spec(resolution=128, config="sketch", kimg=1)
    for name in ("damaged", "smaller", "good"):
        shutil.copytree(LANDSCAPES, tmp_path / name)
    (tmp_path / "damaged" / SPEC_FILE).write_bytes(b"{")
    smaller = make_spec(resolution=64, config="sketch", kimg=1)
    (tmp_path / "smaller" / SPEC_FILE).write_bytes(msgspec.json.encode(smaller))
    assert list(find_templates(spec, [tmp_path])) == [tmp_path / "good"]
