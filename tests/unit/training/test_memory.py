import msgspec
import pytest

from studio.training.memory import smaller_micro_batch
from tests.unit.training.small import small_spec


@pytest.mark.parametrize(("first", "sizes"), [(64, [32, 16, 8]), (16, [8, 4]), (24, [12, 4])])
def test_a_micro_batch_is_halved_three_times_at_most_and_stays_whole_groups(
    first: int, sizes: list[int]
) -> None:
    spec = msgspec.structs.replace(small_spec(), batch=64, micro_batch=first)
    found, size = [], smaller_micro_batch(first, spec)
    while size is not None:
        found.append(size)
        size = smaller_micro_batch(size, spec)
    assert found == sizes
