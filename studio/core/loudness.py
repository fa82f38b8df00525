"""How loud a sound is from moment to moment, as a hand would follow it.

Shape legend: S samples, M steps of the envelope.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

RATE_HZ: Final = 100.0
# Below this much under the loudest place nothing is heard in music at a usual level.
_RANGE_DB: Final = 40.0
# A drum is seen at once and dies away softly; quicker than this a picture flickers.
_RISE_S: Final = 0.02
_FALL_S: Final = 0.25
_ONSET_SHARE: Final = 0.35
_SEAM_S: Final = 0.3


class Envelope(msgspec.Struct, frozen=True):
    """Loudness over time, `RATE_HZ` steps a second.

    Attributes:
        levels_M: 0…1, 1 at the loudest place; at least one step.
    """

    levels_M: FloatArray

    @property
    def seconds(self) -> float:
        """How long the sound is."""
        return len(self.levels_M) / RATE_HZ

    def level_at(self, at_s: float) -> float:
        """Give the loudness at a time, between the steps too; silence after the end."""
        place = at_s * RATE_HZ
        if place > len(self.levels_M):
            return 0.0
        return float(np.interp(place, np.arange(len(self.levels_M)), self.levels_M))

    def closed(self, seconds: float) -> "Envelope":
        """Give the envelope cut or silent up to `seconds`, its end going over into its start."""
        count = max(1, round(seconds * RATE_HZ))
        levels = np.zeros(count + 1, dtype=np.float32)
        levels[: min(count + 1, len(self.levels_M))] = self.levels_M[: count + 1]
        num_seam = min(round(_SEAM_S * RATE_HZ), count)
        part = np.linspace(0.0, 1.0, num_seam + 1, dtype=np.float32)
        levels[count - num_seam :] = (1 - part) * levels[count - num_seam :] + part * levels[0]
        return Envelope(levels)

    def share_done(self, at_s: float, *, seconds: float, amount: float) -> float:
        """Give how much of the way is done at a time, 0…1, rising: fast where it is loud.

        Args:
            at_s: 0…seconds.
            seconds: When all of it is done.
            amount: How many times faster than in silence it goes at the loudest place, less one.
        """
        count = max(2, round(seconds * RATE_HZ) + 1)
        times = np.linspace(0.0, seconds, count)
        steps = np.arange(len(self.levels_M)) / RATE_HZ
        levels = np.interp(times, steps, self.levels_M, right=0.0)
        speed = 1.0 + amount * levels
        done = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)])
        return float(np.interp(at_s, times, done / done[-1]))


def envelope_of(samples_S: FloatArray, rate_hz: int) -> Envelope:
    """Give the loudness of a sound: its level in dB over its loudest place, drums a little more.

    Args:
        samples_S: One channel, about -1…1.
        rate_hz: Samples a second.
    """
    step = max(1, round(rate_hz / RATE_HZ))
    count = max(1, len(samples_S) // step)
    padded = np.zeros(count * step, dtype=np.float64)
    padded[: min(len(samples_S), count * step)] = samples_S[: count * step]
    power_M = np.mean(padded.reshape(count, step) ** 2, axis=1)
    top = power_M.max()
    if not np.isfinite(top) or top <= 1e-10:
        return Envelope(np.zeros(count, dtype=np.float32))
    decibels_M = 10.0 * np.log10(np.maximum(power_M / top, 1e-12))
    level_M = np.clip(1.0 + decibels_M / _RANGE_DB, 0.0, 1.0)
    rise_M = np.maximum(np.diff(level_M, prepend=level_M[0]), 0.0)
    onset_M = rise_M / rise_M.max() if rise_M.max() > 0 else rise_M
    followed_M = _followed((1.0 - _ONSET_SHARE) * level_M + _ONSET_SHARE * onset_M)
    return Envelope((followed_M / max(followed_M.max(), 1e-9)).astype(np.float32))


def _followed(level_M: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise quickly and fall softly, each by a share of what is missing per step."""
    rise, fall = (1.0 - np.exp(-1.0 / (RATE_HZ * seconds)) for seconds in (_RISE_S, _FALL_S))
    followed = np.empty_like(level_M)
    now = 0.0
    for place, level in enumerate(level_M):
        now += (rise if level > now else fall) * (level - now)
        followed[place] = now
    return followed
