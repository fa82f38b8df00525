"""An open model: its files checked against its card, its graphs running on known hardware."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture, fine_from_tensor
from studio.core.directions import DirectionSet
from studio.core.errors import EngineError, ModelError
from studio.core.latent import FloatArray
from studio.core.model_card import MAPPING_FILE, SYNTHESIS_FILE, ModelCard
from studio.core.recipe import Recipe
from studio.engine.bound import BoundSynthesis, open_bound
from studio.engine.generator import CancelToken, Generator
from studio.engine.painting import Painter, is_plain
from studio.engine.providers import (
    OpenedSession,
    Provider,
    Wish,
    open_session,
    reason_for_cpu,
)
from studio.engine.spread import SpreadGraphs
from studio.engine.staged import StagedSynthesis, find_block, open_staged
from studio.engine.synthesis import ExportedSynthesis, Runnable, Synthesis
from studio.engine.variants import cut_graph
from studio.files.model_folder import read_card, read_directions, read_model_file
from studio.opener.onnx_walk import FLOAT, GraphValue, Shape, WalkedGraph, walk_graph

_AGAIN: Final = "Install the model again, or choose another one."
_CPU_BATCH: Final = 1
# Few fixed sizes, because the convolution search starts again at every new one (ecosystem.md §3).
_CUDA_BATCHES: Final = (9, 4, 1)


class GeneratorModel:
    """A model folder that is open. One thread at a time; `CancelToken` may come from any.

    Attributes:
        folder: The model's folder.
        card: Its card.
        directions: Its mean, axes and directions.
        wish: What was asked for.
        provider: What really runs it.
        fallback_reason: One sentence why that is not the graphics card; "" when it is as wished.
    """

    def __init__(
        self, folder: Path, card: ModelCard, *, directions: DirectionSet, sessions: "_Sessions"
    ) -> None:
        self.folder = folder
        self.card = card
        self.directions = directions
        self.wish: Wish = sessions.wish
        self.provider: Provider = sessions.provider
        self.fallback_reason = sessions.fallback_reason
        self.generator = Generator(
            card, directions, mapping=sessions.mapping, synthesis=sessions.synthesis
        )
        self._synthesis = sessions.synthesis
        self._painter = Painter(self.generator, sessions.spread)
        self._sessions = sessions

    @classmethod
    def open(cls, folder: Path, *, wish: Wish = "auto") -> "GeneratorModel":
        """Open a model folder.

        Args:
            folder: The folder with card.json.
            wish: Where to compute.

        Raises:
            ModelError: A file is missing, cut off, swapped or foreign, or the graphs are not what
                the card says.
        """
        card = read_card(folder)
        directions = read_directions(folder, card)
        graphs = {}
        for name in (MAPPING_FILE, SYNTHESIS_FILE):
            graphs[name] = walk_graph(read_model_file(folder, card, name=name), file_name=name)
        _compare_mapping(graphs[MAPPING_FILE], card)
        _compare_synthesis(graphs[SYNTHESIS_FILE], card)
        sessions = _Sessions(graphs, card, wish=wish)
        return cls(folder, card, directions=directions, sessions=sessions)

    @property
    def can_spread(self) -> bool:
        """Whether tiles, other sizes than the square and mixing in the features are possible."""
        return self._painter.can_spread

    @property
    def way(self) -> str:
        """How the graph is run here, in words."""
        if isinstance(self._synthesis, StagedSynthesis):
            return f"rewritten for this processor, {find_block()} channels in a block"
        if isinstance(self._synthesis, BoundSynthesis):
            return "bound to the graphics card"
        return "as it was exported"

    @property
    def goes_on_from_previews(self) -> bool:
        """Whether a full picture costs only what its preview did not compute."""
        return isinstance(self._synthesis, StagedSynthesis)

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides in px that pictures can have, rising."""
        return (*self.card.previews, self.card.resolution)

    def render(
        self, recipe: Recipe, *, size: int | None = None, cancel: CancelToken | None = None
    ) -> Picture:
        """Give the picture of a recipe before it is enlarged, uint8 [H, W, 3], read-only.

        Args:
            recipe: What to make.
            size: The smallest side in px that is enough; the picture has the next side that the
                model gives. None for the full picture.
            cancel: Ends the run from another thread.

        Raises:
            RecipeError: The recipe does not fit the model.
            EngineError: The runtime failed.
            RenderCancelledError: Ended by `cancel`.
        """
        side = self.generator.side_for(size)
        w_NLD = self.generator.w_of(recipe)[None]
        if not is_plain(recipe):
            return self._painter.render(recipe, side, cancel=cancel)
        return self.generator.render(w_NLD, side, cancel=cancel)[0]

    def render_fine(
        self, recipe: Recipe, *, cancel: CancelToken | None = None
    ) -> FloatArray | None:
        """Give the picture float32 [H, W, 3] in 0…1 for files of 16 bits; raises as `render` does.

        None for a recipe that tiles, mirrors, paints or goes beyond the square: its picture is put
        together from pictures of 8 bits.
        """
        if not is_plain(recipe):
            return None
        w_NLD = self.generator.w_of(recipe)[None]
        image = self.generator.image(w_NLD, self.card.resolution, cancel=cancel)
        fine: FloatArray = fine_from_tensor(image)[0]
        return fine

    def render_alpha(
        self, recipe: Recipe, *, cancel: CancelToken | None = None
    ) -> NDArray[np.uint8] | None:
        """Give how opaque each place of a recipe's square picture is, uint8 [H, W]; raises as `render`.

        None for a model without a fourth channel.
        """
        session = self._sessions.alpha
        if session is None:
            return None
        w_NLD = self.generator.w_of(recipe)[None]
        alpha_NHW1 = self.generator.run(session, {"w": w_NLD}, cancel=cancel).transpose(0, 2, 3, 1)
        levels = np.clip((alpha_NHW1[0, :, :, 0] + 1) * np.float32(127.5), 0, 255)
        alpha_HW: NDArray[np.uint8] = np.rint(np.nan_to_num(levels)).astype(np.uint8)
        return alpha_HW

    def render_many(
        self,
        recipes: Sequence[Recipe],
        size: int | None = None,
        *,
        cancel: CancelToken | None = None,
    ) -> list[Picture]:
        """Give the pictures of several recipes in order; see `render`.

        On the CPU they are computed one by one: a batch wins nothing there, and small matrix
        products round differently by its size, so that a picture would depend on its neighbours.
        """
        if not all(map(is_plain, recipes)):
            return [self.render(recipe, size=size, cancel=cancel) for recipe in recipes]
        side = self.generator.side_for(size)
        w_NLD = [self.generator.w_of(recipe) for recipe in recipes]
        pictures: list[Picture] = []
        for begin, end in self._parts(len(recipes)):
            part = np.stack(w_NLD[begin:end])
            pictures += self.generator.render(part, side, cancel=cancel)
        return pictures

    def _parts(self, count: int) -> Iterator[tuple[int, int]]:
        foreign = self.card.foreign
        is_single = self.provider == "CPU" or (foreign is not None and foreign.is_single)
        sizes = (_CPU_BATCH,) if is_single else _CUDA_BATCHES
        begin = 0
        while begin < count:
            size = next(size for size in sizes if size <= count - begin)
            yield begin, begin + size
            begin += size


