import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from studio.core.errors import ModelError
from studio.core.model_card import (
    CARD_FILE,
    DISCRIMINATOR_FILE,
    MAPPING_FILE,
    SPEC_FILE,
    SYNTHESIS_FILE,
)
from studio.training.model_weights import load_model_weights, tables_of, unbake
from studio.training.networks import Critic, Generator
from studio.training.to_onnx import bake
from tests.unit.training.small import small_spec

LANDSCAPES = Path(__file__).parents[3] / "models" / "landscapes"


def test_a_shipped_model_read_back_has_the_same_tables() -> None:
    average, critic, spec = load_model_weights(LANDSCAPES)
    generator = Generator(spec).requires_grad_(False)
    generator.load_state_dict(average)
    for network, name in zip(bake(generator, spec), (MAPPING_FILE, SYNTHESIS_FILE), strict=True):
        tables = tables_of((LANDSCAPES / name).read_bytes())
        for key, value in network.named_buffers():
            np.testing.assert_allclose(value.numpy(), tables[key], atol=1e-6, err_msg=key)
    stored = load_file(LANDSCAPES / DISCRIMINATOR_FILE)
    Critic(spec).load_state_dict(critic)
    assert all(np.array_equal(critic[name].numpy(), stored[name]) for name in stored)


def test_a_generator_comes_back_but_for_what_fp16_rounds() -> None:
    spec = small_spec()
    torch.manual_seed(1)
    generator = Generator(spec).requires_grad_(False)
    for parameter in generator.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.1)
    mapping, synthesis = (
        {name: value.numpy() for name, value in network.named_buffers()}
        for network in bake(generator, spec)
    )
    for name, value in unbake(spec, mapping=mapping, synthesis=synthesis).items():
        torch.testing.assert_close(value, generator.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_a_model_that_cannot_be_read_back_says_so(tmp_path: Path) -> None:
    for name in (CARD_FILE, SPEC_FILE, MAPPING_FILE, SYNTHESIS_FILE, DISCRIMINATOR_FILE):
        shutil.copy(LANDSCAPES / name, tmp_path)
    spec = msgspec.json.decode((LANDSCAPES / SPEC_FILE).read_bytes())
    spec["channels"]["32"] = 48
    (tmp_path / SPEC_FILE).write_bytes(msgspec.json.encode(spec))
    with pytest.raises(ModelError, match="another network"):
        load_model_weights(tmp_path)
    (tmp_path / SPEC_FILE).unlink()
    with pytest.raises(ModelError, match="no usable recipe"):
        load_model_weights(tmp_path)
    with pytest.raises(ValueError, match="no ONNX graph"):
        tables_of(b"something else")
