"""Every text can be read on its ground, in every theme."""

import itertools

import pytest
from PySide6.QtGui import QPalette

from studio.ui.theme import CONTRAST_FLOOR, THEMES, contrast, make_palette, readable_on, tokens_of

TEXTS_ON = {
    "text": ("panel", "base", "raised"),
    "second": ("panel", "base"),
    "ok": ("panel",),
    "warn": ("panel",),
    "error": ("panel",),
}
PAIRS = [(text, ground) for text, grounds in TEXTS_ON.items() for ground in grounds]


@pytest.mark.parametrize(("theme", "pair"), list(itertools.product(THEMES, PAIRS)))
def test_texts_have_enough_contrast(theme: str, pair: tuple[str, str]) -> None:
    tokens = THEMES[theme]
    text, ground = (getattr(tokens, name) for name in pair)
    assert contrast(text, ground) >= CONTRAST_FLOOR, f"{pair} in {theme}"


@pytest.mark.parametrize("theme", THEMES)
def test_white_can_be_read_on_filled_buttons_and_words_on_the_canvas(theme: str) -> None:
    tokens = THEMES[theme]
    assert contrast("#ffffff", tokens.fill) >= CONTRAST_FLOOR
    shown = readable_on(tokens.canvas, tokens.second, tokens.text)
    assert contrast(shown, tokens.canvas) >= CONTRAST_FLOOR


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_a_palette_gives_back_its_tokens(theme: str) -> None:
    palette = make_palette(THEMES[theme])
    assert tokens_of(palette) == THEMES[theme]
    assert palette.color(QPalette.ColorRole.Window).name() == THEMES[theme].panel


def test_greys_have_no_tint() -> None:
    for tokens in THEMES.values():
        for name in ("canvas", "panel", "base", "raised", "text", "second"):
            colour = getattr(tokens, name)
            assert colour[1:3] == colour[3:5] == colour[5:7], name
