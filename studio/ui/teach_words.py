"""What is said while a slider is taught: honestly how sure it is."""

from studio.core.teaching import FEW
from studio.ui.texts import tr

_UNCLEAR = 0.75  # below this share on the right side, the piles do not say one thing


def say_lesson(num_more: int, num_less: int, *, hits: int | None) -> str:
    """Give one or two sentences about what a direction rests on.

    Args:
        num_more: Pictures on "more like this".
        num_less: And on "less like this".
        hits: How many lie on the right side when each is judged by the others.
    """
    least, total = min(num_more, num_less), num_more + num_less
    if least == 0:
        return tr(
            "Compared with the model’s average picture. Pictures on the other pile make it clearer."
        )
    if total == 2:
        return tr("One pair is a guess: all else in which the two differ comes along.")
    if hits is None:
        return tr("A guess: a pile of one says little. Four on each pile are better.")
    if hits < _UNCLEAR * total:
        return tr(
            "The piles are hard to tell apart: {hits} of {total} fall on the right side.",
            hits=hits,
            total=total,
        )
    told = tr(
        "{hits} of {total} fall on the right side when judged by the others.",
        hits=hits,
        total=total,
    )
    return f"{tr('A guess from few pictures.')} {told}" if least < FEW else told
