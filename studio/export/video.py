"""MP4 and WebM by PyAV, which is an extra: the program works without it.

PyAV's own code is BSD; its wheels bring x264, which is GPL. So it is never a dependency, and is
imported only when a film of this kind is made or a sound is read.
"""

import importlib
import importlib.util
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, BinaryIO, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.errors import StudioError

VideoKind = Literal["mp4", "webm"]
# The first that this build of the library has; the last ones are there everywhere.
_CODECS: Final[dict[VideoKind, tuple[str, ...]]] = {
    "mp4": ("libx264", "libopenh264", "mpeg4"),
    "webm": ("libvpx-vp9", "libvpx"),
}
_SOUND_CODEC: Final[dict[VideoKind, str]] = {"mp4": "aac", "webm": "libopus"}
_SOUND_RATE_HZ: Final = 48_000
_SOUND_STEP: Final = 1024


class VideoError(StudioError):
    """A film cannot be made: the library is missing, or it failed."""


class SoundTrack(msgspec.Struct, frozen=True):
    """Sound for a film. `samples_CS` is float32 in -1…1, one or two channels."""

    samples_CS: NDArray[np.float32]
    rate_hz: int


def load_av(what: str = "MP4 and WebM need") -> Any:  # noqa: ANN401 - the library has no types here
    """Give the library.

    Raises:
        VideoError: It is not installed.
    """
    try:
        return importlib.import_module("av")
    except ImportError as error:
        raise VideoError(
            f"{what} the library PyAV, which is not installed.",
            "Install it with “pip install av” into the studio's Python, or choose GIF, WebP or PNG.",
        ) from error


def has_av() -> bool:
    """Say whether films as MP4 and WebM can be made."""
    return importlib.util.find_spec("av") is not None


def write_video(
    file: BinaryIO,
    pictures: Iterable[Picture],
    *,
    kind: VideoKind,
    fps: float,
    quality: int,
    texts: Mapping[str, str],
    sound: SoundTrack | None = None,
) -> None:
    """Write a film; its pictures are of one even size.

    Args:
        file: Where to; it must allow seeking.
        pictures: One or more, uint8 [H, W, 3].
        kind: Container.
        fps: Pictures a second.
        quality: 1…100.
        texts: What it says about itself: title, artist, copyright, comment, description.
        sound: Cut or silent to the film's length by its maker.

    Raises:
        VideoError: The library is missing or failed.
        OSError: The file cannot be written.
    """
    av = load_av()
    noted = _NotedFile(file)
    try:
        with av.open(noted, "w", format=kind) as container:
            container.metadata.update(texts)
            _write_streams(
                av, container, pictures=pictures, kind=kind, fps=fps, quality=quality, sound=sound
            )
    except av.FFmpegError as error:
        if noted.error is not None:
            raise noted.error from None  # the library says only that something went wrong
        raise VideoError(
            "The film could not be put together.", "Try another format: WebP or PNG always work."
        ) from error


class _NotedFile:
    """A file that remembers why it could not be written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None
        self.seek, self.tell = file.seek, file.tell

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.error = error
            raise


def _write_streams(
    av: Any,  # noqa: ANN401
    container: Any,  # noqa: ANN401
    *,
    pictures: Iterable[Picture],
    kind: VideoKind,
    fps: float,
    quality: int,
    sound: SoundTrack | None,
) -> None:
    rate = Fraction(fps).limit_denominator(1001)
    stream = container.add_stream(_codec(av, kind), rate=rate, options=_options(kind, quality))
    stream.pix_fmt = "yuv420p"  # what every player shows
    track = container.add_stream(_SOUND_CODEC[kind], rate=_SOUND_RATE_HZ) if sound else None
    is_first = True
    for picture in pictures:
        if is_first:
            stream.height, stream.width = picture.shape[:2]
            # Said, so that no player guesses BT.601 from the small size.
            context = stream.codec_context
            context.colorspace, context.color_range = 1, 1
            context.color_primaries, context.color_trc = 1, 13
            is_first = False
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
    if track is not None and sound is not None:
        for frame in _sound_frames(av, sound):
            container.mux(track.encode(frame))
        container.mux(track.encode())


def _sound_frames(av: Any, sound: SoundTrack) -> Iterable[Any]:  # noqa: ANN401
    resampler = av.AudioResampler(
        format="fltp", layout="stereo", rate=_SOUND_RATE_HZ, frame_size=_SOUND_STEP
    )
    layout = "stereo" if sound.samples_CS.shape[0] == 2 else "mono"
    for begin in range(0, sound.samples_CS.shape[1], _SOUND_STEP):
        part = np.ascontiguousarray(sound.samples_CS[:, begin : begin + _SOUND_STEP])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate = sound.rate_hz
        frame.pts, frame.time_base = begin, Fraction(1, sound.rate_hz)
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _codec(av: Any, kind: VideoKind) -> str:  # noqa: ANN401
    found = next((name for name in _CODECS[kind] if name in av.codecs_available), None)
    if found is None:
        raise VideoError(
            f"The installed PyAV cannot make {kind.upper()} films.", "Choose WebP, GIF or PNG."
        )
    return found


def _options(kind: VideoKind, quality: int) -> dict[str, str]:
    """Give the encoder's own words for a quality: 100 is near the original, 1 very small.

    Source: CRF of x264 (0…51, 18 is taken as without visible loss) and of libvpx (0…63).
    """
    share = min(max(quality, 1), 100) / 100
    if kind == "mp4":
        return {"crf": str(round(40 - 28 * share)), "preset": "medium"}
    crf = str(round(50 - 38 * share))
    return {"crf": crf, "b": "0", "row-mt": "1", "deadline": "good", "cpu-used": "3"}
