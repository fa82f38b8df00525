"""Writes a finished model folder: graphs, directions, critic, sheet, spec and card.

The folder is made beside and renamed, so that a name never holds half a model.
"""

import platform
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import Tensor

from studio.core.directions import DirectionSet, to_tensors
from studio.core.errors import TrainingError
from studio.core.latent import z_from_seeds
from studio.core.model_card import (
    CARD_FILE,
    DIRECTIONS_FILE,
    DISCRIMINATOR_FILE,
    MAPPING_FILE,
    PREVIEW_FILE,
    SPEC_FILE,
    SYNTHESIS_FILE,
    ModelCard,
    TrainingRecord,
    model_hash,
    slug,
)
from studio.core.training_spec import CHANNELS, TrainingSpec, num_layers
from studio.files.atomic import storage_error, sync_folder, write_bytes_atomic
from studio.files.source_pictures import encode_picture
from studio.protocol.training_messages import ModelWish
from studio.training.found_directions import find_directions, zones_of
from studio.training.sheets import contact_sheet
from studio.training.state import TrainingState
from studio.training.to_onnx import (
    BakedMapping,
    BakedSynthesis,
    bake,
    mapping_graph,
    preview_sizes,
    sha256,
    synthesis_graph,
)

REFERENCE_SEEDS = tuple(range(8))

# Looks at a folder that is whole but for its card, may add to it, and gives the card to write.
Seal = Callable[[Path, ModelCard], ModelCard]
MAX_GRAPH_BYTES = 16 * 2**20


def write_model(
    models: Path,
    state: TrainingState,
    *,
    wish: ModelWish,
    seconds: float,
    taken: tuple[str, ...],
    seal: Seal | None = None,
) -> Path:
    """Writes the averaged generator as `models/<id>`; gives the folder.

    Args:
        models: folder of models.
        state: the finished run.
        wish: what to call it and what stands behind it.
        seconds: training time, all sittings together.
        taken: ids in use elsewhere; those in `models` are seen by themselves.
        seal: asked before the folder gets its name, see `Seal`; None writes the card as it is.

    Raises:
        TrainingError: the graph is larger than a model may be, or what `seal` raises.
        StorageError: the folder cannot be written.
    """
    spec, generator = state.spec, state.average
    baked = bake(generator, spec)
    directions = find_directions(generator, baked, spec=spec, names=wish.direction_names)
    files = _files(state, baked, directions=directions)
    ids = {*taken, *(path.name for path in models.iterdir())} if models.is_dir() else set(taken)
    card = describe(
        slug(wish.name, ids),
        wish,
        spec=spec,
        files=files,
        mean_D=directions.mean_D,
        training=_record(state, wish, spec_file=files[SPEC_FILE], seconds=seconds),
    )
    return _write_folder(models / card.id, files, card=card, seal=seal)


def _files(
    state: TrainingState, baked: tuple[BakedMapping, BakedSynthesis], *, directions: DirectionSet
) -> dict[str, bytes]:
    spec = state.spec
    synthesis = synthesis_graph(baked[1], spec)
    if len(synthesis) > MAX_GRAPH_BYTES:
        raise TrainingError(
            "The finished generator is larger than 16 MiB.", "Train it with a smaller config."
        )
    tensors, metadata = to_tensors(directions)
    critic = {
        name: value.detach().to(torch.float16).numpy()
        for name, value in state.critic.state_dict().items()
    }
    sheet = contact_sheet(baked, spec, mean_D=directions.mean_D)
    return {
        MAPPING_FILE: mapping_graph(baked[0], spec),
        SYNTHESIS_FILE: synthesis,
        DIRECTIONS_FILE: save(tensors, metadata),
        DISCRIMINATOR_FILE: save(critic),
        PREVIEW_FILE: encode_picture(sheet, "WEBP"),
        SPEC_FILE: encode_spec(spec),
    }


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
    state: TrainingState, wish: ModelWish, *, spec_file: bytes, seconds: float
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


def encode_card(card: ModelCard) -> bytes:
    """Gives the bytes of card.json."""
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"


def reference_outputs(state: TrainingState) -> dict[str, NDArray[np.float32]]:
    """Gives what torch makes of eight seeds: z, w and every output of the graphs.

    The weights are rounded as the graphs store them, so a difference is the graph's own.
    """
    spec = state.spec
    mapping, synthesis = bake(state.average, spec)
    z_NZ = z_from_seeds(REFERENCE_SEEDS, spec.z_dim)
    with torch.no_grad():
        w_NLD: Tensor = mapping(torch.from_numpy(z_NZ))
        pictures: tuple[Tensor, ...] = synthesis(w_NLD)
    names = ("image", *(f"rgb{size}" for size in synthesis.previews))
    found = {"z": z_NZ, "w": w_NLD.contiguous().numpy()}
    return found | {name: p.numpy() for name, p in zip(names, pictures, strict=True)}


def seal_card(folder: Path, export_error: float) -> None:
    """Writes the largest difference that the engine found on the card."""
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=ModelCard)
    card = msgspec.structs.replace(card, export_error=export_error)
    write_bytes_atomic(folder / CARD_FILE, encode_card(card))


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
