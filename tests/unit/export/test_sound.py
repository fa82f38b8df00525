"""Sounds are read whatever their depth, and broken ones are a sentence."""

import wave
from pathlib import Path

import numpy as np
import pytest

from studio.export.sound import fitted, loudness_of, read_sound
from studio.export.video import VideoError, has_av

RATE = 8000
TONE = 0.5 * np.sin(np.arange(RATE) * 0.2)


def write_wav(path: Path, *, width: int, channels: int = 1) -> Path:
    if width == 1:
        raw = (TONE * 127 + 128).astype(np.uint8).tobytes()
    elif width == 3:
        wide = (TONE * (2**23 - 1)).astype("<i4")
        raw = wide.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        raw = (TONE * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(RATE)
        file.writeframes(raw)
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_wav_of_any_depth_is_read(width: int, tmp_path: Path) -> None:
    track = read_sound(write_wav(tmp_path / "tone.wav", width=width))
    assert track.rate_hz == RATE
    np.testing.assert_allclose(track.samples_CS[0], TONE, atol=0.02)


def test_channels_are_told_apart_and_the_length_is_made_to_fit(tmp_path: Path) -> None:
    track = read_sound(write_wav(tmp_path / "tone.wav", width=2, channels=2))
    assert track.samples_CS.shape == (2, RATE // 2)
    longer = fitted(track, 2.0)
    assert longer.samples_CS.shape == (2, 2 * RATE)
    assert not longer.samples_CS[:, RATE:].any()
    assert fitted(track, 0.1).samples_CS.shape == (2, RATE // 10)
    assert loudness_of(longer).level_at(1.9) < loudness_of(longer).level_at(0.3)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"\x00" * 99])
def test_what_is_no_sound_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(VideoError, match="sound" if has_av() else "PyAV"):
        read_sound(path)


def test_a_sound_without_samples_or_without_a_file_is_refused(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "tone.wav", width=2)
    path.write_bytes(path.read_bytes()[:44])
    with pytest.raises(VideoError, match="no sound"):
        read_sound(path)
    with pytest.raises(VideoError, match="no sound file"):
        read_sound(tmp_path / "missing.wav")
