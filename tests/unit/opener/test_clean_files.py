"""False alarms: what others make in good faith is not refused.

Fifty files in the normal run, five hundred in full.
"""

import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.provenance import provenance_of
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.engine.foreign_inputs import read_inputs
from studio.files.images import encode_jpeg, encode_png, encode_webp
from studio.files.model_folder import read_card
from studio.files.model_zip import write_model_zip
from studio.opener.host import answer_for
from studio.opener.kinds import HEAD_BYTES, kind_of
from studio.opener.model_reader import ModelZip
from studio.opener.onnx_walk import walk_graph
from studio.protocol.trial_messages import TrialWishes
from tests.fakes.foreign_graphs import Wanted, foreign_graph
from tests.fakes.galleries import CARD, picture_of, recipe_of
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow

EVERY = 1 if os.environ.get("STUDIO_TEST_ALL") else 10


def graphs() -> Iterator[Wanted]:
    """Give 360 kinds of graphs."""
    batches: tuple[str | int, ...] = ("batch", 1)
    for latent, batch, channels, layout, colours, opset in itertools.product(
        ((8,), (8, 1, 1), (6, 8)),
        batches,
        (1, 3, 4),
        ("NCHW", "NHWC"),
        ("-1..1", "0..255"),
        (11, 13, 15, 17, 20),
    ):
        yield Wanted(
            latent=latent, batch=batch, channels=channels, layout=layout, colours=colours,
            opset=opset,
        )  # fmt: skip


def test_graphs_of_others() -> None:
    chosen = list(itertools.islice(graphs(), 0, None, EVERY))
    assert len(chosen) == 360 // EVERY
    for number, wanted in enumerate(chosen):
        raw = foreign_graph(wanted, seed=number)
        assert kind_of(raw[:HEAD_BYTES]) == "graph"
        read_inputs(walk_graph(raw, file_name=""), TrialWishes())


def test_models_that_were_passed_on(tmp_path: Path) -> None:
    for number in range(20 // EVERY):
        model = make_tiny_model(
            tmp_path / str(number), resolution=16 << number % 3, channels=4, weight_seed=number
        )
        target = tmp_path / "x.zip"
        write_model_zip(model, read_card(model), target=target)
        raw = target.read_bytes()
        assert kind_of(raw[:HEAD_BYTES]) == "zip"
        assert ModelZip(io.BytesIO(raw)).card == read_card(model)


def test_pictures_and_recipes() -> None:
    for number in range(0, 60, EVERY):
        provenance = provenance_of(recipe_of(number), CARD, size=(32, 32), pixels="ab" * 32)
        for encode in (encode_png, encode_jpeg, encode_webp):
            raw = encode(picture_of(number), provenance)
            assert kind_of(raw[:HEAD_BYTES]) == "picture"
            answer, _ = answer_for(raw)
            assert (answer.recipe_refused, answer.picture_refused) == (None, None)
        recipe = new_recipe("ab" * 32, number)
        assert recipe_from_json(recipe_to_json(recipe)).recipe == recipe
