"""The card of a model folder: what it is, what it was made from, how good it is."""

import hashlib
from collections.abc import Collection
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

CARD_SCHEMA: Final = 1
CARD_FILE: Final = "card.json"
MAPPING_FILE: Final = "mapping.onnx"
SYNTHESIS_FILE: Final = "synthesis.onnx"
DIRECTIONS_FILE: Final = "directions.safetensors"
DISCRIMINATOR_FILE: Final = "discriminator.safetensors"
PREVIEW_FILE: Final = "preview.webp"
PREVIEW_AS_DRAWN_FILE: Final = "preview-1.webp"  # psi 1
SPEC_FILE: Final = "spec.json"
ENCODER_FILE: Final = "encoder.onnx"
CLOSENESS_FILE: Final = "closeness.safetensors"


class Right(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One link of the chain of rights: what was learned from, under which licence, from whom."""

    source: str
    licence: str
    credit: str


class TrainingRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the model was trained. `spec` is the SHA-256 of its spec.json, hex."""

    kimg: float
    command: str
    device: str
    seconds: float
    spec: str


class Score(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measured score beside its real-against-real floor; `phi` names the feature network."""

    value: float
    floor: float | None = None
    n: int | None = None
    phi: str | None = None


class ForeignGraph(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found out about a graph that was made elsewhere, when it came in.

    Attributes:
        kind: What it was: "onnx" or the name of a published network.
        sha256: Of the file that came, hex.
        takes: Its latent as the file says, for showing: "z [1, 128]".
        gives: Its picture, for showing: "image [1, 3, 64, 64], −1…1".
        has_truncation: Whether truncation changes the picture at all.
        has_alpha: Whether the synthesis graph has an output `alpha` besides `image`.
        is_single: Whether it makes one picture at a time only.
    """

    kind: str
    sha256: str
    takes: str = ""
    gives: str = ""
    has_truncation: bool = True
    has_alpha: bool = False
    is_single: bool = False


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything about one model; the exporter alone writes it, from the graphs themselves.

    Attributes:
        id: Slug of the name, the folder's name.
        name: What the window shows.
        family: "gan" or "plain".
        model: Hash of the model, see `model_hash`.
        resolution: Side of the full picture in pixels.
        previews: Sides of the smaller pictures that the synthesis graph gives besides, rising.
        z: Width of z.
        w: Width of w.
        layers: Number of w layers.
        zones: First layer of the medium and of the fine zone.
        classes: Names of the classes, empty when there are none.
        sketch: True for a small model, honest about being one.
        graphs: File name → SHA-256 hex, for every ONNX graph and safetensors file in the folder.
        rights: Chain of rights.
        credit: The line that every export carries.
        training: Training record, None for foreign models.
        scores: Score name → score.
        export_error: Largest difference of the graph from the network it came from, on tensor
            images (-1…1), None when it was not compared.
        foreign: What was found out about a graph from elsewhere, None for models of ours.
    """

    schema: int = CARD_SCHEMA
    id: str
    name: str
    family: str
    model: str
    resolution: int
    previews: tuple[int, ...] = ()
    z: int
    w: int
    layers: int
    zones: tuple[int, int]
    classes: tuple[str, ...] = ()
    sketch: bool = False
    graphs: dict[str, str]
    rights: tuple[Right, ...] = ()
    credit: str = ""
    training: TrainingRecord | None = None
    scores: dict[str, Score] = {}
    export_error: float | None = None
    foreign: ForeignGraph | None = None


def encode_card(card: ModelCard) -> bytes:
    """Give the bytes of card.json."""
    fields = msgspec.to_builtins(card)
    if card.foreign is None:  # cards of ours stay as they always were, byte for byte
        del fields["foreign"]
    return msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n"


def model_hash(mapping_sha256: str, synthesis_sha256: str, *, mean_D: NDArray[np.float32]) -> str:
    """Give the hash that recipes name a model by (hex).

    Args:
        mapping_sha256: SHA-256 of mapping.onnx, hex.
        synthesis_sha256: SHA-256 of synthesis.onnx, hex.
        mean_D: Mean w, float32; it is part of the model, since truncation moves towards it.
    """
    mean_sha256 = hashlib.sha256(np.ascontiguousarray(mean_D, dtype="<f4").tobytes()).hexdigest()
    lines = f"mapping {mapping_sha256}\nsynthesis {synthesis_sha256}\nmean {mean_sha256}\n"
    return hashlib.sha256(lines.encode("ascii")).hexdigest()


def slug(name: str, taken: Collection[str] = ()) -> str:
    """Give a folder name for a model's name: lower case, digits and dashes; taken → "-2", "-3"."""
    plain = "".join(char if char.isascii() and char.isalnum() else " " for char in name.lower())
    base = "-".join(plain.split())[:48] or "model"
    candidate, number = base, 1
    while candidate in taken:
        number += 1
        candidate = f"{base}-{number}"
    return candidate
