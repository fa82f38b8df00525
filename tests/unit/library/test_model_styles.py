"""A model's styles are read whole or refused with one sentence."""

from pathlib import Path

import msgspec
import pytest

from studio.core.errors import ModelError
from studio.core.named_style import MAX_STYLES, STYLES_FILE, NamedStyle, NamedStyles
from studio.core.recipe import new_recipe
from studio.library.model_styles import MAX_STYLES_BYTES, read_styles
from tests.fakes.engine_client import fake_card

CARD = fake_card()


def _style(name: str = "Dawn", *, model: str = CARD.model, seed: int = 7) -> NamedStyle:
    return NamedStyle(name=name, recipe=new_recipe(model, seed))


def _write(folder: Path, *styles: NamedStyle, schema: int = 1) -> None:
    content = msgspec.json.encode(NamedStyles(schema=schema, styles=styles))
    (folder / STYLES_FILE).write_bytes(content)


def test_styles_come_in_their_order(tmp_path: Path) -> None:
    assert read_styles(tmp_path, CARD) == ()
    many = tuple(_style(f"style {n}", seed=n) for n in range(MAX_STYLES))
    _write(tmp_path, *many)
    assert read_styles(tmp_path, CARD) == many


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"styles": [{"name": "a"}]}', "damaged"),
        (b'{"styles": [], "code": "rm"}', "damaged"),
        (b" " * (MAX_STYLES_BYTES + 1), "too large"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(content: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / STYLES_FILE).write_bytes(content)
    with pytest.raises(ModelError, match=why):
        read_styles(tmp_path, CARD)


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    bad = msgspec.structs.replace(new_recipe(CARD.model, 1), psi=(9.0, 9.0, 9.0))
    for styles, why in (
        ((_style(" "),), "no name"),
        ((_style("a\nb"),), "no name"),
        ((_style("x" * 81),), "no name"),
        ((_style(model="cd" * 32),), "another model"),
        ((NamedStyle(name="Loud", recipe=bad),), "truncation"),
        (tuple(_style() for _ in range(MAX_STYLES + 1)), "25 styles"),
    ):
        _write(tmp_path, *styles)
        with pytest.raises(ModelError, match=why):
            read_styles(tmp_path, CARD)
    _write(tmp_path, _style(), schema=2)
    with pytest.raises(ModelError, match="newer"):
        read_styles(tmp_path, CARD)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / STYLES_FILE).mkdir()
    with pytest.raises(ModelError, match="cannot be read"):
        read_styles(tmp_path, CARD)
