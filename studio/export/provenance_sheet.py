"""The provenance sheet of one picture: one page as text, HTML, PNG or PDF."""

import base64
import html
import io
from pathlib import Path
from typing import Final

from PIL import Image

from studio.core.errors import StorageError
from studio.export.lettering import draw_line, fitting, num_fitting, text_width
from studio.export.provenance_facts import (
    SHEET_SUFFIXES,
    Section,
    SheetSubject,
    sheet_date,
    sheet_sections,
)
from studio.files.atomic import write_bytes_atomic
from studio.files.images import encode_jpeg, resize_to

# A4 at 150 dots an inch.
_DPI: Final = 150
_PAGE_PX: Final = (1240, 1754)
_MARGIN_PX: Final = 105
_PICTURE_PX: Final = 400
_GAP_PX: Final = 45
_NAMES_PX: Final = 215
_MAX_LINES: Final = 2  # for each name, source or figure: one page must hold them all
_INK, _QUIET, _LINE = 34, 110, 205
_STYLE: Final = """
@page { size: A4; margin: 16mm }
body { font: 10pt/1.45 system-ui, "Noto Sans SC", sans-serif; color: #222; max-width: 178mm;
       margin: 8mm auto }
h1 { font-size: 19pt; font-weight: 600; margin: 0 } .quiet { color: #6e6e6e }
h2 { font-size: 10pt; font-weight: 600; margin: 4.5mm 0 1mm; border-top: .2mm solid #cdcdcd;
     padding-top: 2mm }
table { border-collapse: collapse } td { padding: .3mm 4mm .3mm 0; vertical-align: top }
td:first-child { color: #6e6e6e; white-space: nowrap } p { margin: 0 0 .6mm }
td + td { overflow-wrap: anywhere } img { float: right; width: 62mm; margin: 0 0 4mm 6mm }
"""


def make_sheet_page(subject: SheetSubject, suffix: str) -> bytes:
    """Give the sheet as a file.

    Args:
        subject: The picture.
        suffix: ".pdf", ".png", ".html" or ".txt".

    Raises:
        StorageError: Another suffix.
    """
    sections = sheet_sections(subject)
    if suffix == ".txt":
        return _as_text(subject.name, sections).encode()
    if suffix == ".html":
        return _as_html(subject, sections).encode()
    if suffix not in SHEET_SUFFIXES:
        raise StorageError(
            "A provenance sheet is a PDF, PNG, HTML or text file.",
            "Give a name that ends in .pdf, .png, .html or .txt.",
        )
    target = io.BytesIO()
    page = _Page(subject, sections).image
    page.save(target, suffix[1:].upper(), resolution=_DPI, dpi=(_DPI, _DPI))
    return target.getvalue()


def suffix_of(path: Path) -> str:
    """Give the kind of sheet that a name asks for."""
    return path.suffix.lower()


def save_sheet(path: Path, subject: SheetSubject) -> Path:
    """Write the sheet in the kind that the name asks for, and give the name back.

    Raises:
        StorageError: It could not be written, or the name asks for another kind.
    """
    write_bytes_atomic(path, make_sheet_page(subject, suffix_of(path)), name="the sheet")
    return path


def _as_text(name: str, sections: tuple[Section, ...]) -> str:
    lines = [_plain(name), "Provenance", ""]
    for section in sections:
        lines.append(section.heading)
        lines += [f"  {key + ': ' if key else ''}{_plain(value)}" for key, value in section.rows]
        lines.append("")
    return "\n".join((*lines, sheet_date(), ""))