class _Sessions:
    """The sessions of a model; those of smaller pictures are opened when first used."""

    def __init__(self, graphs: Mapping[str, WalkedGraph], card: ModelCard, *, wish: Wish) -> None:
        self.wish: Wish = wish
        self._card = card
        self._graph = graphs[SYNTHESIS_FILE]
        self._full: Runnable | None = None
        reason = reason_for_cpu(wish)
        if reason is None:
            full = self._open(cut_graph(self._graph, "image"), wish)
            self._full = full.session
            self.provider: Provider = full.provider
            self.fallback_reason: str = full.fallback_reason
        else:
            self.provider, self.fallback_reason = "CPU", reason
        # One small matrix product: the CPU has it done before a card has begun.
        self.mapping: Runnable = self._open(cut_graph(graphs[MAPPING_FILE], "w"), "cpu").session
        self.synthesis: Synthesis = self._best()
        self.spread = SpreadGraphs(self._graph, card, open_graph=self.open_rewritten)

    def _best(self) -> Synthesis:
        """Give the fastest way that gives the exported graph's pictures here."""
        if self.provider == "CPU":
            staged = open_staged(self._graph, self._card, exported=self._exported)
            return staged or self._exported()
        exported = self._exported()
        bound = open_bound(
            self._graph, self._card, exported=exported, open_graph=self._open_captured
        )
        return bound or exported

    def _open_captured(self, graph: bytes, captures: bool) -> Any:  # noqa: ANN401 - the runtime has no types
        opened = self._open(graph, "cuda", captures=captures)
        if opened.provider != "CUDA":
            raise EngineError(opened.fallback_reason, "")
        return opened.session

    def _exported(self) -> Synthesis:
        """Give the graph as it is, with its full picture open."""
        full = self._full or self.open_rewritten(cut_graph(self._graph, "image"))
        return ExportedSynthesis(_Opened({self._card.resolution: full}, self))

    @functools.cached_property
    def alpha(self) -> Runnable | None:
        """The session for how opaque the picture is, opened when first asked for."""
        if self._card.foreign is None or not self._card.foreign.has_alpha:
            return None
        return self.open_rewritten(cut_graph(self._graph, "alpha"))

    def open_side(self, side: int) -> Runnable:
        """Open the session for a smaller picture."""
        return self.open_rewritten(cut_graph(self._graph, f"rgb{side}"))

    def open_rewritten(self, graph: bytes) -> Runnable:
        """Open a graph that was made from the model's own, on the hardware that runs the model."""
        wish: Wish = "cpu" if self.provider == "CPU" else "cuda"
        session: Runnable = self._open(graph, wish).session
        return session

    def _open(self, graph: bytes, wish: Wish, *, captures: bool = False) -> OpenedSession:
        try:
            return open_session(graph, wish, captures=captures)
        except Exception as error:
            raise ModelError(
                f"The runtime cannot use the graphs of the model “{self._card.name}”.", _AGAIN
            ) from error


