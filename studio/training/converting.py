"""A stranger's StyleGAN file becomes a model of the library: read, put in place, exported, proved.

The file is read by the opener child, under limits and as data; this process gets plain numbers.
"""

import os
import secrets
import shutil
from pathlib import Path

import msgspec
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
    slug,
)
from studio.files.atomic import storage_error, sync_folder, write_bytes_atomic
from studio.files.source_pictures import encode_picture
from studio.opener.weights_client import read_weights
from studio.protocol.convert_messages import Converting, ConvertJob
from studio.protocol.training_messages import REFERENCE_FILE, Exported
from studio.training.correspondence import EventLog
from studio.training.delivery import prove
from studio.training.foreign_networks import ForeignNetworks
from studio.training.to_onnx import sha256

# How much of the whole each part takes, measured on 256 and 512 px.
_STEPS = {"reading": 0.05, "graphs": 0.55, "directions": 0.75, "pictures": 0.95, "proof": 1.0}
_TOLD_STEP = 0.02


def convert(place: Path, job: ConvertJob, *, log: EventLog) -> Path:
    """Makes the job's model and tells `Exported`; gives its folder.

    Args:
        place: folder of the job, where what the graphs are proved by is written.
        job: which file, and what its keeper says about it.
        log: where it is told.

    Raises:
        ModelError: the file is none of a known kind, or does not fit the published networks.
        TrainingError: the graphs differ from the networks.
        StorageError: the disk is full or cannot be written.
    """
    tell = _Teller(log)
    tell("reading", 0.0)
    weights = read_weights(Path(job.file))
    networks = ForeignNetworks(weights, class_index=job.class_index)
    tell("graphs", 0.0)
    mapping, synthesis = networks.graphs()
    directions = networks.directions(lambda share: tell("directions", share))
    sheet = networks.sheet(lambda share: tell("pictures", share))
    files = {
        MAPPING_FILE: mapping,
        SYNTHESIS_FILE: synthesis,
        DIRECTIONS_FILE: save(*to_tensors(directions)),
        PREVIEW_FILE: encode_picture(sheet, "WEBP"),
    }
    tell("proof", 0.0)
    reference = save(networks.reference())
    write_bytes_atomic(place / REFERENCE_FILE, reference)
    card = _card(job, networks, files=files, sha256_of_file=weights.sha256)
    folder = _write(Path(job.models) / card.id, files, card=card, reference=reference)
    log.tell(Exported(folder=os.fspath(folder), reference=os.fspath(place / REFERENCE_FILE)))
    return folder


def _card(
    job: ConvertJob, networks: ForeignNetworks, *, files: dict[str, bytes], sha256_of_file: str
) -> ModelCard:
    facts = networks.facts
    models = Path(job.models)
    there = [path.name for path in models.iterdir()] if models.is_dir() else []
    graphs = {
        name: sha256(content)
        for name, content in files.items()
        if name.endswith((".onnx", ".safetensors"))
    }
    hashes = graphs[MAPPING_FILE], graphs[SYNTHESIS_FILE]
    kind = (
        f"{facts.name}, class {job.class_index} of {facts.classes}" if facts.classes else facts.name
    )
    return ModelCard(
        id=slug(job.name, (*job.taken, *there)),
        name=job.name,
        family="gan",
        model=model_hash(*hashes, mean_D=networks.mean_D),
        resolution=facts.resolution,
        previews=networks.synthesis.previews,
        z=facts.z,
        w=facts.w,
        layers=facts.layers,
        zones=networks.zones,
        sketch=facts.resolution < 256,
        graphs=graphs,
        rights=job.rights,
        credit=job.credit,
        foreign=ForeignGraph(
            kind=kind,
            sha256=sha256_of_file,
            takes=f"z [N, {facts.z}]",
            gives=f"image [N, 3, {facts.resolution}, {facts.resolution}], −1…1",
        ),
    )


def _write(folder: Path, files: dict[str, bytes], *, card: ModelCard, reference: bytes) -> Path:
    """Writes the folder beside its name, compares it with torch's pictures, and names it."""
    beside = folder.with_name(f".part-{secrets.token_hex(8)}")
    try:
        for name, content in files.items():
            write_bytes_atomic(beside / name, content)
        error = prove(beside, reference, name=card.name)
        card = msgspec.structs.replace(card, export_error=error)
        write_bytes_atomic(beside / CARD_FILE, encode_card(card))
        beside.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


class _Teller:
    """Tells how far the conversion is, fifty times at most."""

    def __init__(self, log: EventLog) -> None:
        self._log, self._told = log, -1.0

    def __call__(self, what: str, share: float) -> None:
        names = list(_STEPS)
        begin = 0.0 if what == names[0] else _STEPS[names[names.index(what) - 1]]
        whole = begin + share * (_STEPS[what] - begin)
        if whole - self._told >= _TOLD_STEP or share == 0:
            self._told = whole
            self._log.tell(Converting(what=what, share=round(whole, 3)))  # type: ignore[arg-type]
