"""Two models of one lineage become a third: weights between them, in each zone by its own share.

Nothing is trained; directions, encoder and sheets are made anew as for any model.
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from safetensors.numpy import save

from studio.core.errors import ModelError, TrainingError
from studio.core.model_card import CLOSENESS_FILE, ModelCard
from studio.core.model_lineage import has_same_graph, lineage_of
from studio.core.training_spec import TrainingSpec, TuneSpec
from studio.files.atomic import write_bytes_atomic
from studio.files.model_folder import read_card, read_model_file
from studio.files.places import shipped_models
from studio.protocol.training_messages import (
    REFERENCE_FILE,
    BlendJob,
    Exported,
    ModelWish,
)
from studio.training.blend import blend_by_zone
from studio.training.carried_directions import read_ancestor
from studio.training.correspondence import EventLog
from studio.training.delivery import prove
from studio.training.found_directions import zones_of
from studio.training.model_folder import Making, reference_outputs, write_model
from studio.training.model_weights import load_model_weights
from studio.training.snapshots import load_weights
from studio.training.state import Networks
from studio.training.to_onnx import bake


def blend_models(place: Path, job: BlendJob, *, log: EventLog) -> Path:
    """Makes the job's model and tells `Exported`; gives its folder.

    Args:
        place: folder of the job, where what the graphs are proved by is written.
        job: what to blend.
        log: where it is told.

    Raises:
        ModelError: one of the two cannot be read.
        TrainingError: they are of different lineages, or the shares give one of them.
        StorageError: the disk is full or cannot be written.
    """
    folders = Path(job.first), Path(job.second)
    cards = read_card(folders[0]), read_card(folders[1])
    (first, critic_first, spec), (second, critic_second, other) = (
        load_model_weights(folder) for folder in folders
    )
    check_blend(cards, (spec, other), shares=job.shares)
    networks = Networks(blended_spec(cards, (spec, other), shares=job.shares))
    zones = zones_of(spec.num_layers)
    load_weights(networks.average, blend_by_zone(first, second, shares=job.shares, zones=zones))
    is_second = sum(job.shares) >= 1.5  # a critic judges the whole picture: the nearer one's
    networks.critic.load_state_dict(critic_second if is_second else critic_first)
    networks.images = round(1000 * max(_kimg(card) for card in cards))
    baked = bake(networks.average, networks.spec)
    reference = save(reference_outputs(baked, networks.spec))
    write_bytes_atomic(place / REFERENCE_FILE, reference)

    def seal(folder: Path, card: ModelCard) -> ModelCard:
        error = prove(folder, reference, name=card.name)
        return msgspec.structs.replace(card, export_error=error)

    order = (1, 0) if is_second else (0, 1)
    folder = write_model(
        Path(job.models),
        networks,
        wish=blended_wish(job.wish, cards),
        seconds=sum(card.training.seconds for card in cards if card.training is not None),
        making=Making(
            taken=job.taken,
            templates=(*folders, shipped_models()),
            extra_files=_closeness([folders[place] for place in order]),
            ancestor=read_ancestor(folders[order[0]]),
            seal=seal,
        ),
        baked=baked,
    )
    log.tell(Exported(folder=os.fspath(folder), reference=os.fspath(place / REFERENCE_FILE)))
    return folder


def check_blend(
    cards: tuple[ModelCard, ModelCard],
    specs: tuple[TrainingSpec, TrainingSpec],
    *,
    shares: Sequence[float],
) -> None:
    """Raises TrainingError, with the way out, when two models cannot be blended like this."""
    first, second = cards
    if not lineage_of(first, specs[0]) & lineage_of(second, specs[1]) or not has_same_graph(*specs):
        raise TrainingError(
            f"“{first.name}” and “{second.name}” do not come from one another or from one start, "
            "so nothing sound lies between them.",
            "Blend a model with what it was made from, or two that began from the same one.",
        )
    if not all(0 <= share <= 1 for share in shares):
        raise TrainingError("A share lies between 0 and 1.", "Choose others.")
    if len(set(shares)) == 1 and shares[0] in (0, 1):
        whole = cards[int(shares[0])].name
        raise TrainingError(
            f"These shares give “{whole}” itself.", "Choose a share between 0 and 1 for a zone."
        )


def blended_spec(
    cards: tuple[ModelCard, ModelCard],
    specs: tuple[TrainingSpec, TrainingSpec],
    *,
    shares: Sequence[float],
) -> TrainingSpec:
    """Gives the spec of what lies between: the nearer one's, with the lineage of both."""
    nearer = int(sum(shares) >= 1.5)
    card, spec = cards[nearer], specs[nearer]
    before: list[str] = []
    for one, its in zip(cards, specs, strict=True):
        if its.tune is not None:
            before += [*its.tune.lineage, its.tune.start]
        before.append(one.model)
    lineage = tuple(key for key in dict.fromkeys(before) if key != card.model)
    tune = spec.tune or TuneSpec(start=card.model)
    tune = msgspec.structs.replace(
        tune, start=card.model, start_id=card.id, lineage=(*lineage, card.model)
    )
    return msgspec.structs.replace(spec, tune=tune)


def blended_wish(wish: ModelWish, cards: Sequence[ModelCard]) -> ModelWish:
    """Gives the wish with the chain of rights and the credits of both."""
    rights = dict.fromkeys([*wish.rights, *(right for card in cards for right in card.rights)])
    said = "; ".join(line for line in (wish.credit, *(card.credit for card in cards)) if line)
    credit = "; ".join(dict.fromkeys(said.split("; ")))
    return msgspec.structs.replace(wish, rights=tuple(rights), credit=credit)


def _kimg(card: ModelCard) -> float:
    return card.training.kimg if card.training is not None else 0.0


def _closeness(folders: Sequence[Path]) -> dict[str, bytes]:
    """Gives the squares that copies are looked for among: the nearer model's, else the other's."""
    for folder in folders:
        with contextlib.suppress(ModelError):
            return {CLOSENESS_FILE: read_model_file(folder, read_card(folder), name=CLOSENESS_FILE)}
    return {}
