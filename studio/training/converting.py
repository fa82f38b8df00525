"""A stranger's StyleGAN file becomes a model: read, put in place, exported, proved.

The file is read by the opener child, under limits and as data; this process gets plain numbers.
"""

import os
from pathlib import Path

import msgspec
import torch
from safetensors.numpy import save

from studio.core.directions import to_tensors
from studio.core.model_card import (
    CARD_FILE,
    DIRECTIONS_FILE,
    MAPPING_FILE,
    PREVIEW_FILE,
    SYNTHESIS_FILE,
    ForeignGraph,
    ModelCard,
    encode_card,
    model_hash,
)
from studio.files.atomic import write_bytes_atomic
from studio.files.source_pictures import encode_picture
from studio.opener.weights_client import read_weights
from studio.protocol.convert_messages import Converting, ConvertJob, Doing
from studio.protocol.training_messages import REFERENCE_FILE, Exported
from studio.training.correspondence import EventLog
from studio.training.delivery import prove
from studio.training.foreign_networks import ForeignNetworks
from studio.training.to_onnx import sha256

# Where each part ends, as a share of the whole; measured on 256 and 512 px.
_ENDS: dict[Doing, float] = {
    "reading the weights": 0.05,
    "writing the graphs": 0.5,
    "looking for sliders": 0.75,
    "drawing its sheet": 0.95,
    "comparing": 1.0,
}
_TOLD_STEP = 0.02


def convert(place: Path, job: ConvertJob, *, log: EventLog) -> ModelCard:
    """Makes the job's model and tells `Exported`; gives its card.

    Args:
        place: folder of the job, where what the graphs are proved by is written.
        job: which file, and where to.
        log: where it is told.

    Raises:
        ModelError: the file is none of a known kind, or does not fit the published networks.
        TrainingError: the graphs differ from the networks.
        StorageError: the disk is full or cannot be written.
    """
    torch.set_num_threads(os.cpu_count() or 1)  # a limited starter asks for one
    tell = _Teller(log)
    tell("reading the weights", 0.0)
    weights = read_weights(Path(job.file))
    networks = ForeignNetworks(weights, class_index=job.class_index)
    tell("writing the graphs", 0.0)
    mapping, synthesis = networks.graphs()
    directions = networks.directions(lambda share: tell("looking for sliders", share))
    sheet = networks.sheet(lambda share: tell("drawing its sheet", share))
    files = {
        MAPPING_FILE: mapping,
        SYNTHESIS_FILE: synthesis,
        DIRECTIONS_FILE: save(*to_tensors(directions)),
        PREVIEW_FILE: encode_picture(sheet, "WEBP"),
    }
    tell("comparing", 0.0)
    folder, reference = Path(job.folder), save(networks.reference())
    write_bytes_atomic(place / REFERENCE_FILE, reference)
    for name, content in files.items():
        write_bytes_atomic(folder / name, content)
    card = _card(job, networks, files=files, sha256_of_file=weights.sha256)
    error = prove(folder, reference, name=networks.facts.name)
    card = msgspec.structs.replace(card, export_error=error)
    write_bytes_atomic(folder / CARD_FILE, encode_card(card))
    log.tell(Exported(folder=job.folder, reference=os.fspath(place / REFERENCE_FILE)))
    return card


def _card(
    job: ConvertJob, networks: ForeignNetworks, *, files: dict[str, bytes], sha256_of_file: str
) -> ModelCard:
    """Gives the card; id, name and rights are said by whoever keeps the model."""
    facts = networks.facts
    graphs = {
        name: sha256(content)
        for name, content in files.items()
        if name.endswith((".onnx", ".safetensors"))
    }
    kind = facts.name
    if facts.classes:
        kind += f", class {job.class_index} of {facts.classes}"
    return ModelCard(
        id="",
        name="",
        family="gan",
        model=model_hash(graphs[MAPPING_FILE], graphs[SYNTHESIS_FILE], mean_D=networks.mean_D),
        resolution=facts.resolution,
        previews=networks.synthesis.previews,
        z=facts.z,
        w=facts.w,
        layers=facts.layers,
        zones=networks.zones,
        sketch=facts.resolution < 256,
        graphs=graphs,
        foreign=ForeignGraph(
            kind=kind,
            sha256=sha256_of_file,
            takes=f"z [N, {facts.z}]",
            gives=f"image [N, 3, {facts.resolution}, {facts.resolution}], −1…1",
        ),
    )


class _Teller:
    """Tells how far the conversion is, fifty times at most."""

    def __init__(self, log: EventLog) -> None:
        self._log, self._told = log, -1.0

    def __call__(self, what: Doing, share: float) -> None:
        names = list(_ENDS)
        place = names.index(what)
        begin = _ENDS[names[place - 1]] if place else 0.0
        whole = begin + share * (_ENDS[what] - begin)
        if whole - self._told >= _TOLD_STEP or share == 0:
            self._told = whole
            self._log.tell(Converting(what=what, share=round(whole, 3)))
