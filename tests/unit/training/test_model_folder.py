import numpy as np
import pytest

from studio.core.model_card import MAPPING_FILE, SYNTHESIS_FILE
from studio.core.training_spec import make_spec
from studio.protocol.training_messages import ModelWish
from studio.training.model_folder import describe


@pytest.mark.parametrize(
    ("config", "resolution", "is_sketch"),
    [("s", 256, False), ("s", 128, True), ("xs", 256, True), ("sketch", 256, True)],
)
def test_only_what_is_smaller_than_s_is_called_a_sketch(
    config: str, resolution: int, is_sketch: bool
) -> None:
    card = describe(
        "x",
        ModelWish(name="X"),
        spec=make_spec(resolution=resolution, config=config, kimg=1),
        files={MAPPING_FILE: b"m", SYNTHESIS_FILE: b"s", "preview.webp": b"p"},
        mean_D=np.zeros(256, np.float32),
    )
    assert card.sketch is is_sketch
    assert set(card.graphs) == {MAPPING_FILE, SYNTHESIS_FILE}
    assert card.training is None
