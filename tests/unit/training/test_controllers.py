"""Each rule of the controllers: what it needs to act, what it does, and when it does nothing."""

import msgspec
import pytest

from studio.core.training_spec import AugmentSpec, ControlSpec, TrainingSpec
from studio.training.controllers import (
    Controls,
    after_rollback,
    is_due,
    note_turn,
    only_remembered,
    penalty_share,
    weigh_overfit,
    weigh_penalties,
    weigh_score,
    weigh_signs,
    weigh_spread,
    winning,
)
from tests.unit.training.small import small_spec, small_tune

SPEC = ControlSpec()


def noted(*, sign: float = 0.0, loss: float = 0.5, penalty: float = 0.03) -> Controls:
    return note_turn(Controls(), sign=sign, loss=loss, penalty=penalty, num_penalties=1)


def test_an_interval_is_due_once() -> None:
    assert not is_due(992, 0, interval_kimg=1.0)
    assert is_due(1008, 0, interval_kimg=1.0)
    assert not is_due(1024, 1008, interval_kimg=1.0)
    assert is_due(2000, 1008, interval_kimg=1.0)


@pytest.mark.parametrize(
    ("penalty", "factor"), [(0.001, 1.5), (0.01, 1.0), (0.09, 1.0), (0.2, 1 / 1.5)]
)
def test_gamma_keeps_the_penalties_within_their_share(penalty: float, factor: float) -> None:
    verdict = weigh_penalties(noted(penalty=penalty), SPEC, images=2000)
    assert verdict.controls.gamma_scale == pytest.approx(factor)
    assert (verdict.said is None) == (factor == 1.0)
    assert verdict.controls.weighed_images == 2000
    assert penalty_share(verdict.controls) == 0.0  # counted anew


def test_no_penalty_measured_is_no_reason_to_move_gamma() -> None:
    controls = note_turn(Controls(), sign=0, loss=0.5, penalty=0.0, num_penalties=0)
    assert weigh_penalties(controls, SPEC, images=1).controls.gamma_scale == 1.0


def test_gamma_has_an_end() -> None:
    controls = Controls(gamma_scale=16.0)
    controls = note_turn(controls, sign=0, loss=0.5, penalty=0.0, num_penalties=1)
    verdict = weigh_penalties(controls, SPEC, images=1)
    assert (verdict.controls.gamma_scale, verdict.said) == (16.0, None)


def test_a_critic_that_won_for_long_is_slowed_and_the_run_goes_back() -> None:
    controls = Controls()
    for images in range(1000, 11_000, 1000):
        controls = note_turn(controls, sign=0.95, loss=0.1, penalty=None, num_penalties=0)
        assert winning(controls) == pytest.approx(0.95)
        verdict = weigh_signs(controls, SPEC, images=images)
        assert verdict.then == "go_on"
        controls = verdict.controls
    controls = note_turn(controls, sign=0.95, loss=0.1, penalty=None, num_penalties=0)
    verdict = weigh_signs(controls, SPEC, images=11_000)
    assert verdict.then == "roll_back"
    assert (verdict.controls.gamma_scale, verdict.controls.critic_lr_scale) == (2.0, 0.5)


def test_one_fair_reading_between_begins_the_count_anew() -> None:
    controls = Controls(winning_images=1000, signs=0.2, num_signs=1)
    verdict = weigh_signs(controls, SPEC, images=12_000)
    assert verdict.then == "go_on"
    assert verdict.controls.winning_images is None


def test_a_critic_that_wins_again_and_again_ends_the_run() -> None:
    controls = Controls(winning_images=0, num_wins=2, signs=1.0, num_signs=1)
    assert weigh_signs(controls, SPEC, images=10_000).then == "end"


def overfit_answers(spec: TrainingSpec, num: int, reading: float = 0.6) -> list[Controls]:
    controls, answers = Controls(), []
    for turn in range(num):
        verdict = weigh_overfit(controls, spec, overfit=reading + 0.01 * turn)
        if verdict.controls.overfits == ():
            answers.append(verdict.controls)
        controls = verdict.controls
    return answers


def test_a_critic_that_knows_the_folder_is_answered_step_by_step() -> None:
    spec = msgspec.structs.replace(
        small_tune(may_colour=True), augment=AugmentSpec(colour=False, cutout=0.0)
    )
    first, second, third = overfit_answers(spec, 9)
    assert first.augment == AugmentSpec(colour=False, cutout=0.5)
    assert second.augment == AugmentSpec(colour=True, cutout=0.5)
    assert (third.augment, third.more_frozen) == (second.augment, 1)
    full = msgspec.structs.replace(third, overfits=(0.6, 0.7))
    assert weigh_overfit(full, spec, overfit=0.8).then == "end"


