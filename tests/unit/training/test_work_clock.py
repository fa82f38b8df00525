from studio.training.work_clock import GAP_S, Speed, WorkClock


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.time_s = 1000.0

    def __call__(self) -> float:
        return self.time_s


def test_sleep_of_the_machine_is_no_work() -> None:
    hand = Hand()
    clock = WorkClock(seconds=5.0, now=hand)
    for passed in (0.5, 8 * 3600.0, 0.5):
        hand.time_s += passed
        clock.tick()
    assert clock.seconds == 6.0


def test_a_slow_machine_is_not_taken_for_a_sleeping_one() -> None:
    hand = Hand()
    clock = WorkClock(now=hand)
    for _ in range(4):
        hand.time_s += GAP_S + 10
        clock.tick()
    assert clock.seconds == 3 * (GAP_S + 10)


def test_a_rest_is_left_out() -> None:
    hand = Hand()
    clock = WorkClock(now=hand)
    hand.time_s += 20
    clock.skip()
    hand.time_s += 1
    assert clock.tick() == 1.0


def test_speed_and_the_time_left_survive_gaps_and_rollbacks() -> None:
    speed = Speed(images=0, seconds=0.0)
    assert speed.seconds_left(100) is None
    assert speed.read(images=20, seconds=2.0) == 10.0
    assert speed.seconds_left(100) == 10.0
    assert speed.read(images=20, seconds=2.0) == 10.0  # no time passed
    assert speed.read(images=4, seconds=3.0) == 0.0  # rolled back
    left = speed.seconds_left(100)
    assert left is not None
    assert 10.0 < left < 20.0
