"""Every schema ever written stays readable, to the letter. These files are never made anew.

A new schema gets new files beside the old ones.
"""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.arrays import pixel_hash
from studio.core.direction_book import DirectionNote
from studio.core.mask import mask_from_text
from studio.core.model_card import ModelCard, Right, Score
from studio.core.nearness import Nearness
from studio.core.recipe import Edit, Frame, Recipe, Region, Source, floats_from_text, new_recipe
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.core.snapshot import Snapshot
from studio.core.walk import Key, SoundDrive, Walk
from studio.core.walk_json import walk_from_json, walk_to_json
from studio.files.direction_books import book_path, read_book
from studio.files.images import decode_picture
from studio.library.sidecar import entry_from_sidecar, sidecar_from_entry
from studio.opener.recipe_reader import read_recipe_text

FOLDER = Path(__file__).parent / "schemas"
LATENT = "AAAAPwAAoL8AAABAAABAQA=="
RECIPE_1 = Recipe(
    model="ab" * 32,
    sources=(
        Source(seed=7, shares=(1.0, 0.25, 0.0)),
        Source(w=LATENT, shares=(0.0, 0.75, 1.0)),
    ),
    psi=(0.7, 1.0, 0.0),
    edits=(
        Edit(direction="0123456789abcdef", strength=(1.0, 0.0, -2.5)),
        Edit(direction="fedcba9876543210", strength=(0.0, 5.0, 0.0), vector="AACAPwAAgL8="),
    ),
    zones=(3, 6),
)
# Written by the first version that had masks: three columns, two rows.
MASK = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR42mNicGhgOrC/HQAIZQLLMUiyzAAAAABJRU5ErkJggg=="
RECIPE_2 = Recipe(
    model="ab" * 32,
    sources=(Source(seed=7, shares=(1.0, 0.25, 0.0)), Source(w=LATENT, shares=(0.0, 0.75, 1.0))),
    zones=(3, 6),
    frame=Frame(tile="both", size=(8, 4), beyond=11, enlarge=2, is_mirrored=True),
    regions=(
        Region(kind="keep", mask=MASK, recipe=new_recipe("ab" * 32, 3), name="山 sky"),
        Region(
            kind="mix",
            mask=MASK,
            recipe=Recipe(model="ab" * 32, sources=(Source(w=LATENT),)),
            strength=0.5,
            is_visible=False,
        ),
    ),
)

WALK_1 = Walk(
    name="Dusk 黄昏",
    keys=(
        Key(recipe=new_recipe("ab" * 32, 7), seconds=1.5, easing="hold"),
        Key(recipe=RECIPE_1, seconds=0.1, easing="linear"),
    ),
    is_loop=True,
    is_even=True,
    sound=SoundDrive(drive="strength", amount=-2.5, directions=("0123456789abcdef",)),
)