def test_colours_are_left_alone_where_they_should_be() -> None:
    spec = msgspec.structs.replace(small_tune(), augment=AugmentSpec(colour=False, cutout=0.5))
    (first,) = overfit_answers(spec, 3)
    assert (first.augment, first.more_frozen) == (None, 1)


@pytest.mark.parametrize("readings", [(0.4, 0.6, 0.7), (0.8, 0.7, 0.6), (0.6, 0.7)])
def test_low_falling_or_few_readings_change_nothing(readings: tuple[float, ...]) -> None:
    controls = Controls()
    for reading in readings:
        verdict = weigh_overfit(controls, small_tune(), overfit=reading)
        assert verdict.said is None
        controls = verdict.controls
    assert weigh_overfit(controls, small_tune(), overfit=None).controls == controls


def test_pictures_that_grow_alike_send_the_run_back_once_and_then_end_it() -> None:
    controls = weigh_spread(Controls(), SPEC, spread=1.0, real=2.0).controls
    for _ in range(2):
        verdict = weigh_spread(controls, SPEC, spread=0.4, real=2.0)
        assert verdict.then == "go_on"
        controls = verdict.controls
    verdict = weigh_spread(controls, SPEC, spread=0.4, real=2.0)
    assert verdict.then == "roll_back"
    assert (verdict.controls.gamma_scale, verdict.controls.lr_scale) == (4.0, 0.5)
    again = msgspec.structs.replace(verdict.controls, num_narrow=2)
    assert weigh_spread(again, SPEC, spread=0.4, real=2.0).then == "end"


def test_a_narrow_folder_may_make_narrow_pictures() -> None:
    controls = weigh_spread(Controls(), SPEC, spread=1.0, real=0.6).controls
    for _ in range(4):
        controls = weigh_spread(controls, SPEC, spread=0.4, real=0.6).controls
    assert controls.num_narrow == 0


def scored(controls: Controls, likeness: float, *, images: int, good: bool = True) -> Controls:
    verdict = weigh_score(controls, SPEC, images=images, likeness=likeness, is_admissible=good)
    return verdict.controls


def test_the_best_is_remembered_and_patience_ends() -> None:
    controls = scored(Controls(), 50.0, images=5000)
    controls = scored(controls, 30.0, images=10_000)
    controls = scored(controls, 29.9, images=15_000)  # no more than noise
    assert (controls.best_images, controls.num_worse) == (10_000, 1)
    for images in (20_000, 25_000, 30_000):
        controls = scored(controls, 40.0, images=images)
    verdict = weigh_score(controls, SPEC, images=35_000, likeness=40.0, is_admissible=True)
    assert verdict.then == "end"


def test_one_with_many_copies_is_never_the_best() -> None:
    controls = scored(Controls(), 50.0, images=5000, good=False)
    assert (controls.best_images, controls.best_likeness) == (5000, None)
    controls = scored(controls, 60.0, images=10_000)
    assert (controls.best_images, controls.best_likeness) == (10_000, 60.0)
    controls = scored(controls, 10.0, images=15_000, good=False)
    assert controls.best_images == 10_000


def test_controllers_that_are_off_only_remember() -> None:
    after = Controls(gamma_scale=4.0, lr_scale=0.5, more_frozen=1, gauged_images=9)
    assert only_remembered(Controls(), after) == Controls(gauged_images=9)


def test_after_going_back_what_acts_stays_and_what_was_measured_is_forgotten() -> None:
    before = Controls(gamma_scale=4.0, num_collapses=1, num_narrow=2, overfits=(0.6,), signs=3.0)
    after = after_rollback(before, images=5000)
    assert (after.gamma_scale, after.num_collapses) == (4.0, 1)
    assert (after.num_narrow, after.overfits, after.signs) == (0, (), 0.0)
    assert after.gauged_images == after.evaluated_images == after.weighed_images == 5000


def test_they_travel_as_json() -> None:
    controls = Controls(augment=AugmentSpec(cutout=0.5), overfits=(0.5,), best_likeness=None)
    assert msgspec.json.decode(msgspec.json.encode(controls), type=Controls) == controls
    assert small_spec().tune is None
