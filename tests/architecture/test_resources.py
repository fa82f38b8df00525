"""Fonts have every character of our texts; icons are of one make."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QRawFont
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from tests.architecture import rules

FONTS = rules.ROOT / "resources/fonts"
ICONS = sorted((rules.ROOT / "resources/icons").glob("*.svg"))
APP_ICON = "latent-studio"

# Characters that are never drawn.
_SILENT = set("\n\r\t\u200b\ufeff\u00ad")


def _find_missing(fonts: list[QRawFont], text: str) -> set[str]:
    """Find characters that none of `fonts` has."""
    return {
        char
        for char in set(text) - _SILENT
        if not any(font.supportsCharacter(ord(char)) for font in fonts)
    }


def _open_fonts(*names: str) -> list[QRawFont]:
    fonts = [QRawFont(str(FONTS / name), 13.0) for name in names]
    assert all(font.isValid() for font in fonts)
    return fonts


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_chinese_font_has_every_character_of_our_texts(qtbot: QtBot, style: str) -> None:
    fonts = _open_fonts("Inter-Regular.otf", f"LatentStudioCJK-{style}.otf")
    texts = [
        path
        for path in (rules.ROOT / "resources/i18n").rglob("zh*")
        if path.suffix in {".json", ".ts"}
    ]
    for path in texts:
        assert _find_missing(fonts, path.read_text(encoding="utf-8")) == set(), path.name


def test_chinese_font_has_gb2312_level_1(qtbot: QtBot) -> None:
    fonts = _open_fonts("LatentStudioCJK-Regular.otf")
    level_1 = "".join(
        bytes([row, cell]).decode("gb2312", "ignore")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
    )
    assert len(level_1) == 3_755
    assert _find_missing(fonts, level_1 + "，。？！：；、（）《》“”‘’…—·％") == set()


def test_missing_character_is_found(qtbot: QtBot) -> None:
    assert _find_missing(_open_fonts("LatentStudioCJK-Regular.otf"), "画\U0001f600") == {
        "\U0001f600"
    }


@pytest.mark.parametrize("style", ["Regular", "Medium", "SemiBold"])
def test_latin_font_has_what_we_write(qtbot: QtBot, style: str) -> None:
    text = "The quick brown fox 0123456789 −×÷≤≥≈…•σψ–—“”‘’→←↑↓·°²½%§©éüñçøåßŁżőğ"
    assert _find_missing(_open_fonts(f"Inter-{style}.otf"), text) == set()


def test_each_font_has_its_licence_beside_it() -> None:
    for font in FONTS.glob("*.otf"):
        licence = FONTS / f"{font.stem.partition('-')[0]}-OFL.txt"
        text = licence.read_text(encoding="utf-8")
        assert font.name in text
        assert "PERMISSION & CONDITIONS" in text
        assert "DISCLAIMER" in text


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_icon_is_of_one_make(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert QSvgRenderer(str(path)).isValid()
    if path.stem == APP_ICON:
        return
    assert root.get("viewBox") == "0 0 20 20"
    assert root.get("stroke-width") == "1.5"
    assert root.get("stroke-linecap") == root.get("stroke-linejoin") == "round"
    # One colour, which the palette takes the place of.
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', text)) <= {"#000", "none"}
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem)
