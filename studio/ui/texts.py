"""The words of the window in the chosen language. The English text is the key.

`resources/i18n/<language>.json` holds English → translated text, placeholders in braces. A text that
is missing there is shown in English, so that a new sentence never leaves a hole.
"""

import json
import locale
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from studio.core.errors import StudioError
from studio.files.places import resources

LANGUAGES: Final = {"en": "English", "zh_CN": "简体中文"}
SYSTEM: Final = "system"

_chosen = "en"


def set_language(language: str) -> str:
    """Choose the language of all texts asked for from now on; give the one that was taken.

    Args:
        language: A key of `LANGUAGES`, or "system" for that of the desktop. Anything else: English.
    """
    global _chosen  # noqa: PLW0603 - one process speaks one language; a singleton object would say no more
    if language == SYSTEM:
        language = "zh_CN" if _system_language().startswith("zh") else "en"
    _chosen = language if language in LANGUAGES else "en"
    return _chosen


def language() -> str:
    """Give the key of the chosen language."""
    return _chosen


def tr(text: str, **values: object) -> str:
    """Give a text in the chosen language, its {placeholders} filled."""
    found = catalogue(_chosen).get(text, text)
    return found.format(**values) if values else found


def tr_plural(one: str, many: str, *, n: int, **values: object) -> str:
    """Give a text for a number; `{n}` in it is the number. Chinese has the form of `many` only."""
    text = one if n == 1 and _chosen == "en" else many
    return tr(text, n=n, **values)


def N_(text: str) -> str:  # noqa: N802 - the customary mark
    """Mark a text for the catalogue and give it unchanged; `tr` it when it is shown."""
    return text


def tr_error(error: StudioError) -> str:
    """Give what went wrong and the way out, in the chosen language."""
    return f"{tr_sentence(error.what)} {tr_sentence(error.way_out)}"


def tr_sentence(sentence: str) -> str:
    """Give a finished English sentence of a lower layer (an error's) in the chosen language.

    The catalogue holds such sentences as patterns with {placeholders}; what stands in their place is
    taken over. A sentence without a pattern is given back as it came.
    """
    known = catalogue(_chosen)
    if sentence in known:
        return known[sentence]
    for pattern, translated in _patterns(_chosen):
        if match := pattern.fullmatch(sentence):
            return translated.format(**match.groupdict())
    return sentence


@lru_cache(maxsize=4)
def catalogue(language_key: str) -> dict[str, str]:
    """Give English → translated text; empty for English and for a language without a file."""
    path = catalogue_path(language_key)
    if language_key == "en" or not path.is_file():
        return {}
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def catalogue_path(language_key: str) -> Path:
    """Give the file that holds a language."""
    return resources() / "i18n" / f"{language_key}.json"


@lru_cache(maxsize=4)
def _patterns(language_key: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for text, translated in catalogue(language_key).items():
        if "{" in text:
            found.append((_pattern(text), translated))
    return tuple(found)


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", text)
    seen: set[str] = set()
    pattern = ""
    for place, part in enumerate(parts):
        if place % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)


def _system_language() -> str:
    try:
        return locale.getlocale(locale.LC_MESSAGES)[0] or ""
    except (AttributeError, ValueError):  # Windows has no LC_MESSAGES; a broken locale has no name
        return locale.getlocale()[0] or ""
