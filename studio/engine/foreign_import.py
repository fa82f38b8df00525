"""A stranger's graph becomes the files of a model of ours: what the trial child does.

Nothing is written here: the files are given as bytes.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
from safetensors.numpy import save

from studio.core.arrays import Picture, picture_from_tensor, tile
from studio.core.directions import DirectionSet, to_tensors
from studio.core.errors import EngineError, ModelError
from studio.core.latent import FloatArray
from studio.core.model_card import (
    DIRECTIONS_FILE,
    MAPPING_FILE,
    PREVIEW_AS_DRAWN_FILE,
    PREVIEW_FILE,
    SYNTHESIS_FILE,
    ForeignGraph,
    ModelCard,
    model_hash,
)
from studio.engine.features import FeatureNetwork
from studio.engine.foreign_directions import DirectionSearch, direction_set, first_matrix
from studio.engine.foreign_graph import ForeignModel, PictureOutput, sha256
from studio.engine.foreign_inputs import Inputs, read_inputs, shape_text
from studio.engine.foreign_trial import Found, try_graph, w_of
from studio.engine.providers import open_session
from studio.engine.synthesis import Runnable
from studio.engine.variants import cut_graph
from studio.files.source_pictures import encode_picture, resize_picture
from studio.opener.onnx_walk import WalkedGraph, walk_graph
from studio.protocol.trial_messages import TrialWishes

MAX_CLASS_SLIDERS: Final = 24
# As the sheets of our own models are made (training/sheets.py).
_SHEET_SEEDS: Final = range(36)
_SHEET_COLUMNS: Final = 6
_SHEET_PX: Final = 128
_SHEETS: Final = {PREVIEW_FILE: 0.7, PREVIEW_AS_DRAWN_FILE: 1.0}
# Two levels of 255: less is not seen.
_SEEN: Final = 2.0

Tell = Callable[[float, str], None]


class Made(msgspec.Struct, frozen=True):
    """The files of a model, and its card without name and rights."""

    card: ModelCard
    files: dict[str, bytes]


def import_graph(raw: bytes, *, wishes: TrialWishes, tell: Tell) -> Made:
    """Give the model that a stranger's ONNX file makes.

    Args:
        raw: The file.
        wishes: What the artist said about it.
        tell: Called with how far it is, 0…1, and a word; at least once for each picture.

    Raises:
        ModelError: It is not allowed, too costly, or no generator of pictures.
        AskedError: Something cannot be found out.
    """
    tell(0.0, "looking at the graph")
    graph = walk_graph(raw, file_name="")
    inputs = read_inputs(graph, wishes)
    model = ForeignModel(raw, inputs, classes=_classes(inputs, wishes))
    found = try_graph(model, graph, wishes=wishes, tell=lambda what: tell(0.05, what))
    files = {MAPPING_FILE: model.mapping(), SYNTHESIS_FILE: model.synthesis(found.picture)}
    studio = _Studio(files[SYNTHESIS_FILE], model)
    directions = _find_directions(studio, model, graph=graph, tell=tell)
    files[DIRECTIONS_FILE] = save(*to_tensors(directions))
    has_truncation = _has_truncation(studio)
    for name, psi in _SHEETS.items():
        files[name] = studio.sheet(psi if has_truncation else 1.0, tell=tell)
    graphs = {
        name: sha256(content)
        for name, content in files.items()
        if name.endswith((".onnx", ".safetensors"))
    }
    card = _card(model, found, graphs=graphs, mean_D=directions.mean_D)
    foreign = ForeignGraph(
        kind="onnx",
        sha256=sha256(raw),
        takes=f"{inputs.latent.name[:40]} {shape_text(inputs.latent.shape)}",
        gives=_gives(found.picture),
        has_truncation=has_truncation,
        has_alpha=found.picture.channels == 4,
        is_single=found.is_single,
    )
    return Made(msgspec.structs.replace(card, foreign=foreign), files)


class _Studio:
    """The finished graph, open; makes pictures of w."""

    def __init__(self, synthesis: bytes, model: ForeignModel) -> None:
        graph = walk_graph(synthesis, file_name=SYNTHESIS_FILE)
        self._session: Runnable = open_session(cut_graph(graph, "image"), "cpu").session
        self._model = model

    def draw(self, w_ND: FloatArray) -> list[Picture]:
        """Give the pictures of latents that are the same in all layers."""
        layers = self._model.layers
        return [self.picture(np.repeat(w_D[None], layers, axis=0)) for w_D in w_ND]

    def picture(self, w_LD: FloatArray) -> Picture:
        image_NCHW = self._session.run(None, {"w": np.ascontiguousarray(w_LD[None])})[0]
        try:
            picture: Picture = picture_from_tensor(image_NCHW)[0]
        except ValueError as error:
            raise ModelError(
                "The graph gives numbers that are no picture.", "Choose another model."
            ) from error
        return picture

    def seed(self, seed: int, psi: float) -> Picture:
        w_LD = w_of(self._model, [seed])[0]
        w_LD[:, : self._model.num_z] *= np.float32(psi)
        return self.picture(w_LD)

    def sheet(self, psi: float, *, tell: Tell) -> bytes:
        pictures = []
        for seed in _SHEET_SEEDS:
            tell(0.95, "drawing its sheet")
            pictures.append(resize_picture(self.seed(seed, psi), _SHEET_PX))
        return encode_picture(tile(np.stack(pictures), _SHEET_COLUMNS), "WEBP")


def _classes(inputs: Inputs, wishes: TrialWishes) -> tuple[int, ...]:
    """Give the classes that get a slider; where nobody says how many there are, only those asked for."""
    classes = inputs.classes
    if classes is None:
        if wishes.classes:
            raise ModelError("This graph has no classes.", "Leave the class out.")
        return ()
    count = classes.count
    wrong = [one for one in wishes.classes if one < 0 or (count and one >= count)]
    if wrong:
        raise ModelError(f"There is no class {wrong[0]}.", f"It has the classes 0 to {count - 1}.")
    chosen = list(dict.fromkeys(wishes.classes)) or [0]
    if len(wishes.classes) <= 1:  # one was chosen to be shown first, or none: the others follow
        chosen += [one for one in range(count) if one not in chosen]
    return tuple(chosen[: MAX_CLASS_SLIDERS + 1])


def _find_directions(
    studio: _Studio, model: ForeignModel, *, graph: WalkedGraph, tell: Tell
) -> DirectionSet:
    def told(share: float, what: str) -> None:
        tell(0.1 + 0.85 * share, what)

    try:
        network = FeatureNetwork()
    except EngineError as error:
        raise ModelError(error.what, error.way_out) from error
    search = DirectionSearch(
        studio.draw, num_z=model.num_z, width=model.width, network=network, tell=told
    )
    matrix = first_matrix(graph, model.inputs.latent.name, num_z=model.num_z)
    return direction_set(
        search.find(matrix), width=model.width, classes=_class_names(model.classes)
    )


def _has_truncation(studio: _Studio) -> bool:
    """Say whether a latent of half the length gives another picture: many graphs undo it."""
    halves = [(studio.seed(seed, 1.0), studio.seed(seed, 0.5)) for seed in (0, 1)]
    return any(float(np.abs(a.astype(float) - b.astype(float)).mean()) > _SEEN for a, b in halves)


def _card(
    model: ForeignModel, found: Found, *, graphs: dict[str, str], mean_D: FloatArray
) -> ModelCard:
    return ModelCard(
        id="model",
        name="",
        family="plain",
        model=model_hash(graphs[MAPPING_FILE], graphs[SYNTHESIS_FILE], mean_D=mean_D),
        resolution=found.picture.side,
        z=model.num_z,
        w=model.width,
        layers=model.layers,
        zones=_zones(model.layers),
        classes=tuple(_class_names(model.classes)),
        graphs=graphs,
    )


def _zones(layers: int) -> tuple[int, int]:
    """Give the first layers of the medium and of the fine zone; one layer is one zone.

    Two layers for each size from 4 px on is what most of these networks have.
    """
    if layers < 3:
        return (layers, layers)
    return (4, 8) if layers >= 10 else (max(1, layers // 3), max(2, 2 * layers // 3))


def _class_names(classes: Sequence[int]) -> list[str]:
    return [f"class {one}" for one in classes]


def _gives(picture: PictureOutput) -> str:
    colours = picture.colours.replace("-", "−").replace("..", "…")
    return f"{picture.name[:40]} {shape_text((None, *picture.shape))}, {colours}"