def read(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_recipe_schema_1() -> None:
    assert recipe_from_json(read("recipe-1.json")).recipe == RECIPE_1
    assert recipe_to_json(RECIPE_1).encode() == read("recipe-1.json")
    plain = new_recipe("ab" * 32, 2**31 - 1, psi=0.5)
    assert recipe_from_json(read("recipe-1-plain.json")).recipe == plain
    assert floats_from_text(LATENT).tolist() == [0.5, -1.25, 2.0, 3.0]


def test_sidecar_schema_1() -> None:
    item_id = "0123456789abcdef" * 2
    entry = entry_from_sidecar(read("sidecar-1.json"), item_id=item_id)
    kept = entry.kept
    assert kept.recipe == RECIPE_1
    assert (kept.sequence, kept.kept_at, kept.name) == (12, 1764000000.5, "Dämmerung 黎明")
    assert (kept.starred, kept.tags, kept.parent) == (True, ("for Anna", "red"), "f" * 32)
    assert (kept.object, kept.pixel_hash) == ("cd" * 32, "ef" * 32)
    assert (kept.width, kept.height, kept.provider) == (256, 256, "CUDA")
    assert (kept.model, kept.model_name, kept.seed_text) == ("ab" * 32, "Landscapes", "7+latent")
    assert (entry.trashed_at, entry.trashed_age_s, entry.schema) == (1764000100.0, 86400.0, 1)
    assert not kept.is_damaged
    assert sidecar_from_entry(entry) == read("sidecar-1.json")


def test_sidecar_schema_2() -> None:
    item_id = "0123456789abcdef" * 2
    entry = entry_from_sidecar(read("sidecar-2.json"), item_id=item_id)
    assert entry.schema == 2
    assert entry.kept.nearness == Nearness(
        distance=0.25, limit=0.5, is_copy=True, file="Hügel 山.jpg", square=7
    )
    older = entry_from_sidecar(read("sidecar-1.json"), item_id=item_id)
    assert older.kept == msgspec.structs.replace(entry.kept, nearness=None)
    assert sidecar_from_entry(entry) == read("sidecar-2.json")


def test_sidecar_schema_3() -> None:
    item_id = "0123456789abcdef" * 2
    entry = entry_from_sidecar(read("sidecar-3.json"), item_id=item_id)
    assert entry.schema == 3
    assert entry.kept.made_from == (RECIPE_1, new_recipe("ab" * 32, 9, psi=0.5))
    older = entry_from_sidecar(read("sidecar-2.json"), item_id=item_id)
    assert older.kept == msgspec.structs.replace(entry.kept, made_from=())
    assert sidecar_from_entry(entry) == read("sidecar-3.json")


def test_card_schema_1() -> None:
    card = msgspec.json.decode(read("card-1.json"), type=ModelCard)
    assert (card.schema, card.id, card.family, card.model) == (1, "landscapes", "gan", "ab" * 32)
    assert (card.resolution, card.previews, card.z, card.w) == (256, (64, 128), 128, 256)
    assert (card.layers, card.zones, card.sketch) == (14, (4, 8), False)
    assert card.rights == (Right("a public collection", "CC0-1.0", "a museum"),)
    assert card.scores == {"closeness": Score(0.9, 0.8, 500, "phi-1")}
    assert card.training is not None
    assert card.training.kimg == 400.0
    assert card.export_error == 1.5e-05
    assert len(card.graphs) == 3


@pytest.mark.parametrize("name", ["picture-1.png", "picture-1.jpg", "picture-1.webp"])
def test_pictures_with_recipe_schema_1(name: str) -> None:
    found = read_recipe_text(read(name))
    assert found.refused is None
    assert found.recipe is not None
    assert found.recipe.recipe == RECIPE_1
    assert found.parameters.splitlines()[-1].startswith("Steps: 1, Sampler: Latent Studio, Seed: 7")
    levels = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    assert found.pixel_hash == pixel_hash(levels)
    picture = decode_picture(read(name))
    assert picture.shape == (16, 16, 3)
    if name.endswith("png"):
        np.testing.assert_array_equal(picture, levels)


def test_the_hash_of_pixels_never_changes() -> None:
    black = np.zeros((2, 3, 3), dtype=np.uint8)
    expected = hashlib.sha256(b"3x2 rgb8\n" + bytes(18)).hexdigest()
    assert pixel_hash(black) == expected


def test_recipe_schema_2() -> None:
    mask = mask_from_text(MASK)
    assert mask.tolist() == [[0, 64, 128], [192, 255, 7]]
    assert recipe_from_json(read("recipe-2.json")).recipe == RECIPE_2
    assert recipe_to_json(RECIPE_2).encode() == read("recipe-2.json")
    found = read_recipe_text(read("picture-2.png"))
    assert found.recipe is not None
    assert found.recipe.recipe == RECIPE_2
    assert found.parameters.splitlines()[-4:-1] == [
        "Frame: tile both, 8x4 cells, enlarged 2x, mirrored",
        "Region 1: keep 3 at 100 %",
        "Region 2: mix latent at 50 %, hidden",
    ]


def test_sidecar_schema_4() -> None:
    item_id = "0123456789abcdef0123456789abcdef"
    entry = entry_from_sidecar(read("sidecar-4.json"), item_id=item_id)
    older = entry_from_sidecar(read("sidecar-3.json"), item_id=item_id)
    assert entry.schema == 4
    assert older.kept.boards == ()
    assert entry.kept == msgspec.structs.replace(older.kept, boards=("Sea 海", "For Anna"))
    assert sidecar_from_entry(entry) == read("sidecar-4.json")


def test_sidecar_schema_5() -> None:
    item_id = "0123456789abcdef0123456789abcdef"
    entry = entry_from_sidecar(read("sidecar-5.json"), item_id=item_id)
    older = entry_from_sidecar(read("sidecar-4.json"), item_id=item_id)
    assert entry.kept == msgspec.structs.replace(older.kept, painted_in="Krita")
    assert sidecar_from_entry(entry) == read("sidecar-5.json")


def test_sidecar_schema_2_with_recipe_schema_2() -> None:
    item_id = "0123456789abcdef" * 2
    fields = {
        **msgspec.json.decode(read("sidecar-1.json")),
        "recipe": msgspec.json.decode(read("recipe-2.json")),
    }
    entry = entry_from_sidecar(msgspec.json.encode(fields), item_id=item_id)
    assert entry.kept.recipe == RECIPE_2
    again = sidecar_from_entry(entry)
    assert entry_from_sidecar(again, item_id=item_id).kept == entry.kept


def test_walk_1() -> None:
    text = read("walk-1.json").decode()
    assert walk_from_json(text).walk == WALK_1
    assert walk_to_json(WALK_1) == text.strip()


def test_snapshots_that_still_had_a_limit_are_read() -> None:
    snapshot = msgspec.json.decode(read("snapshot-1.json"), type=Snapshot)
    assert (snapshot.number, snapshot.images, snapshot.is_admissible) == (3, 9600, True)
    assert snapshot.scores is not None
    assert (snapshot.scores.likeness, snapshot.scores.num_made) == (41.5, 400)
    assert snapshot.nearest[0].is_copy


def test_direction_book_1(tmp_path: Path) -> None:
    path = book_path(tmp_path, "ab" * 32)
    path.parent.mkdir()
    path.write_bytes(read("direction-book-1.json"))
    found = read_book(tmp_path, "ab" * 32)
    assert found.note is None
    (taught,) = found.book.taught
    assert (taught.id, taught.zones, taught.unit) == (
        "0c1b37b8abd19317", ("coarse", "fine"), 0.4375,
    )  # fmt: skip
    assert floats_from_text(taught.vector).tolist() == [0.5, -1.25, 2.0, 3.0]
    assert found.book.note("0123456789abcdef") == DirectionNote("Evening", is_starred=True)
    assert found.book.note("fedcba9876543210") == DirectionNote(is_hidden=True)
    assert found.book.order[0] == taught.id
