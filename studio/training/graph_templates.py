"""Graphs of known generators, given other weights.

Torch's exporter takes half a minute for what depends only on the sizes of a network; its
weights are tables in the graph that can be swapped in milliseconds. So a snapshot of a
run is written into the graphs of what it began with.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from studio.core.errors import ModelError
from studio.core.model_card import MAPPING_FILE, SPEC_FILE, SYNTHESIS_FILE
from studio.core.model_lineage import has_same_graph
from studio.core.training_spec import TrainingSpec
from studio.files.atomic import write_bytes_atomic
from studio.training.model_weights import read_model_spec
from studio.training.to_onnx import (
    BakedMapping,
    BakedSynthesis,
    mapping_graph,
    refill,
    synthesis_graph,
)

MAX_TEMPLATE_BYTES = 32 * 2**20  # twice what a graph may have
TEMPLATE_FOLDER = "template"


def make_graphs(
    baked: tuple[BakedMapping, BakedSynthesis],
    spec: TrainingSpec,
    *,
    folders: Sequence[Path] = (),
    kept: Path | None = None,
) -> tuple[bytes, bytes]:
    """Gives mapping.onnx and synthesis.onnx, from a template where there is one.

    Args:
        baked: the networks.
        spec: what their sizes follow from.
        folders: models, or folders of models, whose graphs may serve as templates.
        kept: where new graphs are put, to serve the next time; None keeps none.
    """
    for folder in find_templates(spec, (*folders, *([kept] if kept else ()))):
        try:
            return (
                refill(_read(folder / MAPPING_FILE), baked[0]),
                refill(_read(folder / SYNTHESIS_FILE), baked[1]),
            )
        except (OSError, ValueError):
            continue  # of an earlier version of the program, or damaged: not worth a word
    graphs = mapping_graph(baked[0], spec), synthesis_graph(baked[1], spec)
    if kept is not None:
        write_bytes_atomic(kept / MAPPING_FILE, graphs[0])
        write_bytes_atomic(kept / SYNTHESIS_FILE, graphs[1])
        write_bytes_atomic(kept / SPEC_FILE, msgspec.json.encode(spec))
    return graphs


def find_templates(spec: TrainingSpec, folders: Sequence[Path]) -> Iterator[Path]:
    """Gives the folders, and folders in them, that hold a generator of the same sizes."""
    for folder in folders:
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
        for one in (folder, *inside):
            if not (one / SPEC_FILE).is_file():
                continue
            try:
                found = read_model_spec(one)
            except ModelError:
                continue
            if has_same_graph(found, spec):
                yield one


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_TEMPLATE_BYTES)
