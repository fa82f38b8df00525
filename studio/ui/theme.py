"""Colours, type and measures of the window: Fusion with palettes of our own (look: tokens of LOOK.md).

The palette carries the colours; the style sheet is only for what a palette cannot say (flat buttons,
radii, measures). Widgets that paint themselves ask `tokens_of(self.palette())`.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from studio.files.places import resources
from studio.ui.style_sheet import style_sheet

BODY_PX: Final = 13
SECOND_PX: Final = 12
CONTRAST_FLOOR: Final = 4.5

W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme as "#rrggbb"; what each is for stands in the look's table."""

    canvas: str
    panel: str
    base: str
    raised: str
    line: str
    edge: str
    text: str
    second: str
    disabled: str
    accent: str
    fill: str
    ok: str
    warn: str
    error: str
    handle: str
    groove: str


THEMES: Final[dict[str, Tokens]] = {
    "dark": Tokens(
        canvas="#333333", panel="#272727", base="#1d1d1d", raised="#383838",
        line="#1a1a1a", edge="#4a4a4a", text="#e2e2e2", second="#a8a8a8", disabled="#707070",
        accent="#6ba7e8", fill="#2f6cb3", ok="#84c08f", warn="#dcb052", error="#f08775",
        handle="#d0d0d0", groove="#151515",
    ),
    "grey": Tokens(
        canvas="#777777", panel="#535353", base="#444444", raised="#646464",
        line="#3e3e3e", edge="#7c7c7c", text="#f5f5f5", second="#dadada", disabled="#969696",
        accent="#b5d6fa", fill="#2a5f9e", ok="#b4e0bb", warn="#f2cf7e", error="#ffb9ad",
        handle="#ececec", groove="#383838",
    ),
    "light": Tokens(
        canvas="#bdbdbd", panel="#e8e8e8", base="#f6f6f6", raised="#d9d9d9",
        line="#cccccc", edge="#a8a8a8", text="#1c1c1c", second="#555555", disabled="#979797",
        accent="#1c5fa8", fill="#1f64b0", ok="#1f6b34", warn="#7a5200", error="#a8281a",
        handle="#ffffff", groove="#bcbcbc",
    ),
}  # fmt: skip
DEFAULT_THEME: Final = "dark"


def apply_theme(app: QApplication, name: str) -> None:
    """Give the whole application a theme; an unknown name takes the dark one."""
    apply_palette(app, name)
    apply_sheet(app, name)


def apply_palette(app: QApplication, name: str) -> None:
    """Give the application the colours of a theme, of which icons and painted widgets are made."""
    app.setStyle("Fusion")
    app.setPalette(make_palette(THEMES.get(name, THEMES[DEFAULT_THEME])))


def apply_sheet(app: QApplication, name: str) -> None:
    """Give the application the style sheet of a theme.

    Widgets that are built before it are polished once; those built after it each time they find a parent
    (70 ms of the window's start).
    """
    tokens = THEMES.get(name, THEMES[DEFAULT_THEME])
    on_canvas = (
        readable_on(tokens.canvas, tokens.text),
        readable_on(tokens.canvas, tokens.second, tokens.text),
    )
    pictures = resources() / "theme"
    app.setStyleSheet(
        style_sheet(tokens, hover=tokens.edge, on_canvas=on_canvas, pictures=pictures)
    )


def make_palette(tokens: Tokens) -> QPalette:
    """Give the palette of a theme."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.panel, role.WindowText: tokens.text, role.Base: tokens.base,
        role.AlternateBase: tokens.panel, role.Text: tokens.text, role.Button: tokens.raised,
        role.ButtonText: tokens.text, role.BrightText: "#ffffff", role.ToolTipBase: tokens.base,
        role.ToolTipText: tokens.text, role.PlaceholderText: tokens.second,
        role.Highlight: tokens.fill, role.HighlightedText: "#ffffff", role.Link: tokens.accent,
        role.LinkVisited: tokens.accent, role.Accent: tokens.accent, role.Light: tokens.edge,
        role.Midlight: tokens.raised, role.Mid: tokens.line, role.Dark: tokens.line,
        role.Shadow: tokens.groove,
    }  # fmt: skip
    palette = QPalette()
    for colour_role, colour in colours.items():
        palette.setColor(colour_role, QColor(colour))
    for colour_role in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, colour_role, QColor(tokens.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(tokens.raised))
    return palette


def tokens_of(palette: QPalette) -> Tokens:
    """Give the tokens of the theme that a palette belongs to (the dark ones for a foreign palette)."""
    accent = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Accent).name()
    return next(
        (tokens for tokens in THEMES.values() if tokens.accent == accent), THEMES[DEFAULT_THEME]
    )


def load_fonts(app: QApplication) -> None:
    """Load the shipped fonts and make them the application's; the system's stays the fallback."""
    system = app.font().families()
    families: list[str] = []
    for path in sorted((resources() / "fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(path))
        names = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        families += [name for name in names[:1] if name not in families]
    font = QFont(app.font())
    font.setFamilies([*families, *system])
    font.setPixelSize(BODY_PX)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    app.setFont(tabular_font(font))


def tabular_font(font: QFont) -> QFont:
    """Give the font with figures of equal width, so that numbers do not jump while they change."""
    changed = QFont(font)
    changed.setFeature(QFont.Tag("tnum"), 1)
    return changed


def second_font(font: QFont) -> QFont:
    """Give the font of secondary text."""
    changed = QFont(font)
    changed.setPixelSize(SECOND_PX)
    return changed


def mark(widget: W, role: str) -> W:
    """Give a widget a role of the style sheet: "title", "second", "main", "flat", "segment" and so on."""
    widget.setProperty("role", role)
    if widget.isVisible():  # before that the style looks at it anyway
        widget.style().unpolish(widget)
        widget.style().polish(widget)
    return widget


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, 1…21. Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable_on(ground: str, *wishes: str) -> str:
    """Give the first wish that can be read on a ground, else black or white, whichever is clearer."""
    for wish in wishes:
        if contrast(wish, ground) >= CONTRAST_FLOOR:
            return wish
    return max(("#000000", "#ffffff"), key=lambda colour: contrast(colour, ground))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
