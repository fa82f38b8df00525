"""Finding a command by a few of its letters."""

from typing import Final

_START: Final = 8.0
_WORD_START: Final = 5.0
_RUN: Final = 3.0
_LETTER: Final = 1.0
_GAP: Final = 0.2


def match(query: str, text: str) -> float | None:
    """Give how well the letters of a query, in order, fit a text: higher is better, None is no fit.

    Words of the query are looked for one by one, so "after comp" finds "Compare before and after".
    """
    score = 0.0
    for word in query.casefold().split():
        found = _match_word(word, text.casefold())
        if found is None:
            return None
        score += found
    return score - 0.01 * len(text)


def _match_word(word: str, text: str) -> float | None:
    """Give the best fit over all places where the word could begin."""
    starts = [place for place, letter in enumerate(text) if letter == word[0]]
    fits = [
        fit for fit in (_fit_from(word, text, start=start) for start in starts) if fit is not None
    ]
    return max(fits, default=None)


def _fit_from(word: str, text: str, *, start: int) -> float | None:
    score, place, run = 0.0, start, 0
    for letter in word:
        found = text.find(letter, place)
        if found < 0:
            return None
        run = run + 1 if found == place else 1
        is_word_start = found == 0 or not text[found - 1].isalnum()
        score += _LETTER + _RUN * (run - 1) + (_WORD_START if is_word_start else 0.0)
        score += _START if found == 0 else 0.0
        score -= _GAP * (found - place)
        place = found + 1
    return score
