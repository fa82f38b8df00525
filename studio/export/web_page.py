"""A gallery as a web page that stands alone: it opens from a folder, without network or server."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Final

import msgspec

from studio.core.provenance import PROGRAM, parameters_text
from studio.export.set_files import SetFile, SetPicture, credit_of
from studio.export.set_settings import PageSettings
from studio.export.sprite_sheet import frame_names
from studio.export.stills import PAGE_STILL, SUFFIX_BY_FORMAT, StillSettings, encode_still
from studio.files.places import resources

_MIME: Final = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
}
# Only pictures, this style and this script, each by its hash: the page can ask for nothing else.
_POLICY: Final = (
    "default-src 'none'; img-src data: 'self' file:; style-src 'sha256-{style}'; "
    "script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
)


class PageWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says besides names, in its language."""

    language: str = "en"
    title: str = "Pictures"
    picture_of: str = "{name}, a picture made with the generator “{model}”"
    model: str = "Model"
    seed: str = "Seed"
    recipe: str = "Recipe"
    credit: str = "Credit"
    previous: str = "Previous picture"
    next: str = "Next picture"
    close: str = "Back to all pictures"
    made_with: str = "Made with {program}. These pictures were made by a trained generator."


class _Told(msgspec.Struct, frozen=True):
    """What all parts of a page must know."""

    title: str
    still: StillSettings
    words: PageWords


def page_files(
    pictures: Sequence[SetPicture],
    settings: PageSettings,
    *,
    stem: str,
    still: StillSettings = PAGE_STILL,
    words: PageWords = PageWords(),  # noqa: B008 - frozen
) -> tuple[SetFile, ...]:
    """Give the page, alone or in a folder of the stem's name with its pictures.

    Args:
        pictures: One or more, as large as they shall be or larger.
        settings: How.
        stem: Of its name.
        still: Format and quality of its pictures, and whether recipes are on the page and inside
            them. What no browser shows becomes WebP.
        words: What it says.

    Raises:
        PictureError: A recipe does not fit into the format.
    """
    if still.format not in _MIME:
        still = msgspec.structs.replace(still, format="webp")
    still = msgspec.structs.replace(still, size=settings.size, bits=8)
    told = _Told(settings.title or words.title, still, words)
    suffix = SUFFIX_BY_FORMAT[still.format]
    contents = [
        encode_still(one.picture, recipe=one.recipe, card=one.card, settings=still)
        for one in pictures
    ]
    names = [f"pictures/{name.removesuffix('.png')}{suffix}" for name in frame_names(pictures)]
    if settings.form == "file":
        kind = _MIME[still.format]
        links = [f"data:{kind};base64,{base64.b64encode(one).decode()}" for one in contents]
        return (SetFile(f"{stem}.html", _page(pictures, links, told=told)),)
    links = [_as_link(name) for name in names]
    page = SetFile(f"{stem}/index.html", _page(pictures, links, told=told))
    beside = [SetFile(f"{stem}/{name}", one) for name, one in zip(names, contents, strict=True)]
    return (*beside, page)


def _as_link(name: str) -> str:
    """Give a relative address for a file's name, whatever letters it has."""
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
    return "".join(
        letter if letter in plain else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in name
    )


def _page(pictures: Sequence[SetPicture], links: Sequence[str], *, told: _Told) -> bytes:
    words = told.words
    style, script = _part("page.css"), _part("page.js")
    policy = _POLICY.format(style=_hash(style), script=_hash(script))
    title = told.title
    cells = [
        _cell(pictures, links, number=number, told=told) for number in range(1, len(pictures) + 1)
    ]
    credit = credit_of(pictures, still=told.still)
    foot = words.made_with.format(program=PROGRAM) if told.still.with_recipe else ""
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{escape(words.language)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="dark">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            f"<header><h1>{escape(title)}</h1></header>",
            '<main class="grid">',
            *cells,
            "</main>",
            f"<footer><p>{escape(credit)}</p><p>{escape(foot)}</p></footer>",
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    ).encode()


def _cell(pictures: Sequence[SetPicture], links: Sequence[str], *, number: int, told: _Told) -> str:
    """Give one picture: small in the grid, and over the whole page when its address is chosen."""
    one, words = pictures[number - 1], told.words
    name = one.name or one.seed
    height, width = one.picture.shape[:2]
    alt = words.picture_of.format(name=name, model=one.card.name)
    facts = "".join(
        f"<dt>{escape(head)}</dt><dd>{escape(text)}</dd>" for head, text in _facts(one, told=told)
    )
    steps = [
        _step("prev", number - 1, count=len(pictures), sign="←", words=words.previous),
        _step("next", number + 1, count=len(pictures), sign="→", words=words.next),
        f'<a rel="up" href="#g{number}" aria-label="{escape(words.close)}">×</a>',
    ]
    return (
        f'<div id="g{number}"><figure id="p{number}">'
        f'<a class="picture" href="#p{number}"><img src="{escape(links[number - 1])}" '
        f'alt="{escape(alt)}" width="{width}" height="{height}"></a>'
        f"<figcaption>{escape(name)}</figcaption><nav>{''.join(steps)}</nav>"
        f"<dl>{facts}</dl></figure></div>"
    )


def _step(rel: str, number: int, *, count: int, sign: str, words: str) -> str:
    if not 1 <= number <= count:
        return '<span class="off"></span>'
    return f'<a rel="{rel}" href="#p{number}" aria-label="{escape(words)}">{sign}</a>'


def _facts(one: SetPicture, *, told: _Told) -> list[tuple[str, str]]:
    """Give what is said beside an open picture; without recipes only model and credit."""
    words, recipe = told.words, one.recipe
    height, width = one.picture.shape[:2]
    facts = [(words.model, one.card.name)]
    if told.still.with_recipe and recipe is not None:
        facts.append((words.seed, one.seed))
        lines = parameters_text(recipe, size=(width, height), model_name=one.card.name)
        # Its first line names the model again, its last one is for other programs.
        facts.append((words.recipe, "\n".join(lines.splitlines()[1:-1])))
    credit = credit_of([one], still=told.still)
    if credit:
        facts.append((words.credit, credit))
    return facts


def _part(name: str) -> str:
    return (resources() / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