def _as_html(subject: SheetSubject, sections: tuple[Section, ...]) -> str:
    small = resize_to(subject.picture, min(512, max(subject.picture.shape[:2])))
    picture = base64.b64encode(encode_jpeg(small, quality=92)).decode("ascii")
    parts = [
        f'<img alt="" src="data:image/jpeg;base64,{picture}">',
        f"<h1>{html.escape(_plain(subject.name))}</h1><p class=quiet>Provenance</p>",
    ]
    for section in sections:
        parts.append(f"<h2>{html.escape(section.heading)}</h2>")
        rows = [(html.escape(key), html.escape(_plain(value))) for key, value in section.rows]
        parts += [f"<p>{value}</p>" for key, value in rows if not key]
        named = [f"<tr><td>{key}</td><td>{value}</td></tr>" for key, value in rows if key]
        parts += ["<table>", *named, "</table>"] if named else []
    title = html.escape(f"{_plain(subject.name)}: provenance")
    return (
        f'<!doctype html><html lang=en><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}"
        f"<p class=quiet style='margin-top:6mm'>{html.escape(sheet_date())}</p></body></html>\n"
    )


class _Page:
    """Draws from top to bottom; beside the picture lines are shorter."""

    def __init__(self, subject: SheetSubject, sections: tuple[Section, ...]) -> None:
        self.image = Image.new("RGB", _PAGE_PX, (255, 255, 255))
        self._y = _MARGIN_PX + 36
        self._picture_end = self._draw_picture(subject)
        self._sentence(_plain(subject.name), size_px=40, grey=_INK)
        self._sentence("Provenance", size_px=21, grey=_QUIET)
        room = _PAGE_PX[1] - _MARGIN_PX - 40
        for section in sections:
            self._section(section, room=room)
        foot = _PAGE_PX[1] - _MARGIN_PX
        draw_line(self.image, (_MARGIN_PX, foot), text=sheet_date(), size_px=18, grey=_QUIET)

    def _draw_picture(self, subject: SheetSubject) -> int:
        small = Image.fromarray(subject.picture)
        small = small.resize(
            _fitted(small.size, _PICTURE_PX),
            Image.Resampling.LANCZOS,
        )
        self.image.paste(small, (_PAGE_PX[0] - _MARGIN_PX - small.width, _MARGIN_PX))
        return _MARGIN_PX + small.height + 30

    @property
    def _right(self) -> int:
        edge = _PAGE_PX[0] - _MARGIN_PX
        return edge - _PICTURE_PX - _GAP_PX if self._y < self._picture_end else edge

    def _section(self, section: Section, *, room: int) -> None:
        if self._y > room - 60:
            return
        self._y += 20
        self.image.paste((_LINE,) * 3, (_MARGIN_PX, self._y - 24, self._right, self._y - 23))
        self._y += 8
        self._sentence(section.heading, size_px=22, grey=_INK)
        for name, value in section.rows:
            if self._y > room:
                return
            if not name:
                self._sentence(_plain(value), size_px=19, grey=_INK)
            elif text_width(name, 19) <= _NAMES_PX - 15:
                draw_line(self.image, (_MARGIN_PX, self._y), text=name, size_px=19, grey=_QUIET)
                self._sentence(_plain(value), size_px=19, grey=_INK, left=_MARGIN_PX + _NAMES_PX)
            else:
                self._sentence(f"{name}: {_plain(value)}", size_px=19, grey=_INK)

    def _sentence(self, text: str, *, size_px: int, grey: int, left: int = _MARGIN_PX) -> None:
        """Draw a text on as many lines as it needs, at most two."""
        rest = text
        for number in range(_MAX_LINES):
            width = self._right - left
            line = _first_line(rest, size_px, width_px=width)
            rest = rest[len(line) :].lstrip()
            if rest and number == _MAX_LINES - 1:
                line = fitting(f"{line} {rest}", size_px, width_px=width)
            draw_line(self.image, (left, self._y), text=line.strip(), size_px=size_px, grey=grey)
            self._y += round(size_px * 1.5)
            if not rest:
                return


def _first_line(text: str, size_px: int, *, width_px: float) -> str:
    """Give as much as fits, up to a space where there is one; at least one letter."""
    if text_width(text, size_px) <= width_px:
        return text
    count = max(1, num_fitting(text, size_px, width_px=width_px))
    space = text.rfind(" ", 0, count + 1)
    return text[:space] if space > 0 else text[:count]


def _fitted(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    scale = side_px / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _plain(text: str) -> str:
    """Give a text on one line, without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
