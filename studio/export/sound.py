"""Sound files read for a walk: WAV by the standard library, everything else by PyAV."""

import wave
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.loudness import Envelope, envelope_of
from studio.export.video import SoundTrack, VideoError, load_av

MAX_SECONDS: Final = 3600
_OTHER_SOUND: Final = "Choose another sound, or save it as WAV."
FloatArray = NDArray[np.float32]


def read_sound(path: Path) -> SoundTrack:
    """Give a sound as float32, one or two channels.

    Raises:
        VideoError: Missing, damaged, silent by length, longer than an hour, or of a kind that
            needs PyAV where it is not installed.
    """
    if not path.is_file():
        raise VideoError(f"There is no sound file “{path.name}”.", "Name another one.")
    try:
        track = _read_wav(path)
    except (wave.Error, EOFError, ValueError):
        track = _read_any(path)
    except OSError as error:
        raise VideoError(
            f"“{path.name}” cannot be read ({error.strerror}).", _OTHER_SOUND
        ) from error
    if track.samples_CS.shape[1] == 0:
        raise VideoError(f"“{path.name}” holds no sound.", _OTHER_SOUND)
    return track


def fitted(track: SoundTrack, seconds: float) -> SoundTrack:
    """Give the sound cut to a length, or with silence behind it."""
    count = max(1, round(seconds * track.rate_hz))
    samples = track.samples_CS[:2, :count]
    padded = np.pad(samples, ((0, 0), (0, count - samples.shape[1])))
    return SoundTrack(np.ascontiguousarray(padded), track.rate_hz)


def loudness_of(track: SoundTrack) -> Envelope:
    """Give how loud it is from moment to moment, over all channels."""
    return envelope_of(track.samples_CS.mean(axis=0), track.rate_hz)


def _read_wav(path: Path) -> SoundTrack:
    with wave.open(str(path), "rb") as file:
        rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
        if not (1 <= channels <= 64 and 1000 <= rate <= 768_000):
            raise ValueError("an odd WAV")
        _check_length(file.getnframes() / rate, path)
        raw = file.readframes(file.getnframes())
    samples = _as_floats(raw[: len(raw) // (channels * width) * channels * width], width)
    return SoundTrack(_two_channels(samples.reshape(-1, channels).T), rate)


def _as_floats(raw: bytes, width: int) -> FloatArray:
    """Give samples -1…1 of PCM with 1 to 4 bytes; 8 bit is unsigned, the others are signed."""
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / np.float32(128)
    if width == 3:
        bytes_S3 = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32)
        wide = bytes_S3[:, 0] << 8 | bytes_S3[:, 1] << 16 | bytes_S3[:, 2] << 24
        return (wide / 2**31).astype(np.float32)
    if width == 2:
        return np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(2**15)
    return (np.frombuffer(raw, "<i4") / 2**31).astype(np.float32)


def _read_any(path: Path) -> SoundTrack:
    av = load_av("Sounds other than WAV need")
    try:
        with av.open(path) as container:
            if not container.streams.audio:
                raise VideoError(f"“{path.name}” holds no sound.", _OTHER_SOUND)
            return _decode(av, container, path=path)
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"“{path.name}” is no sound that can be read.", _OTHER_SOUND) from error


def _decode(av: Any, container: Any, *, path: Path) -> SoundTrack:  # noqa: ANN401
    rate = container.streams.audio[0].rate
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
    parts: list[FloatArray] = []
    count = 0
    for frame in container.decode(audio=0):
        for part in resampler.resample(frame):
            parts.append(part.to_ndarray())
            count += parts[-1].shape[1]
        _check_length(count / rate, path)
    parts += [part.to_ndarray() for part in resampler.resample(None)]
    samples = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.float32)
    return SoundTrack(samples.astype(np.float32), rate)


def _check_length(seconds: float, path: Path) -> None:
    if seconds > MAX_SECONDS:
        raise VideoError(f"“{path.name}” is longer than an hour.", "Cut it to what is needed.")


def _two_channels(samples_CS: FloatArray) -> FloatArray:
    return np.ascontiguousarray(samples_CS[:2], dtype=np.float32)
