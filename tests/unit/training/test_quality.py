from collections.abc import Callable

import numpy as np
import pytest
import torch

from studio.core.similarity import Closeness
from studio.training import quality
from studio.training.networks import Generator
from studio.training.quality import Judge
from tests.fakes.procedural_pictures import make_pictures
from tests.unit.training.small import small_spec

NUM = 12


@pytest.fixture(scope="module")
def judge() -> Judge:
    pictures = make_pictures(NUM, side=16)
    held_out = make_pictures(quality.MIN_HELD_OUT, side=16, first=500)
    return Judge(pictures, held_out, files=[f"{row}.png" for row in range(NUM)])


def _generator() -> Generator:
    torch.manual_seed(4)
    return Generator(small_spec()).requires_grad_(False)


def _stop_after(count: int) -> Callable[[], None]:
    calls = iter(range(count))

    def between() -> None:
        if next(calls, None) is None:
            raise InterruptedError

    return between


def test_a_new_generator_is_far_from_real_pictures_and_copies_none(judge: Judge) -> None:
    generator, before = _generator(), torch.get_rng_state()
    scores, nearest = judge.judge(generator, small_spec(), num_made=10)
    assert torch.equal(torch.get_rng_state(), before)
    assert scores.is_held_out
    assert scores.likeness > scores.likeness_floor + 100
    assert (scores.copies, scores.num_made) == (0, 10)
    assert scores.copies_high > 0.2
    assert scores.variety < 0.9
    assert [copy.seed for copy in nearest] == [
        copy.seed for copy in sorted(nearest, key=lambda copy: copy.distance)
    ]
    assert judge.judge(_generator(), small_spec(), num_made=10) == (scores, nearest)


def test_a_generator_that_copies_is_caught(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    training = torch.from_numpy(make_pictures(NUM, side=16)).permute(0, 3, 1, 2)

    class Copier:
        def __call__(self, w_NLD: torch.Tensor) -> tuple[torch.Tensor]:
            rows = (w_NLD[:, 0, 0].abs() * 1_000).long() % NUM
            return (training[rows].float() / 127.5 - 1,)

    def bake(average: Generator, spec: object) -> tuple[Callable[..., torch.Tensor], Copier]:
        return lambda z_NZ: z_NZ[:, None], Copier()

    monkeypatch.setattr(quality, "bake", bake)
    scores, nearest = judge.judge(_generator(), small_spec(), num_made=12)
    assert scores.copies == 1.0
    assert all(copy.is_copy and copy.file == f"{copy.square}.png" for copy in nearest)
    assert scores.distance < 0.1


def test_a_stop_ends_the_work_between_portions(judge: Judge) -> None:
    with pytest.raises(InterruptedError):
        judge.judge(_generator(), small_spec(), between=_stop_after(1), num_made=40)
    with pytest.raises(InterruptedError):
        judge.spread(_generator(), small_spec(), between=_stop_after(1))


def test_pictures_all_alike_have_no_spread(judge: Judge) -> None:
    generator = _generator()
    for parameter in generator.mapping.parameters():
        parameter.zero_()
    assert judge.spread(generator, small_spec()) < 0.02 * judge.real_spread


def test_few_held_out_squares_are_no_measure_of_their_own() -> None:
    pictures = make_pictures(NUM, side=16)
    files = [f"{row}.png" for row in range(NUM)]
    judge = Judge(pictures, make_pictures(3, side=16, first=500), files=files)
    assert not judge.is_held_out
    assert not Judge(pictures, None, files=files).is_held_out
    assert judge.kernel_distance_to(judge.features) < 0
    assert isinstance(judge.closeness, Closeness)
    assert np.isfinite(judge.real_spread)
