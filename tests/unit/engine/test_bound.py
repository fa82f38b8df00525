"""What runs on a card is tried here on the processor, with the runtime's own binding: same pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.core.model_card import SYNTHESIS_FILE, ModelCard
from studio.engine.bound import BoundSynthesis, open_bound
from studio.engine.providers import open_session
from studio.engine.synthesis import ExportedSynthesis, NotFiniteError
from studio.engine.variants import cut_graph
from studio.files.model_folder import read_card
from studio.opener.onnx_walk import WalkedGraph, walk_graph
from tests.fakes.tiny_model import make_tiny_model

Opened = tuple[WalkedGraph, ModelCard, ExportedSynthesis]


@pytest.fixture
def model(tmp_path: Path) -> Opened:
    folder = make_tiny_model(tmp_path, resolution=128, channels=2)
    graph = walk_graph((folder / SYNTHESIS_FILE).read_bytes(), file_name="x")
    cuts = {64: cut_graph(graph, "rgb64"), 128: cut_graph(graph, "image")}
    sessions = {side: open_session(cut, "cpu").session for side, cut in cuts.items()}
    return graph, read_card(folder), ExportedSynthesis(sessions)


def on_processor(asked: list[bool]) -> Callable[[bytes, bool], Any]:
    def open_graph(file: bytes, captures: bool) -> Any:  # noqa: ANN401
        asked.append(captures)
        return open_session(file, "cpu").session

    return open_graph


def bind(model: Opened, open_graph: Callable[[bytes, bool], Any]) -> BoundSynthesis | None:
    graph, card, exported = model
    return open_bound(graph, card, exported=exported, open_graph=open_graph, device="cpu")


def latent(model: Opened, count: int, seed: int = 3) -> np.ndarray:
    card = model[1]
    drawn = np.random.RandomState(seed).randn(count, card.layers, card.w)
    return drawn.astype(np.float32)


def test_bound_pictures_are_the_exported_ones_at_every_side_and_batch(model: Opened) -> None:
    asked: list[bool] = []
    bound = bind(model, on_processor(asked))
    assert bound is not None
    assert asked == [True, True], "captured, a session for each side"
    kept = []
    for seed, side, count in ((1, 64, 1), (2, 128, 1), (3, 128, 4), (4, 128, 1)):
        w_NLD = latent(model, count, seed)
        expected = model[2].pictures(w_NLD, side, options=None)
        found = bound.pictures(w_NLD, side, options=None)
        assert found.dtype == np.uint8
        assert np.array_equal(found, expected)
        kept.append((found, expected))
    for found, expected in kept:  # not overwritten by a later run
        assert np.array_equal(found, expected)


def test_numbers_that_are_no_picture_are_refused(model: Opened) -> None:
    bound = bind(model, on_processor([]))
    assert bound is not None
    w_NLD = latent(model, 1)
    w_NLD[:] = np.nan
    with pytest.raises(NotFiniteError):
        bound.pictures(w_NLD, 64, options=None)


def test_a_card_that_cannot_capture_is_bound_without_and_one_that_cannot_bind_not_at_all(
    model: Opened,
) -> None:
    asked: list[bool] = []
    works = on_processor(asked)

    def no_capture(file: bytes, captures: bool) -> Any:  # noqa: ANN401
        if captures:
            raise RuntimeError("CUDA graph: a node is not on the card")
        return works(file, captures)

    def nothing(_file: bytes, _captures: bool) -> Any:  # noqa: ANN401
        raise RuntimeError("CUDA failure 2: out of memory")

    bound = bind(model, no_capture)
    assert bound is not None
    assert asked == [False, False]
    assert bind(model, nothing) is None


class Stale:
    """A captured run that goes on giving its first picture, as a wrong binding would."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401
        self._session = session
        self._has_run = False

    def run_with_iobinding(self, *given: Any) -> None:
        if not self._has_run:
            self._session.run_with_iobinding(*given)
        self._has_run = True

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._session, name)


def test_a_captured_run_that_gives_an_old_picture_is_given_up(model: Opened) -> None:
    asked: list[bool] = []
    works = on_processor(asked)

    def stale(file: bytes, captures: bool) -> Any:  # noqa: ANN401
        session = works(file, captures)
        return Stale(session) if captures else session

    assert bind(model, stale) is not None
    assert asked == [True, False, False], "captured tried first, then bound without"
