"""Runs the graph that `engine.blocked_graph` writes for this processor, stage after stage.

Each stage's result is kept for the next picture: the full picture goes on where its preview
ended, and a change of the fine zone alone begins at 64 px. The rewritten graph is compared with the
exported one when a model is first opened with this runtime on this machine; where it gives other
numbers, or the runtime has no blocks, the exported graph is used.

Shapes: B channels of a block, L layers, D width of w.
"""

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from studio.core.errors import StorageError
from studio.core.latent import FloatArray
from studio.core.model_card import ModelCard
from studio.engine.blocked_graph import DOMAIN, DOMAIN_FIELD, Stage, stages_of, write_stage
from studio.engine.blocked_tables import BlockedTables, read_tables
from studio.engine.blocked_tail import Form, write_tail
from studio.engine.graph_writer import GraphWriter
from studio.engine.providers import CPU_PROVIDER, session_options
from studio.engine.spread_graph import Parts, recognise
from studio.engine.synthesis import NotFiniteError, Synthesis
from studio.files.graph_proof import GraphProof, read_proof, write_proof
from studio.files.places import studio_home
from studio.opener.onnx_walk import WalkedGraph
from studio.opener.protobuf_wire import write_bytes_field, write_number_field

# To be raised when the rewriting changes: every model is compared again then.
VERSION: Final = 1
# Of a range of −1…1, less than an eighth of a level. Another order of summing is off by 1e-5 at
# most; a block in the wrong order by more than 0.1.
MAX_DIFFERENCE: Final = 1e-3
_NO_PICTURE: Final = 1e9  # a difference where there is nothing to compare
_OPSET: Final = 20
_IR_VERSION: Final = 10
_NAMES: Final = ("x", "rgb", "pending")
_SEED: Final = 1
_logger = logging.getLogger(__name__)


