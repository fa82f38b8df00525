"""What a run's scores advise: whether to stop now, and whether it copies."""

from typing import Final

from studio.app.training_desk import Phase
from studio.app.training_view import RunView
from studio.ui.texts import tr, tr_plural
from studio.ui.train_words import Line

_SCORED_SINCE: Final = 2  # a single worse reading is noise


def advice_line(view: RunView, phase: Phase, *, dismissed: int | None) -> Line | None:
    """Give one sentence of advice, None when there is none to give.

    Args:
        view: The run.
        phase: What it does.
        dismissed: Number of the best snapshot for which the artist wanted to go on.
    """
    best = view.best_snapshot
    if best is None:
        return None
    if phase == "finished":
        if view.end == "best":
            text = tr("It did not get better any more, so training ended by itself.")
        else:
            text = tr("The model is made from it, unless you choose another.")
        title = tr("Snapshot {n} is the best", n=best.number)
        return Line("best", "ok", title, text, (("best", tr("Go to {n}", n=best.number)),))
    scored_since = [
        one for one in view.snapshots if one.scores is not None and one.images > best.images
    ]
    if len(scored_since) < _SCORED_SINCE or dismissed == best.number or phase != "running":
        return None
    return Line(
        "best",
        "info",
        tr("Snapshot {n} is the best so far", n=best.number),
        tr("Likeness has not moved since. You can stop now and lose little."),
        (("best", tr("Go to {n}", n=best.number)), ("go_on", tr("Keep training"))),
    )


def copies_line(view: RunView) -> Line | None:
    """Give whether the newest measured snapshot copies, None before one was measured."""
    snapshot = view.newest_scored
    if snapshot is None or snapshot.scores is None:
        return None
    num_copies = sum(one.is_copy for one in snapshot.nearest)
    buttons = (
        (
            (
                "closest",
                tr_plural("Show the closest", "Show the {n} closest", n=len(snapshot.nearest)),
            ),
        )
        if snapshot.nearest
        else ()
    )
    scores = snapshot.scores
    percent = 100 * scores.copies
    if num_copies or scores.copies > 0:
        title = tr("Some are very close")
        share = f"{percent:.0f}" if percent >= 1 else f"{percent:.1f}"
        text = tr(
            "{percent} % of {n} made pictures are close to one of yours.",
            percent=share,
            n=scores.num_made,
        )
        return Line("copies", "warn", title, text, buttons)
    text = tr("Of {n} made pictures, none is close to one of yours.", n=scores.num_made)
    return Line("copies", "ok", tr("None found"), text, buttons)
