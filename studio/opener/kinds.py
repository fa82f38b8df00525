"""What a file is, by its first bytes: never by its name, which says what its sender wants."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from studio.core.errors import ModelError
from studio.core.model_card import CARD_FILE

Kind = Literal[
    "picture", "graph", "zip", "weights", "tensors", "text", "program", "archive", "unknown"
]
# What `zip_kind` finds inside a zip.
ZipKind = Literal["model", "weights", "data", "layers", "unknown"]

HEAD_BYTES: Final = 512
_STARTS: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"8BPS", "picture"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x89HDF\r\n\x1a\n", "program"),
    (b"\x93NUMPY", "program"),
    (b"ftrt", "program"),
    (b"ptrt", "program"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"#!", "program"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
)
# Protocols 0 and 1 have no magic: marks, numbers and texts, then the name of something to import.
_OLD_PICKLE: Final = re.compile(
    rb"(?:[(\]})lNJKM\x88\x89]|[SIFLV][^\n]{0,80}\n|p\d{1,9}\n)*[ci][A-Za-z_][\w.]*\n[\w.]+\n"
)


def kind_of(head: bytes) -> Kind:
    """Give what a file is by its first `HEAD_BYTES` bytes (or all, when it is shorter)."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return "weights" if _is_torch_zip(head) else kind
    if head[4:12] in (b"ftypavif", b"ftypavis") or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture"
    if head[257:262] == b"ustar":
        return "archive"
    if is_pickle(head):
        return "weights"
    if head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") < 1 << 40:
        return "tensors"
    # A graph has no magic either: field 1, the version of the format, comes first in all writers.
    if head[:1] == b"\x08" and 1 <= int.from_bytes(head[1:2], "little") <= 64:
        return "graph"
    if head.lstrip()[:1] in (b"{", b"["):
        return "text"
    return "unknown"


def is_layered(head: bytes) -> bool:
    """Say whether a zip begins as an OpenRaster or Krita file must: a picture in layers."""
    return head[30:].startswith((b"mimetypeimage/openraster", b"mimetypeapplication/x-krita"))


def _is_torch_zip(head: bytes) -> bool:
    """Say whether a zip's first member is torch's pickle, as it is in all that torch writes."""
    length = int.from_bytes(head[26:28], "little")
    return head.startswith(b"PK\x03\x04") and head[30 : 30 + length].endswith(b"data.pkl")


def begins_with_pictures(head: bytes) -> bool:
    """Say whether the first file in a zip is a picture, or the list of StyleGAN's dataset form."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")].lower()
    return name.endswith((b".png", b".jpg", b".jpeg", b"dataset.json"))


def is_pickle(head: bytes) -> bool:
    """Say whether these bytes begin a stream of pickle opcodes, of any protocol."""
    if head[:1] == b"\x80" and head[1:2] in (b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    return _OLD_PICKLE.match(head) is not None


def zip_kind(names: Sequence[str]) -> ZipKind:
    """Give what a zip holds, by the names inside."""
    last = [name.replace("\\", "/").rsplit("/", 1)[-1].lower() for name in names]
    if CARD_FILE in last:
        return "model"
    if any(name.endswith((".pkl", ".pickle", ".pt", ".pth", ".ckpt")) for name in last):
        return "weights"
    if last[:1] == ["mimetype"]:
        return "layers"
    if "dataset.json" in last or any(name.endswith((".png", ".jpg", ".jpeg")) for name in last):
        return "data"
    return "unknown"


def no_model(kind: Kind) -> ModelError:
    """Give the sentence for a file that holds no model which could be opened."""
    if kind in ("weights", "program"):
        return runs_programs()
    if kind == "archive":
        return ModelError(
            "This is an archive of a kind that is not opened here.",
            "Unpack it, then open the model inside.",
        )
    if kind == "tensors":
        return ModelError(
            "This file holds weights, but not the network they belong to.",
            "Ask for an .onnx file.",
        )
    return ModelError("This file is no model.", "Choose an .onnx file, or a model's folder or zip.")


def runs_programs() -> ModelError:
    """Give the sentence for formats that are programs (LOOK.md)."""
    return ModelError(
        "This file could run programs on your computer, so it was not opened.",
        "Ask for an .onnx file.",
    )
