"""A model between two: only of one lineage, with the rights of both, and really between."""

from pathlib import Path

import msgspec
import pytest
import torch

from studio.core.errors import TrainingError
from studio.core.model_card import ModelCard, Right, TrainingRecord
from studio.core.model_lineage import lineage_of
from studio.core.training_spec import TrainingSpec
from studio.files.model_folder import read_card, read_directions
from studio.protocol.training_messages import BlendJob, ModelWish
from studio.training.blending import (
    blend_models,
    blended_spec,
    blended_wish,
    check_blend,
)
from studio.training.correspondence import EventLog
from studio.training.model_folder import Making, write_model
from studio.training.model_weights import load_model_weights
from studio.training.state import Networks
from tests.unit.training.small import small_spec, small_tune

PLATES = Right(source="plates", licence="PDM", credit="S. Palmer")
OWN = Right(source="my fjords", licence="all rights kept", credit="A. Artist")


def card_of(key: str, *rights: Right, credit: str = "", kimg: float = 1.0) -> ModelCard:
    return ModelCard(
        id=key,
        name=key.capitalize(),
        family="gan",
        model=key[0] * 64,
        resolution=16,
        z=8,
        w=8,
        layers=6,
        zones=(3, 5),
        graphs={},
        rights=rights,
        credit=credit,
        training=TrainingRecord(kimg=kimg, command="", device="", seconds=60, spec=""),
    )


START, SPEC = card_of("start", PLATES, credit="Plates by S. Palmer"), small_spec()
TUNED = card_of("tuned", OWN, PLATES, credit="By A. Artist; Plates by S. Palmer")
TUNED_SPEC = small_tune(start=START.model, lineage=(START.model,))
OTHER = card_of("other")


def test_only_models_of_one_lineage_are_blended() -> None:
    check_blend((START, TUNED), (SPEC, TUNED_SPEC), shares=(0, 0.5, 1))
    sister = card_of("zwilling")
    check_blend((sister, TUNED), (TUNED_SPEC, TUNED_SPEC), shares=(0.5, 0.5, 0.5))
    with pytest.raises(TrainingError, match="do not come from one another"):
        check_blend((OTHER, TUNED), (SPEC, TUNED_SPEC), shares=(0, 0.5, 1))
    with pytest.raises(TrainingError, match="give “Tuned” itself"):
        check_blend((START, TUNED), (SPEC, TUNED_SPEC), shares=(1, 1, 1))
    with pytest.raises(TrainingError, match="between 0 and 1"):
        check_blend((START, TUNED), (SPEC, TUNED_SPEC), shares=(2, 0, 0))


@pytest.mark.parametrize("shares", [(0.0, 0.2, 0.3), (1.0, 0.9, 0.3)])
def test_what_lies_between_belongs_to_both_lineages(shares: tuple[float, float, float]) -> None:
    spec = blended_spec((START, TUNED), (SPEC, TUNED_SPEC), shares=shares)
    assert {START.model, TUNED.model} <= lineage_of(card_of("blend"), spec)
    assert spec.tune is not None
    assert spec.tune.lineage[-1] == spec.tune.start
    assert spec.tune.start == (TUNED if sum(shares) >= 1.5 else START).model


def test_rights_and_credits_of_both_stand_once() -> None:
    wish = blended_wish(ModelWish(name="Between"), (START, TUNED))
    assert wish.rights == (PLATES, OWN)
    assert wish.credit == "Plates by S. Palmer; By A. Artist"


def write(models: Path, name: str, spec: TrainingSpec, *, value: float) -> Path:
    networks = Networks(spec)
    with torch.no_grad():
        for parameter in networks.average.parameters():
            parameter.add_(value)
    return write_model(
        models,
        networks,
        wish=ModelWish(name=name, rights=(PLATES if name == "Start" else OWN,)),
        seconds=60,
        making=Making(kept_template=models.parent / "template"),
    )


@pytest.mark.slow
def test_a_blend_is_a_whole_model_that_lies_between(tmp_path: Path) -> None:
    models = tmp_path / "models"
    start = write(models, "Start", SPEC, value=0.0)
    origin = small_tune(start=read_card(start).model)
    tuned = write(models, "Tuned", origin, value=0.1)
    log = EventLog(tmp_path, has_mirror=False)
    job = BlendJob(
        wish=ModelWish(name="Between"),
        first=str(start),
        second=str(tuned),
        shares=(0.5, 0.5, 0.5),
        models=str(models),
    )
    try:
        made = blend_models(tmp_path, job, log=log)
    finally:
        log.close()
    card = read_card(made)
    assert (card.name, card.rights) == ("Between", (PLATES, OWN))
    assert card.export_error is not None
    assert card.training is not None
    assert card.training.seconds == 120
    assert len(read_directions(made, card).entries) > 3
    ends = [load_model_weights(folder)[0] for folder in (start, tuned)]
    for name, value in load_model_weights(made)[0].items():
        middle = (ends[0][name] + ends[1][name]) / 2
        assert torch.allclose(value, middle, rtol=2e-3, atol=2e-3), name
    assert msgspec.json.decode((made / "spec.json").read_bytes(), type=TrainingSpec).tune
