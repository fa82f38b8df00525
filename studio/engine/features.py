"""The frozen feature networks of scores and closeness: pictures to numbers that can be compared.

"phi-1" was trained by us without labels (`studio trainer phi`), "random-1" has fixed random
weights and is the second opinion. They lie in resources/phi with their record, and are used only
when their hash is the record's. They run on the CPU, so that a figure means the same anywhere.

Shape legend: N pictures, F features, H rows, W columns.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from studio.core.arrays import tensor_from_picture
from studio.core.errors import EngineError
from studio.engine.providers import CPU_PROVIDER, session_options
from studio.files.places import resources

FeatureName = Literal["phi-1", "random-1"]

MAX_NETWORK_BYTES: Final = 8 * 1024 * 1024
# Some 0.1 s of work at a time, so that whoever waits can stop it.
_BATCH: Final = 16
_AGAIN: Final = "Install the program again."


class FeatureRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a feature network; its file holds more, about the training.

    Attributes:
        version: Its name; figures are compared only within one version.
        sha256: Of the ONNX file, hex.
        side_px: Side of the pictures it takes.
        features: F.
    """

    version: str
    sha256: str
    side_px: int
    features: int


class FeatureNetwork:
    """A frozen network that is open.

    Attributes:
        version: Its name, which is part of every figure.
        hash: SHA-256 of its file, hex.
        num_features: F.

    Raises:
        EngineError: It is missing or not the one that came with the program.
    """

    def __init__(
        self, name: FeatureName = "phi-1", threads: int = 1, *, folder: Path | None = None
    ) -> None:
        """Open a network.

        Args:
            name: Which one.
            threads: How many processor threads it may use.
            folder: Where it lies; None for the program's own resources.
        """
        graph, record = _read(folder or resources() / "phi", name)
        self.version = record.version
        self.hash = record.sha256
        self.num_features = record.features
        self._side = record.side_px
        self._session: Any = onnxruntime.InferenceSession(
            graph, session_options(threads), providers=[CPU_PROVIDER]
        )

    def embed(
        self, rgb8_NHWC: NDArray[np.uint8], *, between: Callable[[], None] | None = None
    ) -> NDArray[np.float32]:
        """Give features [N, F], owned by the caller; about mean 0 and deviation 1 over our data.

        Args:
            rgb8_NHWC: Square pictures of any one size.
            between: Called after every few pictures (some 0.1 s); what it raises ends the work.
        """
        rows = []
        for part in self._parts(rgb8_NHWC):
            rows.append(self._session.run(None, {"picture": part})[0])
            if between is not None:
                between()
        return np.concatenate(rows) if rows else np.zeros((0, self.num_features), np.float32)

    def _parts(self, rgb8_NHWC: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        for begin in range(0, len(rgb8_NHWC), _BATCH):
            part = rgb8_NHWC[begin : begin + _BATCH]
            if part.shape[1] != self._side:
                # Late: Pillow, which an engine that only draws never needs.
                from studio.files.source_pictures import resize_picture  # noqa: PLC0415

                part = np.stack([resize_picture(picture, self._side) for picture in part])
            yield tensor_from_picture(part)


def _read(folder: Path, name: str) -> tuple[bytes, FeatureRecord]:
    try:
        record = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=FeatureRecord)
        graph = (folder / f"{name}.onnx").read_bytes()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineError(f"The feature network “{name}” cannot be read.", _AGAIN) from error
    if hashlib.sha256(graph).hexdigest() != record.sha256 or len(graph) > MAX_NETWORK_BYTES:
        raise EngineError(f"The feature network “{name}” is not the one of its record.", _AGAIN)
    return graph, record
