"""How far a model's rewritten graph is from the exported one, measured once on this machine.

It lies in `STUDIO_HOME/cache/graphs/<model hash>.json` and can be lost: it is measured again.
"""

from pathlib import Path
from typing import Final

import msgspec

from studio.files.atomic import write_bytes_atomic
from studio.files.remembered import read_remembered

_MAX_BYTES: Final = 1 << 16


class GraphProof(msgspec.Struct, frozen=True):
    """What was compared, and how it came out.

    Attributes:
        version: Of the rewriting.
        runtime: Version of the runtime.
        block: Channels of a block of this processor.
        difference: Largest difference of two tensor images.
    """

    version: int
    runtime: str
    block: int
    difference: float


def proof_path(home: Path, model: str) -> Path:
    """Give where a model's lies; it need not be there."""
    return home / "cache" / "graphs" / f"{model}.json"


def read_proof(home: Path, model: str) -> GraphProof | None:
    """Give what is remembered of a model; None when it has to be compared. Never raises."""
    found = read_remembered(proof_path(home, model), GraphProof, max_bytes=_MAX_BYTES)
    return found if found is not None and found.difference >= 0 else None


def write_proof(home: Path, model: str, *, proof: GraphProof) -> None:
    """Remember a comparison.

    Raises:
        StorageError: It cannot be written.
    """
    write_bytes_atomic(proof_path(home, model), msgspec.json.encode(proof) + b"\n")