class _Opened(dict[int, Runnable]):
    def __init__(self, first: dict[int, Runnable], sessions: _Sessions) -> None:
        super().__init__(first)
        self._sessions = sessions

    def __missing__(self, side: int) -> Runnable:
        self[side] = self._sessions.open_side(side)
        return self[side]


def _compare_mapping(graph: WalkedGraph, card: ModelCard) -> None:
    compare_values(graph.inputs, {"z": (None, card.z)}, file=MAPPING_FILE)
    compare_values(graph.outputs, {"w": (None, card.layers, card.w)}, file=MAPPING_FILE)


def _compare_synthesis(graph: WalkedGraph, card: ModelCard) -> None:
    compare_values(graph.inputs, {"w": (None, card.layers, card.w)}, file=SYNTHESIS_FILE)
    side = card.resolution
    outputs: dict[str, Shape] = {"image": (None, 3, side, side)}
    outputs |= {f"rgb{side}": (None, 3, side, side) for side in card.previews}
    if card.foreign is not None and card.foreign.has_alpha:
        outputs["alpha"] = (None, 1, side, side)
    compare_values(graph.outputs, outputs, file=SYNTHESIS_FILE)


def compare_values(
    found: Sequence[GraphValue], expected: Mapping[str, Shape], *, file: str
) -> None:
    """Raise `ModelError` where a graph takes or gives something else than its card says."""
    by_name = {value.name: value for value in found}
    if set(by_name) != set(expected):
        names = ", ".join(sorted(by_name)) or "nothing"
        raise ModelError(f"“{file}” is not what its card says: it has {names[:80]}.", _AGAIN)
    for name, shape in expected.items():
        value = by_name[name]
        if value.element_type != FLOAT or value.shape != shape:
            raise ModelError(f"“{file}” is not what its card says: other sizes at {name}.", _AGAIN)
