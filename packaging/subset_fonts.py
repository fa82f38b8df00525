"""Cut the Chinese interface font out of Noto Sans CJK, once; the result is committed.

    apt-get download fonts-noto-cjk && dpkg -x fonts-noto-cjk_*.deb noto
    uv run --group fonts python packaging/subset_fonts.py noto/usr/share/fonts/opentype/noto

Kept: every character of our own texts (resources/i18n), the 3,755 of GB 2312 level 1 (so that a new text rarely
needs a new cut), CJK punctuation, full-width forms and Latin. The family is renamed, so that the subset never stands
in for a whole Noto on the artist's system.
"""

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "resources/fonts"
FAMILY = "Latent Studio CJK"
STYLES = ("Regular", "Bold")  # for text and for titles

# The collection holds one face per language; this one has the mainland forms.
SIMPLIFIED_FACE = "Noto Sans CJK SC"

# Windows-1252-like Latin, punctuation, arrows, mathematical signs: what stands between Chinese words.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0xFF),
    (0x2010, 0x2027),
    (0x2190, 0x2193),
    (0x3000, 0x301F),
    (0xFF01, 0xFF5E),
)
SINGLE = "−×÷≤≥≈…•σψ￥"


def list_level_1() -> set[str]:
    """Give the 3,755 characters of GB 2312 level 1: rows 16 to 55 of the standard, 94 each, the last row 89."""
    found = set()
    for row in range(16, 56):
        for cell in range(1, 95):
            try:
                found.add(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def list_characters() -> set[str]:
    """Give every character that the font must have."""
    wanted = list_level_1() | set(SINGLE)
    for first, last in RANGES:
        wanted |= {chr(code) for code in range(first, last + 1)}
    for path in (ROOT / "resources/i18n").rglob("zh*"):
        wanted |= set(path.read_text(encoding="utf-8"))
    return {char for char in wanted if char.isprintable()}


def open_face(collection: Path) -> TTFont:
    """Open the simplified face of the collection."""
    for number in range(20):
        font = TTFont(collection, fontNumber=number, lazy=True)
        if font["name"].getDebugName(1).startswith(SIMPLIFIED_FACE):
            return font
    raise ValueError(f"no face {SIMPLIFIED_FACE} in {collection.name}")


def cut(font: TTFont, characters: set[str], *, style: str) -> None:
    """Keep `characters` in `font` and give it our family name."""
    options = subset.Options()
    options.layout_features = ["kern", "palt", "locl", "ccmp", "calt", "liga"]
    options.hinting = False
    options.desubroutinize = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(char) for char in characters])
    cutter.subset(font)
    full = f"{FAMILY} {style}"
    names = {1: FAMILY, 2: style, 3: full, 4: full, 6: f"LatentStudioCJK-{style}"}
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in {0, 5, 7, 8, 9, 11, 13, 14}]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def main() -> None:
    """Cut and say how large the result is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where NotoSansCJK-Regular.ttc and -Bold.ttc are")
    folder = parser.parse_args().folder
    characters = list_characters()
    for style in STYLES:
        font = open_face(folder / f"NotoSansCJK-{style}.ttc")
        cut(font, characters, style=style)
        target = TARGET / f"LatentStudioCJK-{style}.otf"
        font.save(target)
        print(f"{target.name}: {len(characters)} characters, {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
