"""Writes a finished model folder: graphs, directions, critic, sheet, spec and card.

The folder is made beside and renamed, so that a name never holds half a model.
"""

import contextlib
import platform
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import Tensor

from studio.core.directions import DirectionSet, to_tensors
from studio.core.errors import ModelError, TrainingError
from studio.core.latent import z_from_seeds
from studio.core.model_card import (
    CARD_FILE,
    DIRECTIONS_FILE,
    DISCRIMINATOR_FILE,
    ENCODER_FILE,
    MAPPING_FILE,
    PREVIEW_AS_DRAWN_FILE,
    PREVIEW_FILE,
    SPEC_FILE,
    SYNTHESIS_FILE,
    ModelCard,
    TrainingRecord,
    encode_card,
    model_hash,
    slug,
)
from studio.core.training_spec import CHANNELS, TrainingSpec, num_layers
from studio.files.atomic import storage_error, sync_folder, write_bytes_atomic
from studio.files.model_folder import read_card, read_directions
from studio.files.source_pictures import encode_picture
from studio.protocol.training_messages import ModelWish
from studio.training.carried_directions import Ancestor, ancestor_of, carry_directions
from studio.training.encoder_fit import fit_encoder
from studio.training.encoder_graph import encoder_graph
from studio.training.found_directions import find_directions, quick_directions, zones_of
from studio.training.graph_templates import find_templates, make_graphs
from studio.training.sheets import contact_sheet
from studio.training.state import Networks, TrainingState
from studio.training.to_onnx import Baked, bake, preview_sizes, sha256

REFERENCE_SEEDS = tuple(range(8))

# Looks at a folder that is whole but for its card, may add to it, and gives the card to write.
Seal = Callable[[Path, ModelCard], ModelCard]
MAX_GRAPH_BYTES = 16 * 2**20
SHEETS = {PREVIEW_FILE: 0.7, PREVIEW_AS_DRAWN_FILE: 1.0}  # truncation of each contact sheet


@dataclass(frozen=True)
class Making:
    """How a model folder is made.

    Attributes:
        taken: ids in use elsewhere; those in the folder of models are seen by themselves.
        templates: models, or folders of models, whose graphs may be filled anew instead of
            exporting them, which takes half a minute.
        kept_template: where graphs that were exported are kept, to serve the next time.
        extra_files: what else goes into the folder, by name; graphs and tensors are listed on
            the card.
        is_quick: leaves out the search for directions, the critic, the encoder and the sheets:
            a folder to look at, not to keep. Its directions are the start's where it is among `templates`.
        progress: called with how far the encoder's fit is, 0…1, which is nearly all of the time;
            what it raises ends the making.
        ancestor: the model whose names of directions go along; None looks for the start among
            `templates`.
        seal: asked before the folder gets its name, see `Seal`; None writes the card as it is.
    """

    taken: tuple[str, ...] = ()
    templates: tuple[Path, ...] = ()
    kept_template: Path | None = None
    extra_files: Mapping[str, bytes] = field(default_factory=dict)
    is_quick: bool = False
    progress: Callable[[float], None] = lambda _: None
    ancestor: Ancestor | None = None
    seal: Seal | None = None


def write_model(
    models: Path,
    state: TrainingState | Networks,
    *,
    wish: ModelWish,
    seconds: float,
    making: Making,
    baked: Baked | None = None,
) -> Path:
    """Writes the averaged generator as `models/<id>`; gives the folder.

    Args:
        models: folder of models.
        state: the finished run, or networks alone.
        wish: what to call it and what stands behind it.
        seconds: training time, all sittings together.
        making: how it is made.
        baked: the averaged generator's baked form, when it is at hand.

    Raises:
        TrainingError: the graph is larger than a model may be, or what `making.seal` raises.
        StorageError: the folder cannot be written.
    """
    spec = state.spec
    baked = baked or bake(state.average, spec)
    if making.is_quick:
        directions = quick_directions(baked, spec, start=_start_of(spec, making.templates))
    else:
        directions = find_directions(state.average, baked, spec=spec, names=wish.direction_names)
        start = making.ancestor or ancestor_of(spec, making.templates)
        if start is not None:
            directions = carry_directions(directions, baked, ancestor=start, z_dim=spec.z_dim)
    files = _files(state, baked, directions=directions, making=making)
    there = [path.name for path in models.iterdir()] if models.is_dir() else []
    card = describe(
        slug(wish.name, (*making.taken, *there)),
        wish,
        spec=spec,
        files=files,
        mean_D=directions.mean_D,
        training=_record(state, wish, spec_file=files[SPEC_FILE], seconds=seconds),
    )
    return _write_folder(models / card.id, files, card=card, seal=making.seal)