@functools.cache
def find_block() -> int:
    """Give how many channels this runtime puts into a block on this processor; 0: no blocks.

    It is seen in the order in which the runtime lays out 64 channels of two pixels: the second
    pixel of the first channel comes after one whole block.
    """
    out = GraphWriter()
    x = out.take("x", 1, 64, 1, 2)
    laid = out.node_of(DOMAIN, "ReorderInput", x)
    standard = write_bytes_field(8, write_number_field(2, _OPSET))
    file = out.file(
        [write_number_field(1, _IR_VERSION), standard, DOMAIN_FIELD], {laid: (1, 64, 1, 2)}
    )
    values = np.arange(128, dtype=np.float32).reshape(1, 64, 1, 2)
    try:
        found = _open(file).run(None, {"x": values})[0].reshape(-1)
    except Exception as error:  # noqa: BLE001 - the runtime raises classes of its own
        _logger.info("no blocks of channels here: %s", error)
        return 0
    block = int(np.flatnonzero(found == 1.0)[0])
    expected = values.reshape(64 // block, block, 2).transpose(0, 2, 1).reshape(-1)
    return block if block > 1 and np.array_equal(found, expected) else 0


def open_staged(
    graph: WalkedGraph, card: ModelCard, *, exported: Callable[[], Synthesis]
) -> "StagedSynthesis | None":
    """Give a model's graph rewritten for this processor; None where that is not possible.

    Args:
        graph: The walked synthesis graph.
        card: The model's card.
        exported: Opens the exported graph, to compare with; called only when this model was not
            compared before with this runtime.
    """
    parts = recognise(graph, resolution=card.resolution, width=card.w)
    if parts is None or not (block := find_block()):
        return None
    try:
        staged = StagedSynthesis(graph, card, parts=parts, block=block)
        proof = _known_proof(card, block) or _prove(staged, exported(), card=card)
    except (ValueError, LookupError) as error:  # the names are ours, the tables are not
        _logger.warning("the graph of %s cannot be rewritten: %s", card.id, error)
        return None
    if proof.difference > MAX_DIFFERENCE:
        _logger.warning("the rewritten graph of %s is off by %g", card.id, proof.difference)
        return None
    return staged


class StagedSynthesis:
    """A `Synthesis` in stages, on the CPU; each opens when first used."""

    def __init__(self, graph: WalkedGraph, card: ModelCard, *, parts: Parts, block: int) -> None:
        """Take a graph that was recognised.

        Args:
            graph: The walked graph.
            card: The model's card.
            parts: What was recognised.
            block: How many channels are in a block.
        """
        sizes = tuple(4 << i for i in range((card.resolution // 4).bit_length()))
        tables = read_tables(graph, sizes, block=block)
        self._mean_D = tables.mean
        self._model_fields = graph.model_fields
        self._parts = parts
        self._block = block
        self._stages = [
            _OpenStage(stage, tables, model_fields=graph.model_fields)
            for stage in stages_of(sizes, card.previews)
        ]
        ends = [stage.side for stage in self._stages]
        self._num_by_side = {
            side: ends.index(side) + 1 for side in (*card.previews, card.resolution)
        }
        self._tails: dict[Form, Any] = {}

    @property
    def mean_D(self) -> FloatArray:
        """The mean w, as the graph has it."""
        return self._mean_D

    def images(self, w_NLD: FloatArray, side: int, *, options: Any) -> FloatArray:  # noqa: ANN401
        """See `Synthesis`."""
        parts = [self._ended(w_LD, side, form="image", options=options)[0] for w_LD in w_NLD]
        return np.concatenate(parts)

    def pictures(self, w_NLD: FloatArray, side: int, *, options: Any) -> NDArray[np.uint8]:  # noqa: ANN401
        """See `Synthesis`."""
        found = []
        for w_LD in w_NLD:
            levels, total = self._ended(w_LD, side, form="picture", options=options)
            if not np.isfinite(total):
                raise NotFiniteError
            found.append(levels)
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _ended(
        self,
        w_LD: FloatArray,
        side: int,
        *,
        form: Form,
        options: Any,  # noqa: ANN401
    ) -> list[Any]:
        """Give the last step's outputs for one latent, computing only what has changed."""
        if form not in self._tails:
            file = write_tail(
                self._model_fields,
                form,
                block=self._block,
                is_symmetric=self._parts.symmetric,
            )
            self._tails[form] = _open(file)
        tail = self._tails[form]
        given: dict[str, Any] = {}
        for stage in self._stages[: self._num_by_side[side]]:
            given = stage.run(w_LD, given, options=options)
        names = [output.name for output in tail.get_outputs()]
        return [
            value.numpy()
            for value in tail.run_with_ort_values(names, {"rgb": given["rgb"]}, options)
        ]


class _OpenStage:
    """A stage, its session once it was used, and its last result."""

    def __init__(
        self, stage: Stage, tables: BlockedTables, *, model_fields: Iterable[memoryview]
    ) -> None:
        self._stage = stage
        self.side = tables.sizes[stage.levels[-1]]
        # The tables are let go when the session has its own.
        self._write: Callable[[], bytes] | None = functools.partial(
            write_stage, tables, stage, model_fields=tuple(model_fields)
        )
        self._session: Any = None
        self._result: dict[str, Any] = {}
        self._made_of = b""

    def run(self, w_LD: FloatArray, given: dict[str, Any], *, options: Any) -> dict[str, Any]:  # noqa: ANN401
        """Give the stage's result, the last one where w has not changed for it.

        Args:
            w_LD: The whole latent.
            given: The result of the stage before, for the same latent.
            options: The runtime's for this run.
        """
        made_of = w_LD[: self._stage.rows].tobytes()
        if made_of == self._made_of:
            return self._result
        if self._write is not None:
            self._session = _open(self._write())
            self._write = None
        feeds = {**given, "w": onnxruntime.OrtValue.ortvalue_from_numpy(w_LD[None])}
        wanted = {value.name for value in self._session.get_inputs()}
        names = [value.name for value in self._session.get_outputs()]
        self._made_of, self._result = b"", {}  # ended from outside, there is none
        values = self._session.run_with_ort_values(
            names, {name: value for name, value in feeds.items() if name in wanted}, options
        )
        own = _NAMES if len(values) > 1 else ("rgb",)
        self._result = dict(zip(own, values, strict=False))
        self._made_of = made_of
        return self._result


def _open(file: bytes) -> Any:  # noqa: ANN401
    options = session_options()
    # Nothing is left to rewrite, and looking for it takes a third of the time of opening.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(file, options, providers=[CPU_PROVIDER])


def _known_proof(card: ModelCard, block: int) -> GraphProof | None:
    proof = read_proof(studio_home(), card.model)
    wanted = (VERSION, onnxruntime.__version__, block)
    return proof if proof and (proof.version, proof.runtime, proof.block) == wanted else None


def _prove(staged: StagedSynthesis, exported: Synthesis, *, card: ModelCard) -> GraphProof:
    """Compare a latent's picture at every side, and remember the largest difference."""
    drawn = np.random.RandomState(_SEED).randn(1, card.layers, card.w).astype(np.float32)
    w_NLD = drawn + staged.mean_D
    differences = []
    for side in (*card.previews, card.resolution):
        expected = exported.images(w_NLD, side, options=None)
        try:
            found = staged.images(w_NLD, side, options=None)
        except Exception as error:  # noqa: BLE001 - the runtime raises classes of its own
            _logger.warning("the rewritten graph of %s does not run: %s", card.id, error)
            differences.append(_NO_PICTURE)
            break
        differences.append(float(np.abs(found - expected).max()))
    difference = max(differences) if np.isfinite(differences).all() else _NO_PICTURE
    proof = GraphProof(VERSION, onnxruntime.__version__, find_block(), difference)
    try:
        write_proof(studio_home(), card.model, proof=proof)
    except StorageError as error:
        _logger.info("the comparison is not remembered: %s", error)
    return proof
