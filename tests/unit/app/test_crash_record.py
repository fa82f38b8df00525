"""Three crashes within a minute set a model aside, and only that one."""

from studio.app.crash_record import CrashRecord


def test_three_within_a_minute_are_too_many() -> None:
    record = CrashRecord()
    assert [record.note("a", now) for now in (0.0, 30.0, 59.0)] == [False, False, True]
    assert record.is_set_aside("a")
    assert not record.is_set_aside("b")


def test_three_over_a_longer_time_are_not() -> None:
    record = CrashRecord()
    assert not any(record.note("a", now) for now in (0.0, 31.0, 62.0, 93.0, 124.0))
    assert not record.is_set_aside("a")


def test_crashes_of_different_models_are_counted_apart() -> None:
    record = CrashRecord()
    assert not any(record.note(model, 1.0) for model in ("a", "b", "a", "b"))
    assert record.note("a", 2.0)
    assert not record.is_set_aside("b")


def test_a_forgiven_model_starts_anew() -> None:
    record = CrashRecord()
    for now in (0.0, 1.0, 2.0):
        record.note("a", now)
    record.forgive("a")
    assert not record.is_set_aside("a")
    assert not record.note("a", 3.0)
    assert record.num_recent("a") == 1
