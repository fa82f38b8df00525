"""A model that somebody packed as a zip: checked as a whole. Runs in the opener child only."""

import contextlib
import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec
import numpy as np

from studio.core.errors import ModelError, PictureError, StudioError
from studio.core.model_card import (
    CARD_FILE,
    CLOSENESS_FILE,
    DIRECTIONS_FILE,
    DISCRIMINATOR_FILE,
    ENCODER_FILE,
    MAPPING_FILE,
    SPEC_FILE,
    SYNTHESIS_FILE,
)
from studio.core.named_style import STYLES_FILE, NamedStyles
from studio.core.training_spec import TrainingSpec
from studio.files.direction_units import UNITS_FILE, MeasuredUnits
from studio.files.images import decode_picture
from studio.files.model_folder import (
    MAX_CARD_BYTES,
    MAX_FILE_BYTES,
    card_from_json,
    directions_from_bytes,
)
from studio.files.model_zip import SMALL_PICTURES, SMALL_TEXTS
from studio.files.source_pictures import encode_picture
from studio.files.tensor_file import parse_tensors
from studio.opener.kinds import runs_programs, zip_kind
from studio.opener.onnx_walk import walk_graph
from studio.opener.zip_walk import ZipWalk

LISTED_FILES: Final = (
    *(MAPPING_FILE, SYNTHESIS_FILE, ENCODER_FILE),
    *(DIRECTIONS_FILE, DISCRIMINATOR_FILE, CLOSENESS_FILE),
)
SMALL_FILES: Final = (*SMALL_PICTURES, *SMALL_TEXTS)
_TEXT_KINDS: Final[dict[str, type]] = {
    SPEC_FILE: TrainingSpec,
    STYLES_FILE: NamedStyles,
    UNITS_FILE: MeasuredUnits,
}
_MAX_PREVIEW_BYTES: Final = 16 * 1024 * 1024
_ASK: Final = "Ask its maker for another copy."


class ModelZip:
    """A zip in which a whole model was found.

    Attributes:
        card: Its card, checked.

    Raises:
        StudioError: No model, or one that is damaged, changed or not allowed.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Check everything: names, sizes, card, hashes, graphs.

        Args:
            file: The zip.
        """
        with _refusing():
            self._walk = ZipWalk(file)
        names = list(self._walk.members)
        self._top = _top_of(names)
        with _refusing():
            self.card = card_from_json(self._member(CARD_FILE, MAX_CARD_BYTES))
        for name, expected in self.card.graphs.items():
            self._check_listed(name, expected)
        self._small = {name: content for name, content in self._beside() if content}

    @property
    def sizes(self) -> dict[str, int]:
        """The files of the model besides its card, with their sizes."""
        listed = {name: self._walk.members[self._top + name].file_size for name in self.card.graphs}
        return listed | {name: len(content) for name, content in self._small.items()}

    def blocks(self, name: str) -> Iterator[bytes]:
        """Give one of these files piece by piece."""
        if name in self._small:
            yield self._small[name]
        else:
            yield from self._walk.blocks(self._top + name, max_bytes=MAX_FILE_BYTES)

    def _member(self, name: str, max_bytes: int) -> bytes:
        return self._walk.read(self._top + name, max_bytes=max_bytes)

    def _check_listed(self, name: str, expected: str) -> None:
        if name not in LISTED_FILES:
            raise ModelError(f"Its card lists “{name[:40]}”, which is no part of a model.", _ASK)
        if self._top + name not in self._walk.members:
            raise ModelError(f"“{name}” is missing from the model “{self.card.name}”.", _ASK)
        with _refusing():
            raw = self._member(name, MAX_FILE_BYTES)
            if hashlib.sha256(raw).hexdigest() != expected:
                raise ValueError(f"“{name}” in it was changed")
            if name.endswith(".onnx"):
                walk_graph(raw, file_name=name)
            elif name == DIRECTIONS_FILE:
                directions_from_bytes(raw, self.card)
            else:
                _check_tensors(raw)

    def _beside(self) -> Iterator[tuple[str, bytes | None]]:
        """Give small pictures, drawn anew, and texts that are what they should; others are left out."""
        for name in SMALL_FILES:
            if self._top + name not in self._walk.members:
                continue
            with contextlib.suppress(ValueError, PictureError, msgspec.DecodeError, RecursionError):
                raw = self._member(name, _MAX_PREVIEW_BYTES)
                if name in _TEXT_KINDS:
                    msgspec.json.decode(raw, type=_TEXT_KINDS[name])
                    yield name, raw
                else:
                    yield name, encode_picture(decode_picture(raw), "WEBP")


def _check_tensors(raw: bytes) -> None:
    """Raise `ValueError` for tensors that lie about themselves, or hold what is no number."""
    tensors, _ = parse_tensors(raw, kinds=("F16", "F32", "U8"))
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("its tensors hold values that are not finite")


def _top_of(names: list[str]) -> str:
    """Give the folder inside the zip that the model lies in, with its "/"; "" for none."""
    kind = zip_kind(names)
    if kind == "weights":
        raise runs_programs()
    if kind == "data":
        raise ModelError(
            "This zip holds pictures, not a model.", "Open it in Train to learn from them."
        )
    tops = [name.removesuffix(CARD_FILE) for name in names if name.split("/")[-1] == CARD_FILE]
    tops = [top for top in tops if not top.startswith("__MACOSX/")]
    if kind != "model" or not tops:
        raise ModelError("There is no model in this zip.", "Choose another file.")
    if len(tops) > 1:
        raise ModelError(
            "This zip holds more than one model.", "Unpack it, then open one model's folder."
        )
    return tops[0]


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn a phrase about the zip into a sentence."""
    try:
        yield
    except StudioError:
        raise
    except ValueError as error:
        raise ModelError(f"This zip was not opened: {error}.", _ASK) from error
