"""The graph rewritten for this processor: the exported one's pictures, and nothing computed twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.arrays import picture_from_tensor
from studio.core.latent import FloatArray
from studio.core.model_card import SYNTHESIS_FILE
from studio.core.recipe import new_recipe
from studio.engine import staged
from studio.engine.blocked_graph import Stage, stages_of
from studio.engine.blocked_tables import in_blocks
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.providers import open_session
from studio.engine.session import GeneratorModel
from studio.engine.staged import StagedSynthesis, find_block, open_staged
from studio.engine.synthesis import ExportedSynthesis, NotFiniteError, Synthesis
from studio.engine.variants import cut_graph
from studio.files.graph_proof import GraphProof, proof_path, read_proof, write_proof
from studio.files.model_folder import read_card
from studio.files.places import shipped_models, studio_home
from studio.opener.onnx_walk import WalkedGraph, walk_graph
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.skipif(
    find_block() == 0, reason="this runtime has no blocks of channels on this processor"
)


def walked(name: str) -> WalkedGraph:
    raw = (shipped_models() / name / SYNTHESIS_FILE).read_bytes()
    return walk_graph(raw, file_name="x")


class Both(msgspec.Struct):
    """One shipped model, rewritten and as it is."""

    staged: StagedSynthesis
    exported: Synthesis
    shape: tuple[int, int]

    def latent(self, seed: int) -> FloatArray:
        drawn = np.random.RandomState(seed).randn(1, *self.shape).astype(np.float32)
        w_NLD: FloatArray = self.staged.mean_D + np.float32(0.7) * drawn
        return w_NLD


def exported(name: str) -> Synthesis:
    graph = walked(name)
    cuts = {64: cut_graph(graph, "rgb64"), 128: cut_graph(graph, "image")}
    return ExportedSynthesis({side: open_session(cut, "cpu").session for side, cut in cuts.items()})


def both(name: str) -> Both:
    graph, card = walked(name), read_card(shipped_models() / name)
    plain = exported(name)
    found = open_staged(graph, card, exported=lambda: plain)
    assert found is not None
    return Both(found, plain, (card.layers, card.w))


@pytest.fixture(scope="module")
def landscapes() -> Both:
    return both("landscapes")


@pytest.fixture
def counted(landscapes: Both) -> Iterator[list[int]]:
    """Give the indices of the stages that really run."""
    ran: list[int] = []
    stages = landscapes.staged._stages
    for index, stage in enumerate(stages):
        landscapes.staged.images(landscapes.latent(0), 128, options=None)
        stage._session = _Counting(stage._session, ran, index)
    yield ran
    for stage in stages:
        stage._session = stage._session.session


class _Counting:
    """A session that notes its runs."""

    def __init__(self, session: Any, ran: list[int], index: int) -> None:  # noqa: ANN401
        self.session = session
        self._ran, self._index = ran, index

    def run_with_ort_values(self, *given: Any) -> Any:  # noqa: ANN401
        self._ran.append(self._index)
        return self.session.run_with_ort_values(*given)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.session, name)


# ------------------------------------------------------------------------------ equal pictures


@pytest.mark.parametrize("name", ["landscapes", "cats", "rosettes"])
def test_the_rewritten_graph_gives_the_exported_pictures(name: str) -> None:
    models = both(name)
    for seed, side in ((1, 64), (2, 128), (3, 128)):
        w_NLD = models.latent(seed)
        expected = models.exported.images(w_NLD, side, options=None)
        found = models.staged.images(w_NLD, side, options=None)
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-4
        picture = models.staged.pictures(w_NLD, side, options=None)
        levels: NDArray[np.int16] = picture_from_tensor(found).astype(np.int16)
        assert np.array_equal(picture, levels), "the last step rounds as numpy does"


def test_several_latents_give_what_each_gives_alone(landscapes: Both) -> None:
    w_NLD = np.concatenate([landscapes.latent(seed) for seed in (4, 5, 4)])
    together = landscapes.staged.pictures(w_NLD, 64, options=None)
    alone = [landscapes.staged.pictures(w_LD[None], 64, options=None) for w_LD in w_NLD]
    assert np.array_equal(together, np.concatenate(alone))
    assert np.array_equal(together[0], together[2])
    assert not np.array_equal(together[0], together[1])


def test_numbers_that_are_no_picture_are_refused(landscapes: Both) -> None:
    w_NLD = landscapes.latent(1)
    w_NLD[0, 8] = np.nan
    with pytest.raises(NotFiniteError):
        landscapes.staged.pictures(w_NLD, 128, options=None)
    after = landscapes.staged.pictures(landscapes.latent(1), 128, options=None)
    assert after.std() > 5, "the next picture is whole again"


# ------------------------------------------------------------------------- nothing done twice


def test_the_full_picture_goes_on_where_its_preview_ended(
    landscapes: Both, counted: list[int]
) -> None:
    w_NLD = landscapes.latent(7)
    landscapes.staged.images(w_NLD, 64, options=None)
    assert counted == [0, 1]
    landscapes.staged.images(w_NLD, 128, options=None)
    assert counted == [0, 1, 2]
    landscapes.staged.images(w_NLD, 64, options=None)
    assert counted == [0, 1, 2], "a preview of what is there costs nothing"


def test_a_change_of_the_fine_zone_leaves_the_large_forms(
    landscapes: Both, counted: list[int]
) -> None:
    w_NLD = landscapes.latent(8)
    landscapes.staged.images(w_NLD, 128, options=None)
    counted.clear()
    fine = w_NLD.copy()
    fine[0, 7:] += 0.5
    found = landscapes.staged.images(fine, 128, options=None)
    assert counted == [1, 2]
    assert np.abs(found - landscapes.exported.images(fine, 128, options=None)).max() < 1e-4
    coarse = fine.copy()
    coarse[0, 0] += 0.5
    counted.clear()
    found = landscapes.staged.images(coarse, 128, options=None)
    assert counted == [0, 1, 2]
    assert np.abs(found - landscapes.exported.images(coarse, 128, options=None)).max() < 1e-4


def test_every_layer_of_w_that_rules_a_stage_is_watched(landscapes: Both) -> None:
    """Each layer alone: a result that is kept although its w changed would show here."""
    w_NLD = landscapes.latent(9)
    for layer in range(w_NLD.shape[1]):
        w_NLD = w_NLD.copy()
        w_NLD[0, layer] += 0.7
        expected = landscapes.exported.images(w_NLD, 128, options=None)
        found = landscapes.staged.images(w_NLD, 128, options=None)
        assert np.abs(found - expected).max() < 1e-4, f"layer {layer}"


def test_a_run_that_is_ended_leaves_nothing_half_done(landscapes: Both) -> None:
    w_NLD = landscapes.latent(10)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Exception, match="terminate flag"):
        landscapes.staged.images(w_NLD, 128, options=token.next_options())
    found = landscapes.staged.images(w_NLD, 128, options=None)
    assert np.abs(found - landscapes.exported.images(w_NLD, 128, options=None)).max() < 1e-4


def test_a_render_that_is_ended_says_so() -> None:
    model = GeneratorModel.open(shipped_models() / "landscapes", wish="cpu")
    assert model.way == f"rewritten for this processor, {find_block()} channels in a block"
    token = CancelToken()
    token.cancel()
    with pytest.raises(RenderCancelledError):
        model.render(new_recipe(model.card.model, 1), cancel=token)


# ------------------------------------------------------------------- proved once, or not used


def test_a_model_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, card = walked("landscapes"), read_card(shipped_models() / "landscapes")
    proof_path(studio_home(), card.model).unlink(missing_ok=True)
    asked = []

    def other() -> Synthesis:
        asked.append(1)
        return exported("rosettes")

    assert open_staged(graph, card, exported=other) is None
    assert open_staged(graph, card, exported=other) is None
    assert len(asked) == 1, "what was found is remembered, bad news too"
    proof = read_proof(studio_home(), card.model)
    assert proof is not None
    assert proof.difference > 0.1
    monkeypatch.setattr(staged, "VERSION", staged.VERSION + 1)
    assert open_staged(graph, card, exported=lambda: exported("landscapes")) is not None
    proof_path(studio_home(), card.model).unlink()


def test_a_foreign_graph_and_a_runtime_without_blocks_keep_the_exported_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_tiny_model(tmp_path, resolution=16, channels=2)
    foreign = walk_graph((folder / SYNTHESIS_FILE).read_bytes(), file_name="x")

    def unasked() -> Synthesis:
        raise AssertionError("nothing is compared")

    assert open_staged(foreign, read_card(folder), exported=unasked) is None
    card = read_card(shipped_models() / "landscapes")
    monkeypatch.setattr(staged, "find_block", lambda: 0)
    assert open_staged(walked("landscapes"), card, exported=unasked) is None
    model = GeneratorModel.open(shipped_models() / "landscapes", wish="cpu")
    assert isinstance(model.generator._synthesis, ExportedSynthesis)
    assert model.way == "as it was exported"
    assert model.render(new_recipe(card.model, 1)).shape == (128, 128, 3)


def test_a_proof_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    proof = GraphProof(version=1, runtime="1.0", block=16, difference=1e-6)
    write_proof(tmp_path, "ab", proof=proof)
    assert read_proof(tmp_path, "ab") == proof
    for content in (b"", b"{}", b'{"version":1,"runtime":"1","block":16,"difference":-1}'):
        proof_path(tmp_path, "ab").write_bytes(content)
        assert read_proof(tmp_path, "ab") is None


# ------------------------------------------------------------------------------------- stages


def test_stages_end_at_the_fine_zone_and_where_pictures_end() -> None:
    sizes = (4, 8, 16, 32, 64, 128, 256)
    assert stages_of(sizes, (64, 128)) == (
        Stage((0, 1, 2, 3), (0, 1, 2), 7, ends_picture=False),
        Stage((4,), (3, 4), 10, ends_picture=True),
        Stage((5,), (5,), 12, ends_picture=True),
        Stage((6,), (6,), 14, ends_picture=True),
    )
    assert stages_of((4, 8, 16), ()) == (Stage((0, 1, 2), (0, 1, 2), 6, ends_picture=True),)


def test_a_weight_in_blocks_holds_every_number_at_its_place() -> None:
    weight = np.arange(8 * 4 * 9, dtype=np.float32).reshape(8, 4, 3, 3)
    blocks = in_blocks(weight, 4)
    for out, into, row, column in ((0, 0, 0, 0), (5, 3, 2, 1), (7, 2, 0, 2)):
        assert (
            blocks[out // 4, into // 4, row, column, into % 4, out % 4]
            == weight[out, into, row, column]
        )
