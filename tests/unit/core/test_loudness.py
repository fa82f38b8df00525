"""Loudness: a drum is seen at once, silence is nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.loudness import Envelope, envelope_of

RATE = 8000


def test_a_beat_rises_at_once_and_falls_softly() -> None:
    sound = np.zeros(2 * RATE, dtype=np.float32)
    sound[RATE : RATE + RATE // 10] = np.sin(np.arange(RATE // 10) * 0.3)
    envelope = envelope_of(sound, RATE)
    assert envelope.seconds == pytest.approx(2.0)
    assert envelope.level_at(0.9) == pytest.approx(0.0, abs=0.01)
    assert envelope.level_at(1.06) > 0.7
    assert 0.1 < envelope.level_at(1.35) < envelope.level_at(1.2)


@given(st.integers(0, 3 * RATE), st.floats(0, 1))
def test_levels_stay_between_0_and_1(count: int, loud: float) -> None:
    sound = (np.random.RandomState(count % 1000).randn(count) * loud).astype(np.float32)
    envelope = envelope_of(sound, RATE)
    assert len(envelope.levels_M) >= 1
    assert float(envelope.levels_M.min()) >= 0.0
    assert float(envelope.levels_M.max()) <= 1.0


@given(st.floats(0, 4), st.floats(0.2, 6))
def test_the_way_is_done_from_0_to_1_without_going_back(amount: float, seconds: float) -> None:
    envelope = Envelope(np.random.RandomState(1).rand(300).astype(np.float32))
    shares = [
        envelope.share_done(at_s, seconds=seconds, amount=amount)
        for at_s in np.linspace(0, seconds, 20)
    ]
    assert (shares[0], shares[-1]) == pytest.approx((0.0, 1.0))
    assert shares == sorted(shares)


def test_after_the_end_of_the_sound_there_is_silence() -> None:
    envelope = Envelope(np.ones(100, dtype=np.float32))
    assert envelope.level_at(1.5) == 0.0
    first = envelope.share_done(1.0, seconds=2.0, amount=3.0)
    assert first == pytest.approx(0.8, abs=0.01)
