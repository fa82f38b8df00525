"""Files that were changed at random: refused or read, never a crash, never another error.

A hundredth of the rounds in the normal run, 20,000 of each kind in full.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.core.provenance import provenance_of
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.engine.foreign_inputs import AskedError, read_inputs
from studio.files.images import encode_jpeg, encode_png, encode_webp
from studio.files.model_folder import directions_from_bytes, read_card
from studio.opener.host import answer_for
from studio.opener.kinds import HEAD_BYTES, kind_of
from studio.opener.model_reader import ModelZip
from studio.opener.onnx_walk import walk_graph
from studio.protocol.trial_messages import TrialWishes
from tests.fakes.foreign_graphs import Wanted, foreign_graph
from tests.fakes.galleries import CARD, picture_of, recipe_of
from tests.fakes.hostile_zips import members_of, packed
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow

IN_FULL = bool(os.environ.get("STUDIO_TEST_ALL"))
ROUNDS = 20_000 if IN_FULL else 200

Open = Callable[[bytes], object]


def mutant(raw: bytes, rng: np.random.RandomState) -> bytes:
    """Give the bytes after one to eight changes: bits, bytes, cuts, repeats, lengths."""
    content = bytearray(raw)
    for _ in range(rng.randint(1, 9)):
        if not content:
            break
        place, kind = rng.randint(len(content)), rng.randint(7)
        if kind == 0:
            content[place] ^= 1 << rng.randint(8)
        elif kind == 1:
            content[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
        elif kind == 2:
            del content[place : place + rng.randint(1, 64)]
        elif kind == 3:
            content[place:place] = rng.bytes(rng.randint(1, 32))
        elif kind == 4:
            content[place:place] = content[place : place + rng.randint(1, 256)]
        elif kind == 5 and place > len(content) // 2:
            del content[place:]
        else:
            content[place : place + 4] = int(rng.choice([0, 1, 2**31 - 1, 2**32 - 1])).to_bytes(
                4, "little"
            )
    return bytes(content)


def strange_ends(whole: bytes, open_one: Open, *, seed: int) -> list[str]:
    """Give how mutants of a file ended, but for reading and refusing."""
    rng, found = np.random.RandomState(seed), []
    for number in range(ROUNDS):
        raw = mutant(whole, rng)
        kind_of(raw[:HEAD_BYTES])
        try:
            open_one(raw)
        except (StudioError, AskedError):
            continue
        except Exception as error:  # noqa: BLE001 - what the test is for
            found.append(f"{number}: {error!r}")
    return found


def open_graph(raw: bytes) -> None:
    read_inputs(walk_graph(raw, file_name=""), TrialWishes())


def test_graphs() -> None:
    wanted = Wanted(classes=3, extras={"noise": (1, 1, 4, 4)})
    assert strange_ends(foreign_graph(wanted), open_graph, seed=1) == []


def test_models_in_zips(tmp_path: Path) -> None:
    raw = packed(members_of(make_tiny_model(tmp_path, resolution=16, channels=4)))
    assert strange_ends(raw, lambda raw: ModelZip(io.BytesIO(raw)), seed=2) == []


def test_directions(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path, resolution=16, channels=4)
    card, raw = read_card(model), (model / "directions.safetensors").read_bytes()
    assert strange_ends(raw, lambda raw: directions_from_bytes(raw, card), seed=3) == []


def test_recipes() -> None:
    raw = recipe_to_json(new_recipe("ab" * 32, 7)).encode()
    assert strange_ends(raw, recipe_from_json, seed=4) == []


@pytest.mark.parametrize("encode", [encode_png, encode_jpeg, encode_webp])
def test_pictures(encode: Callable[..., bytes]) -> None:
    provenance = provenance_of(recipe_of(7), CARD, size=(32, 32), pixels="ab" * 32)
    assert strange_ends(encode(picture_of(7), provenance), answer_for, seed=5) == []


def test_a_planted_fault_is_seen() -> None:
    def careless(raw: bytes) -> None:
        raw.decode("ascii")

    assert len(strange_ends(foreign_graph(), careless, seed=6)) == ROUNDS
