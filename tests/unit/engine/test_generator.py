"""What the runtime throws becomes a sentence; a card that fails ends the process."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import EngineError
from studio.core.latent import FloatArray
from studio.core.recipe import new_recipe
from studio.engine.generator import CancelToken, Generator
from studio.engine.host import CudaFailedError, EngineHost
from studio.engine.render_loop import Job, Request
from studio.engine.session import GeneratorModel
from studio.engine.synthesis import ExportedSynthesis
from tests.fakes.tiny_model import make_tiny_model


class FailingSession:
    """A session whose every run fails with the text of a real one."""

    def __init__(self, text: str) -> None:
        self._text = text

    def run(
        self, output_names: None, input_feed: dict[str, FloatArray], *, run_options: object = None
    ) -> list[FloatArray]:
        raise RuntimeError(self._text)


class CountingSession:
    """A mapping that counts its runs."""

    def __init__(self, layers: int, width: int) -> None:
        self.shape = (layers, width)
        self.sizes: list[int] = []

    def run(
        self, output_names: None, input_feed: dict[str, FloatArray], *, run_options: object = None
    ) -> list[FloatArray]:
        num = len(input_feed["z"])
        self.sizes.append(num)
        return [np.zeros((num, *self.shape), dtype=np.float32)]


@pytest.fixture
def model(tmp_path: Path) -> GeneratorModel:
    return GeneratorModel.open(make_tiny_model(tmp_path, resolution=16, channels=1), wish="cpu")


def with_sessions(
    model: GeneratorModel, *, mapping: CountingSession, synthesis: Mapping[int, FailingSession]
) -> Generator:
    exported = ExportedSynthesis(synthesis)
    return Generator(model.card, model.directions, mapping=mapping, synthesis=exported)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("[ONNXRuntimeError] : 1 : FAIL : bfc_arena.cc Failed to allocate memory for requested buffer", "memory"),
        ("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : CUDA out of memory", "memory"),
        ("[ONNXRuntimeError] : 1 : FAIL : Conv node failed", "could not be computed"),
        # ended by nobody whom we know: no cancelled picture
        ("[ONNXRuntimeError] : 1 : FAIL : Exiting due to terminate flag being set", "could not be computed"),
    ],
)  # fmt: skip
def test_what_the_runtime_throws_becomes_a_sentence(
    model: GeneratorModel, text: str, phrase: str
) -> None:
    mapping = CountingSession(model.card.layers, model.card.w)
    generator = with_sessions(model, mapping=mapping, synthesis={16: FailingSession(text)})
    w = generator.w_of(new_recipe(model.card.model, 1))[None]
    with pytest.raises(EngineError, match=phrase) as caught:
        generator.render(w, 16, cancel=CancelToken())
    assert "ONNX" not in str(caught.value)


def test_a_seed_is_mapped_once_and_always_alone(model: GeneratorModel) -> None:
    mapping = CountingSession(model.card.layers, model.card.w)
    generator = with_sessions(model, mapping=mapping, synthesis={})
    for seed in [*range(300), *range(290, 300), 0]:
        generator.w_of(new_recipe(model.card.model, seed))
    assert mapping.sizes == [1] * 301, "the last hundreds are remembered, the oldest is not"


def test_a_card_that_fails_ends_the_process_and_the_cpu_does_not(model: GeneratorModel) -> None:
    failing = FailingSession("CUDA failure 719: unspecified launch failure")
    mapping = CountingSession(model.card.layers, model.card.w)
    model.generator = with_sessions(model, mapping=mapping, synthesis={16: failing})
    host = EngineHost(lambda _line: None)
    job = Job("full", (Request(1, new_recipe(model.card.model, 1)),), 16)
    with pytest.raises(EngineError):
        host._render(model, job)
    model.provider = "CUDA"
    with pytest.raises(CudaFailedError):
        host._render(model, job)


def test_a_bad_recipe_in_a_batch_is_refused_alone(model: GeneratorModel) -> None:
    said: list[bytes] = []
    host = EngineHost(said.append)
    good, bad = new_recipe(model.card.model, 1), new_recipe("cd" * 32, 1)
    job = Job("small", (Request(1, good), Request(2, bad), Request(3, good)), 16)
    assert [request.request_id for request, _ in host._render(model, job)] == [1, 3]
    assert len(said) == 1
    assert b'"request_id":2' in said[0]
