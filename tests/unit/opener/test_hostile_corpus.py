"""Every hostile file is refused with one sentence, and nothing else happens.

Here in this process; with limits, clock and strace in tests/integration/test_hostile_children.py.
"""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.errors import ModelError, RecipeError, StudioError
from studio.core.recipe_json import recipe_from_json
from studio.engine.foreign_import import import_graph
from studio.opener.host import answer_for
from studio.opener.kinds import HEAD_BYTES, kind_of, no_model
from studio.opener.model_reader import ModelZip
from studio.protocol.trial_messages import TrialWishes
from tests.fakes.hostile_graphs import hostile_graphs
from tests.fakes.hostile_texts import hostile_pictures, hostile_recipes, hostile_weights
from tests.fakes.hostile_zips import hostile_zips, members_of, packed
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow


def open_graph(raw: bytes) -> None:
    if kind_of(raw[:HEAD_BYTES]) != "graph":
        raise no_model(kind_of(raw[:HEAD_BYTES]))
    import_graph(raw, wishes=TrialWishes(), tell=lambda _share, _what: None)


def open_zip(raw: bytes) -> None:
    if kind_of(raw[:HEAD_BYTES]) != "zip":
        raise no_model(kind_of(raw[:HEAD_BYTES]))
    ModelZip(io.BytesIO(raw))


def open_picture(raw: bytes) -> None:
    answer, _ = answer_for(raw)
    for refused, kind in (
        (answer.recipe_refused, RecipeError),
        (answer.picture_refused, StudioError),
    ):
        if refused is not None:
            raise kind(refused.what, refused.way_out)


def open_weights(raw: bytes) -> None:
    kind = kind_of(raw[:HEAD_BYTES])
    assert kind not in ("graph", "zip", "picture")
    raise no_model(kind)


def refused(found: dict[str, bytes], open_one: Callable[[bytes], object]) -> list[str]:
    """Give the names of what was not refused, or not with a sentence."""
    assert len(found) >= 20
    wrong = []
    for name, raw in found.items():
        try:
            open_one(raw)
        except StudioError as error:
            if not (error.what.endswith(".") and error.way_out.endswith(".")):
                wrong.append(f"{name}: {error}")
        except Exception as error:  # noqa: BLE001 - what the test is for
            wrong.append(f"{name}: {error!r}")
        else:
            wrong.append(f"{name}: accepted")
    return wrong


def test_graphs() -> None:
    found = dict(hostile_graphs())
    assert len(found) >= 110
    assert refused(found, open_graph) == []
    # Work and memory are refused by the shapes alone, before anything is computed.
    for name, words in (
        ("TFLOP", "million million"),
        ("GB", "asked for"),
        ("480,000", "asked for"),
    ):
        costly = [raw for one, raw in found.items() if name in one]
        assert costly
        for raw in costly:
            with pytest.raises(ModelError, match=words):
                open_graph(raw)


def test_zips(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path, resolution=16, channels=4)
    open_zip(packed(members_of(model)))
    found = dict(hostile_zips(model))
    assert len(found) >= 70
    assert refused(found, open_zip) == []


def test_recipes() -> None:
    assert refused(dict(hostile_recipes()), recipe_from_json) == []


def test_pictures() -> None:
    assert refused(dict(hostile_pictures()), open_picture) == []


def test_programs_and_weights() -> None:
    found = dict(hostile_weights())
    assert refused(found, open_weights) == []
    # Under another name, and inside a zip of any name, they are the same.
    assert refused(found, open_graph) == []
    assert refused(found, open_zip) == []
    pickles = {name: raw for name, raw in found.items() if name.startswith("pickle")}
    assert all(kind_of(raw) == "weights" for raw in pickles.values())
    with pytest.raises(ModelError, match="run programs"):
        open_zip(packed({"any/thing.pkl": pickles["pickle with GLOBAL"]}))