def _files(
    state: TrainingState | Networks, baked: Baked, *, directions: DirectionSet, making: Making
) -> dict[str, bytes]:
    spec = state.spec
    mapping, synthesis = make_graphs(
        baked, spec, folders=making.templates, kept=making.kept_template
    )
    if len(synthesis) > MAX_GRAPH_BYTES:
        raise TrainingError(
            "The finished generator is larger than 16 MiB.", "Train it with a smaller config."
        )
    files = {
        MAPPING_FILE: mapping,
        SYNTHESIS_FILE: synthesis,
        DIRECTIONS_FILE: save(*to_tensors(directions)),
        SPEC_FILE: encode_spec(spec),
    }
    if not making.is_quick:
        critic = state.critic.state_dict()
        files[DISCRIMINATOR_FILE] = save(
            {name: value.detach().to(torch.float16).numpy() for name, value in critic.items()}
        )
        encoder = fit_encoder(baked, state.critic, spec=spec, progress=making.progress)
        if encoder is not None:
            files[ENCODER_FILE] = encoder_graph(encoder)
        for name, psi in SHEETS.items():
            sheet = contact_sheet(baked, spec, psi=psi)
            files[name] = encode_picture(sheet, "WEBP")
    return files | dict(making.extra_files)


def _start_of(spec: TrainingSpec, templates: Sequence[Path]) -> DirectionSet | None:
    """Gives the directions of the model that a run began from, when it is at hand."""
    if spec.tune is None:
        return None
    for folder in find_templates(spec, templates):
        with contextlib.suppress(ModelError):
            card = read_card(folder)
            if card.model == spec.tune.start:
                return read_directions(folder, card)
    return None


def describe(
    key: str,
    wish: ModelWish,
    *,
    spec: TrainingSpec,
    files: Mapping[str, bytes],
    mean_D: NDArray[np.float32],
    training: TrainingRecord | None = None,
) -> ModelCard:
    """Gives the card of a generator of ours.

    Args:
        key: its id.
        wish: what its maker says about it.
        spec: what its shapes follow from.
        files: the folder's files; graphs and tensors are listed with their hashes.
        mean_D: its mean w.
        training: how it was trained; None when it was not.
    """
    graphs = {
        name: sha256(content)
        for name, content in files.items()
        if name.endswith((".onnx", ".safetensors"))
    }
    return ModelCard(
        id=key,
        name=wish.name,
        family="gan",
        model=model_hash(graphs[MAPPING_FILE], graphs[SYNTHESIS_FILE], mean_D=mean_D),
        resolution=spec.resolution,
        previews=preview_sizes(spec.resolution),
        z=spec.z_dim,
        w=spec.w_dim,
        layers=num_layers(spec.resolution),
        zones=zones_of(num_layers(spec.resolution)),
        sketch=spec.resolution < 256 or spec.channels[4] < CHANNELS["s"][4],
        graphs=graphs,
        rights=wish.rights,
        credit=wish.credit,
        training=training,
    )


def _record(
    state: TrainingState | Networks, wish: ModelWish, *, spec_file: bytes, seconds: float
) -> TrainingRecord:
    return TrainingRecord(
        kimg=round(state.kimg, 3),
        command=wish.command,
        device=device_name(),
        seconds=round(seconds, 1),
        spec=sha256(spec_file),
    )


def device_name() -> str:
    """Gives what the networks run on, without the machine's own name."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}), {threads} thread{'s' if threads > 1 else ''}"


def encode_spec(spec: TrainingSpec) -> bytes:
    """Gives the bytes of spec.json."""
    return msgspec.json.format(msgspec.json.encode(spec), indent=2) + b"\n"


def reference_outputs(baked: Baked, spec: TrainingSpec) -> dict[str, NDArray[np.float32]]:
    """Gives what torch makes of eight seeds: z, w and every output of the graphs.

    The weights are rounded as the graphs store them, so a difference is the graph's own.
    """
    mapping, synthesis = baked
    z_NZ = z_from_seeds(REFERENCE_SEEDS, spec.z_dim)
    with torch.no_grad():
        w_NLD: Tensor = mapping(torch.from_numpy(z_NZ))
        pictures: tuple[Tensor, ...] = synthesis(w_NLD)
    names = ("image", *(f"rgb{size}" for size in synthesis.previews))
    found = {"z": z_NZ, "w": w_NLD.contiguous().numpy()}
    return found | {name: p.numpy() for name, p in zip(names, pictures, strict=True)}


def _write_folder(
    folder: Path, files: Mapping[str, bytes], *, card: ModelCard, seal: Seal | None
) -> Path:
    beside = folder.with_name(f".part-{secrets.token_hex(8)}")
    try:
        for name, content in files.items():
            write_bytes_atomic(beside / name, content)
        if seal is not None:
            card = seal(beside, card)
        write_bytes_atomic(beside / CARD_FILE, encode_card(card))
        beside.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder
