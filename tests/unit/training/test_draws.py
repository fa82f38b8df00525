import torch

from studio.training.draws import Draws, Purpose


def test_numbers_do_not_depend_on_how_many_pictures_are_computed_at_once() -> None:
    whole = Draws(1, 7, Purpose.CRITIC_MADE, count=16)
    parts = [Draws(1, 7, Purpose.CRITIC_MADE, begin=begin, count=8) for begin in (0, 8)]
    for name, args in (("normal", (3, 2)), ("uniform", ()), ("whole", (0, 9, 2))):
        expected = getattr(whole, name)(*args)
        assert torch.equal(torch.cat([getattr(part, name)(*args) for part in parts]), expected)


def test_every_place_step_and_purpose_has_numbers_of_its_own() -> None:
    keys = [(1, 7, 2), (1, 8, 2), (1, 7, 3), (2, 7, 2)]
    drawn = [float(Draws(*key, begin=begin).normal()) for key in keys for begin in (0, 4)]
    assert len(set(drawn)) == len(drawn)


def test_an_uneven_count_is_drawn_whole() -> None:
    assert Draws(1, count=6).normal(2).shape == (6, 2)
