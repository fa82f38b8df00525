"""Names of directions go from the start to what it becomes, where they still say what is seen."""

import msgspec
import pytest
import torch

from studio.core.directions import DirectionSet
from studio.training.carried_directions import Ancestor, carry_directions
from studio.training.found_directions import find_directions
from studio.training.networks import Generator
from studio.training.to_onnx import Baked, bake
from tests.unit.training.small import small_spec

SPEC = small_spec()


def generator_of(seed: int) -> Generator:
    torch.manual_seed(seed)
    generator = Generator(SPEC).requires_grad_(False)
    for name, parameter in generator.named_parameters():
        if name.endswith("affine.weight"):  # as a trained one: w is seen in the picture
            parameter.mul_(4)
    return generator


def named(directions: DirectionSet, count: int) -> DirectionSet:
    entries = [
        msgspec.structs.replace(entry, name=f"named {place}") if place < count else entry
        for place, entry in enumerate(directions.entries)
    ]
    return msgspec.structs.replace(directions, entries=tuple(entries))


@pytest.fixture(scope="module")
def ancestor() -> Ancestor:
    generator = generator_of(1)
    baked = bake(generator, SPEC)
    return Ancestor(named(find_directions(generator, baked, spec=SPEC), 3), baked)


def carried(generator: Generator, ancestor: Ancestor) -> DirectionSet:
    baked: Baked = bake(generator, SPEC)
    found = find_directions(generator, baked, spec=SPEC)
    return carry_directions(found, baked, ancestor=ancestor, z_dim=SPEC.z_dim)


def test_what_does_the_same_keeps_its_name_and_its_id(ancestor: Ancestor) -> None:
    grown = generator_of(1)
    for parameter in grown.synthesis.parameters():
        parameter.add_(0.02 * torch.randn_like(parameter))
    found = carried(grown, ancestor)
    assert found.entries[:3] == ancestor.directions.entries[:3]
    assert (found.steps_MD[:3] == ancestor.directions.steps_MD[:3]).all()
    rest = [entry.name for entry in found.entries[3:]]
    assert rest == [f"form {number + 1}" for number in range(len(rest))]
    assert len({entry.id for entry in found.entries}) == len(found.entries) == len(found.steps_MD)


def test_in_a_model_where_it_does_something_else_it_has_no_name(ancestor: Ancestor) -> None:
    found = carried(generator_of(2), ancestor)
    assert all(entry.name.startswith("form ") for entry in found.entries)
    assert not {e.id for e in found.entries} & {e.id for e in ancestor.directions.entries[:3]}
