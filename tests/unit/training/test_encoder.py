"""The encoder: fitted to a small generator, as a graph, in the engine's rounds."""

import numpy as np
import onnx
import pytest
import torch

from studio.core.inversion import LOOK_PX
from studio.core.latent import z_from_seeds
from studio.core.training_spec import TrainingSpec
from studio.opener.onnx_walk import walk_graph
from studio.training.encoder import Encoder, Eyes, at_side
from studio.training.encoder_fit import EncoderPlan, fit_encoder
from studio.training.encoder_graph import encoder_graph
from studio.training.state import TrainingState
from studio.training.to_onnx import Baked, bake
from tests.unit.training.small import small_spec

PLAN = EncoderPlan(pictures=120, rounds=2)


@pytest.fixture(scope="module")
def state() -> TrainingState:
    """A generator whose pictures differ visibly from seed to seed."""
    state = TrainingState(small_spec(resolution=16))
    state.average.load_state_dict(state.generator.state_dict())
    return state


@pytest.fixture(scope="module")
def baked(state: TrainingState) -> Baked:
    return bake(state.average, state.spec)


@pytest.fixture(scope="module")
def encoder(state: TrainingState, baked: Baked) -> Encoder:
    fitted = fit_encoder(baked, state.critic, spec=state.spec, plan=PLAN)
    assert fitted is not None
    return fitted


def drawn(baked: Baked, spec: TrainingSpec, *, seeds: range) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the latents of seeds at truncation 0.7 and their pictures as looks."""
    w_NLD = baked[0](torch.from_numpy(z_from_seeds(seeds, spec.z_dim)))
    w_NLD = baked[1].mean + 0.7 * (w_NLD - baked[1].mean)
    return w_NLD, at_side(baked[1](w_NLD)[0])


def test_five_rounds_come_much_nearer_to_pictures_that_were_not_fitted(
    state: TrainingState, baked: Baked, encoder: Encoder
) -> None:
    with torch.no_grad():
        true_NLD, wanted = drawn(baked, state.spec, seeds=range(500, 524))
        w_NLD = baked[1].mean.expand_as(true_NLD)
        first = at_side(baked[1](w_NLD)[0])
        for _ in range(5):
            present = at_side(baked[1](w_NLD)[0])
            w_NLD = w_NLD + encoder(torch.cat([wanted, present], dim=1))
        last = at_side(baked[1](w_NLD)[0])
    assert float((last - wanted).abs().mean() / (first - wanted).abs().mean()) < 0.5
    same = torch.cat([wanted, wanted], dim=1)
    assert float(encoder(same).abs().max()) == 0  # what has arrived stays


def test_the_graph_gives_what_the_network_gives_and_is_stored_in_halves(encoder: Encoder) -> None:
    raw = encoder_graph(encoder)
    assert raw == encoder_graph(encoder)
    walk_graph(raw, file_name="encoder.onnx")
    tables = {table.name: table for table in onnx.load_model_from_string(raw).graph.initializer}
    assert {"narrow_fp16", "wide_fp16"} <= set(tables)
    import onnxruntime

    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    random = torch.Generator().manual_seed(1)
    pair = torch.rand(3, 6, LOOK_PX, LOOK_PX, generator=random) * 2 - 1
    found = session.run(None, {"pair": pair.numpy()})[0]
    expected = encoder(pair).numpy()
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_eyes_of_a_wide_critic_end_before_they_grow_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = TrainingState(small_spec(resolution=64))
    whole = Eyes(state.critic, state.spec)
    monkeypatch.setattr("studio.training.encoder.MAX_EYE_WEIGHTS", 2600)
    short = Eyes(state.critic, state.spec)
    assert list(whole.blocks) == ["64", "32", "16"]
    assert list(short.blocks) == ["64", "32"]
    looks = torch.zeros(1, 3, LOOK_PX, LOOK_PX)
    assert short(looks).shape[1] == short.num_features < whole(looks).shape[1]


def test_a_fit_tells_how_far_it_is_and_can_be_ended(state: TrainingState, baked: Baked) -> None:
    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_encoder(baked, state.critic, spec=state.spec, plan=PLAN, progress=stop)
    assert told == sorted(told)
    assert 0.5 < told[-1] < 0.6


def test_a_network_whose_numbers_overflow_has_no_encoder() -> None:
    broken = TrainingState(small_spec())
    broken.critic.blocks["16"].first.weight.data.fill_(float("nan"))  # type: ignore[union-attr, operator]
    baked = bake(broken.average, broken.spec)
    assert fit_encoder(baked, broken.critic, spec=broken.spec, plan=PLAN) is None
