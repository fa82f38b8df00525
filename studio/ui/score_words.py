"""What the scores on a model's card are called, and which way is better."""

from typing import Final, Literal

import msgspec

from studio.core.model_card import ModelCard, Score
from studio.ui.texts import N_, tr

Kind = Literal["number", "share"]


class _Words(msgspec.Struct, frozen=True):
    name: str
    better: str
    kind: Kind = "number"


_LOWER: Final = N_("lower is better")
_HIGHER: Final = N_("higher is better")
_WORDS: Final = {
    "likeness": _Words(N_("Likeness"), _LOWER),
    "likeness_random": _Words(N_("Likeness, second opinion"), _LOWER),
    "variety": _Words(N_("Variety"), _HIGHER),
    "density": _Words(N_("Density"), N_("about 1 is best")),
    "distance": _Words(N_("Distance to training pictures"), N_("near 0 is a copy")),
    "copies": _Words(N_("Near copies"), _LOWER, "share"),
    "stairs": _Words(N_("Steps in blends"), N_("lower is smoother")),
}
_SLICED: Final = "sliced_"


class ScoreRow(msgspec.Struct, frozen=True):
    """One score as people read it.

    Attributes:
        name: What was measured.
        better: Which way is better, "" when that is not known.
        value: The figure.
        floor: The same between real pictures and real pictures, "" when it was not measured.
        beside: How many pictures, and in which feature network; "" when that is not told.
    """

    name: str
    better: str
    value: str
    floor: str = ""
    beside: str = ""


def score_rows(card: ModelCard) -> tuple[ScoreRow, ...]:
    """Give the scores of a card, the known ones first, then finest details, then others."""
    known = [name for name in _WORDS if name in card.scores]
    sliced = sorted(
        (name for name in card.scores if _size_of(name)), key=lambda name: _size_of(name) or 0
    )
    others = sorted(name for name in card.scores if name not in (*known, *sliced))
    return tuple(_row(name, card.scores[name]) for name in (*known, *sliced, *others))


def say_copies(card: ModelCard) -> str:
    """Give the share of near copies in a few words, "" when it was not measured."""
    score = card.scores.get("copies")
    if score is None:
        return ""
    return tr("near copies {share}", share=_say(score.value, "share"))


def say_number(number: float) -> str:
    """Give a number with as many digits as an eye compares: 0.19, 2.4, 31."""
    digits = 0 if abs(number) >= 10 else 1 if abs(number) >= 1 else 2
    text = f"{number:.{digits}f}"
    return "0" if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def _row(name: str, score: Score) -> ScoreRow:
    words = _WORDS.get(name)
    size = _size_of(name)
    if words is None and size:
        words = _Words(tr("Details of {size} px", size=size), _LOWER)
    kind: Kind = words.kind if words is not None else "number"
    beside = [tr("{n} pictures", n=score.n) if score.n is not None else "", score.phi or ""]
    return ScoreRow(
        name=tr(words.name) if words is not None else name.replace("_", " "),
        better=tr(words.better) if words is not None else "",
        value=_say(score.value, kind),
        floor="" if score.floor is None else _say(score.floor, kind),
        beside=", ".join(part for part in beside if part),
    )


def _say(number: float, kind: Kind) -> str:
    return (
        tr("{share} %", share=say_number(100 * number)) if kind == "share" else say_number(number)
    )


def _size_of(name: str) -> int | None:
    size = name.removeprefix(_SLICED)
    return int(size) if name.startswith(_SLICED) and size.isdecimal() else None
